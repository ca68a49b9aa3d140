/* link: -Wl,--wrap=pwrite */
#include "pipeline/shelf.h"

#include "pool/frame.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

#include <cmocka.h>

static bool disk_full;

ssize_t __real_pwrite(int fd, const void *data, size_t size, off_t at);
ssize_t __wrap_pwrite(int fd, const void *data, size_t size, off_t at);

/* A full disk takes some of it before it says so. */
ssize_t
__wrap_pwrite(int fd, const void *data, size_t size, off_t at)
{
	if (disk_full && size <= 10) {
		errno = ENOSPC;
		return -1;
	}
	return __real_pwrite(fd, data, disk_full ? 10 : size, at);
}

static void
put(struct ms_shelf *shelf, struct ms_shelf_item *item, GByteArray *frame)
{
	(void)ms_shelf_put(shelf, item, frame->data, frame->len);
	g_byte_array_unref(frame);
}

/* COUNT findings named after SEED. */
static void
fill(struct ms_shelf *shelf, struct ms_shelf_item *item, unsigned seed,
    unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		char *name = g_strdup_printf("%u.%u", seed, i);

		put(shelf, item, ms_frame_finding(MS_FINDING_MALWARE,
		    "e", name, "1"));
		g_free(name);
	}
}

static void
check(struct ms_shelf *shelf, struct ms_shelf_item *item, unsigned seed,
    unsigned count)
{
	struct ms_facts facts;

	ms_facts_init(&facts);
	assert_int_equal(MS_OK, ms_shelf_take(shelf, item, &facts, NULL));
	assert_int_equal(count, facts.findings->len);
	for (unsigned i = 0; i < count; i++) {
		const struct ms_finding *finding = facts.findings->pdata[i];
		char *name = g_strdup_printf("%u.%u", seed, i);

		assert_string_equal(name, finding->name);
		g_free(name);
	}
	ms_facts_clear(&facts);
}

/* Items in any order, in memory and on disk, with room and without. */
static void
test_random(void **state)
{
	unsigned seed = (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 60; round++) {
		struct ms_shelf *shelf = ms_shelf_new(".",
		    round % 3 == 0 ? 0 : 2000);
		struct ms_shelf_item *items[20];
		unsigned counts[20];

		for (unsigned i = 0; i < 20; i++) {
			items[i] = ms_shelf_add(shelf);
			counts[i] = (unsigned)rand() % 20;
			fill(shelf, items[i], i, counts[i]);
			disk_full = round % 2 == 1 && rand() % 2;
			if (rand() % 4)
				ms_shelf_rest(shelf, items[i]);
			disk_full = false;
		}
		for (unsigned i = 0; i < 20; i++)
			if (rand() % 5)
				check(shelf, items[i], i, counts[i]);
			else
				ms_shelf_drop(shelf, items[i]);
		ms_shelf_drop(shelf, NULL);
		ms_shelf_free(shelf);
	}
	ms_shelf_free(NULL);
}

/* Findings for which there is no room are not forgotten. */
static void
test_more(void **state)
{
	struct ms_shelf *shelf = ms_shelf_new(".", SIZE_MAX);
	struct ms_shelf_item *item = ms_shelf_add(shelf);
	char *part = g_strnfill(4000, 'p');
	const struct ms_finding *finding;
	struct ms_facts facts;

	(void)state;
	for (unsigned i = 0; i < 1100; i++)
		put(shelf, item, ms_frame_finding(MS_FINDING_MALWARE,
		    "e", "same", part));
	ms_facts_init(&facts);
	assert_int_equal(MS_OK, ms_shelf_take(shelf, item, &facts, NULL));
	assert_int_equal(2, facts.findings->len);
	finding = facts.findings->pdata[1];
	assert_string_equal(MS_FACTS_MORE, finding->name);
	assert_int_equal(MS_FINDING_MALWARE, finding->kind);
	ms_facts_clear(&facts);
	ms_shelf_free(shelf);
	g_free(part);
}

/* Parts beyond what a report may list are counted. */
static void
test_parts(void **state)
{
	char *name = g_strnfill(4000, 'n');
	const struct ms_part part = { .path = name, .content_type = name,
		.filename = name, .detected_type = "text/plain", .size = 1 };
	struct ms_shelf *shelf = ms_shelf_new(".", SIZE_MAX);
	struct ms_shelf_item *item = ms_shelf_add(shelf);
	struct ms_facts facts;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		put(shelf, item, ms_frame_part(&part));
	put(shelf, item, ms_frame_finding(MS_FINDING_MALWARE,
	    "e", "last", "1"));
	ms_facts_init(&facts);
	assert_int_equal(MS_OK, ms_shelf_take(shelf, item, &facts, NULL));
	assert_int_equal(1000, facts.parts->len + facts.parts_omitted);
	assert_in_range(facts.parts->len, MS_FACTS_PARTS_BYTES_MAX / 13000,
	    MS_FACTS_PARTS_BYTES_MAX / 12000);
	assert_int_equal(1, facts.findings->len);
	ms_facts_clear(&facts);
	ms_shelf_free(shelf);
	g_free(name);
}

/* Blobs are kept as far as their bytes may go; a gap tells of the others, and
 * a smaller one still has room. */
static void
test_blobs(void **state)
{
	static const struct {
		uint64_t size;
		enum ms_status want;
	} rows[] = {
		{ 60, MS_OK }, { 41, MS_END }, { UINT64_MAX, MS_END },
		{ 40, MS_OK }, { 1, MS_END }, { 0, MS_OK },
	};
	struct ms_shelf *shelf = ms_shelf_new(".", SIZE_MAX);
	struct ms_shelf_item *item = ms_shelf_add(shelf);
	struct ms_facts facts;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_blob blob = { .size = rows[i].size,
			.detected_type = "text/plain",
			.sha256 = ms_hash_of(&rows[i].size, 8) }, got;
		GByteArray *frame = ms_frame_blob(&blob);

		assert_int_equal(rows[i].want, ms_shelf_put_blob(shelf,
		    item, frame->data, frame->len, 100, &got));
		assert_int_equal(rows[i].size, got.size);
		assert_int_equal(MS_E_PEER, ms_shelf_put_blob(shelf, item,
		    frame->data, frame->len - 1, 100, &got));
		g_byte_array_unref(frame);
	}
	ms_facts_init(&facts);
	assert_int_equal(MS_OK, ms_shelf_take(shelf, item, &facts, NULL));
	assert_int_equal(3, g_hash_table_size(facts.blobs));
	assert_int_equal(1, facts.gaps->len);
	ms_facts_clear(&facts);
	ms_shelf_free(shelf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blobs),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_more),
		cmocka_unit_test(test_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
