#include "pipeline/pieces.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define BYTES_MAX 1000

/* WHAT is "NUMBER/TOTAL=TEXT", of message ID. */
static enum ms_status
add(struct ms_pieces *pieces, const char *id, const char *what,
    uint64_t owner)
{
	struct ms_piece piece = { .id = id };
	FILE *file = tmpfile();
	uint64_t range[2] = { 3, 0 };
	enum ms_status status;
	char *end;

	piece.number = (uint32_t)strtoul(what, &end, 10);
	piece.total = (uint32_t)strtoul(end + 1, &end, 10);
	range[1] = strlen(++end);
	fprintf(file, "abc%sxyz", end);
	fflush(file);
	status = ms_pieces_add(pieces, &piece, fileno(file), range, owner,
	    NULL);
	fclose(file);
	return status;
}

static void
expect_whole(struct ms_pieces *pieces, const char *want, guint want_owners)
{
	const struct ms_spool_config config = { .heap_max = 4096 };
	struct ms_spool *spool = ms_spool_new(&config);
	GArray *owners = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	const unsigned char *data;

	assert_int_equal(MS_OK, ms_pieces_join(pieces, 4096, spool, owners,
	    NULL));
	assert_int_equal(MS_OK, ms_spool_map(spool, &data, NULL));
	assert_int_equal(strlen(want), ms_spool_size(spool));
	assert_memory_equal(want, data, strlen(want));
	assert_int_equal(want_owners, owners->len);
	g_array_unref(owners);
	ms_spool_free(spool);
}

static void
test_any_order(void **state)
{
	struct ms_pieces *pieces = ms_pieces_new("/tmp", BYTES_MAX);

	(void)state;
	assert_int_equal(MS_END, add(pieces, "a/b", "3/3=three", 1));
	assert_int_equal(MS_END, add(pieces, "a", "1/0=other", 2));
	assert_int_equal(MS_END, add(pieces, "a/b", "1/0=one", 3));
	assert_int_equal(MS_OK, add(pieces, "a/b", "2/0=two", 4));
	expect_whole(pieces, "onetwothree", 3);
	assert_int_equal(MS_OK, add(pieces, "a", "2/2=!", 5));
	expect_whole(pieces, "other!", 2);
	ms_pieces_free(pieces);
}

/* One that comes later under the same number hides nothing. */
static void
test_twice(void **state)
{
	struct ms_pieces *pieces = ms_pieces_new("/tmp", BYTES_MAX);

	(void)state;
	assert_int_equal(MS_END, add(pieces, "a", "1/2=one", 1));
	assert_int_equal(MS_OK, add(pieces, "a", "2/2=two", 2));
	expect_whole(pieces, "onetwo", 2);
	assert_false(ms_pieces_doubtful(pieces, "a"));
	assert_int_equal(MS_OK, add(pieces, "a", "2/2=two", 4));
	expect_whole(pieces, "onetwo", 3);
	assert_false(ms_pieces_doubtful(pieces, "a"));
	assert_int_equal(MS_OK, add(pieces, "a", "1/2=ONE", 3));
	expect_whole(pieces, "ONEtwo", 3);
	assert_true(ms_pieces_doubtful(pieces, "a"));
	assert_false(ms_pieces_doubtful(pieces, "b"));
	ms_pieces_free(pieces);
}

static void
test_lying_totals(void **state)
{
	struct ms_pieces *pieces = ms_pieces_new("/tmp", BYTES_MAX);

	(void)state;
	assert_int_equal(MS_OK, add(pieces, "less", "1/1=one", 1));
	expect_whole(pieces, "one", 1);
	assert_int_equal(MS_OK, add(pieces, "less", "2/1=two", 2));
	expect_whole(pieces, "onetwo", 2);
	assert_int_equal(MS_END, add(pieces, "less", "9/1=nine", 3));
	assert_int_equal(MS_END, add(pieces, "more", "1/3=one", 4));
	assert_int_equal(MS_END, add(pieces, "more", "2/3=two", 5));
	assert_int_equal(MS_END, add(pieces, "huge", "4294967295/1=x", 6));
	assert_int_equal(MS_E_LIMIT, add(pieces, "zero", "0/1=x", 7));
	ms_pieces_free(pieces);
}

static void
test_limits(void **state)
{
	const struct ms_spool_config config = { .heap_max = 4096 };
	struct ms_pieces *pieces = ms_pieces_new("/tmp", 10);
	GArray *owners = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	struct ms_spool *spool = ms_spool_new(&config);
	enum ms_status status = MS_OK;

	(void)state;
	assert_int_equal(MS_END, add(pieces, "a", "1/2=12345678", 1));
	assert_int_equal(MS_E_LIMIT, add(pieces, "a", "2/2=123", 1));
	assert_int_equal(MS_OK, add(pieces, "a", "2/2=12", 1));
	assert_int_equal(MS_E_LIMIT, ms_pieces_join(pieces, 9, spool, owners,
	    NULL));
	for (int i = 0; i < 100 && status == MS_OK; i++) {
		ms_spool_clear(spool);
		status = ms_pieces_join(pieces, 10, spool, owners, NULL);
	}
	assert_int_equal(MS_E_LIMIT, status);
	ms_spool_free(spool);
	g_array_unref(owners);
	ms_pieces_free(pieces);
}

/* Less than what was said is there. */
static void
test_cut(void **state)
{
	struct ms_pieces *pieces = ms_pieces_new("/tmp", BYTES_MAX);
	const struct ms_piece piece = { "a", 1, 1 };
	const uint64_t range[2] = { 0, 100 };
	FILE *file = tmpfile();

	(void)state;
	assert_int_equal(MS_E_IO, ms_pieces_add(pieces, &piece, fileno(file),
	    range, 1, NULL));
	fclose(file);
	ms_pieces_free(pieces);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_lying_totals),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
