#include "pipeline/track.h"

#include "pool/frame.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct ms_message message = {
	.origin = { .source = (char *)"test", .format = "eml" },
	.size = 5,
};

static void
set_up(struct ms_pipeline *pipeline, bool found, bool gaps)
{
	*pipeline = (struct ms_pipeline){ .next_id = 7 };
	pipeline->by_id = g_hash_table_new(g_int64_hash, g_int64_equal);
	pipeline->shelf = ms_shelf_new(".", 1 << 20);
	ms_keep_init(&pipeline->keep, found, gaps);
}

static void
tear_down(struct ms_pipeline *pipeline)
{
	g_hash_table_unref(pipeline->by_id);
	ms_shelf_free(pipeline->shelf);
}

static void
drop(struct ms_pipeline *pipeline, struct ms_track *entry)
{
	assert_true(g_hash_table_remove(pipeline->by_id, &entry->id));
	ms_track_free(pipeline, entry);
}

static void
test_new(void **state)
{
	struct ms_pipeline pipeline;
	struct ms_track *one, *two;

	(void)state;
	set_up(&pipeline, false, false);
	one = ms_track_new(&pipeline, &message);
	two = ms_track_new(&pipeline, &message);
	assert_int_equal(one->id, 7);
	assert_int_equal(two->id, 8);
	assert_int_equal(two->job.id, 8);
	assert_int_equal(two->job.fd, -1);
	assert_ptr_equal(g_hash_table_lookup(pipeline.by_id, &two->id), two);
	assert_false(one->done);
	drop(&pipeline, one);
	drop(&pipeline, two);
	tear_down(&pipeline);
}

/* A body is kept if what was found in it is worth it, counts as long as it is,
 * and is closed if not. */
static void
test_rest(void **state)
{
	static const struct {
		bool found, keeps, wanted;
	} rows[] = {
		{ false, true, false }, { true, false, false },
		{ true, true, true },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_pipeline pipeline;
		struct ms_track *entry;
		int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

		assert_true(fd >= 0);
		set_up(&pipeline, rows[i].keeps, false);
		entry = ms_track_new(&pipeline, &message);
		entry->job.fd = fd;
		entry->job.size = 5;
		if (rows[i].found)
			ms_track_frame(&pipeline, entry, ms_frame_finding(
			    MS_FINDING_MALWARE, "e", "n", "1"));
		else
			ms_track_frame(&pipeline, entry,
			    ms_frame_ambiguity("a", "", ""));
		assert_int_equal(ms_track_wants_body(&pipeline, entry),
		    rows[i].wanted);
		ms_track_rest(&pipeline, entry);
		assert_int_equal(entry->kept, rows[i].wanted);
		assert_int_equal(entry->job.fd, rows[i].wanted ? fd : -1);
		assert_int_equal(fcntl(fd, F_GETFD) >= 0, rows[i].wanted);
		assert_int_equal(pipeline.keep.line.count, rows[i].wanted);
		drop(&pipeline, entry);
		assert_int_equal(fcntl(fd, F_GETFD), -1);
		assert_int_equal(pipeline.keep.line.count, 0);
		assert_int_equal(pipeline.keep.line.bytes, 0);
		tear_down(&pipeline);
	}
}

/* What lies in a file of its own is not kept: it can be read again. */
static void
test_file(void **state)
{
	struct ms_pipeline pipeline;
	struct ms_track *entry;

	(void)state;
	set_up(&pipeline, true, true);
	entry = ms_track_new(&pipeline, &message);
	ms_track_frame(&pipeline, entry, ms_frame_gap(MS_REASON_ENCRYPTED,
	    "", ""));
	assert_true(ms_track_wants_body(&pipeline, entry));
	entry->outcome->origin.ino = 1;
	assert_false(ms_track_wants_body(&pipeline, entry));
	ms_track_rest(&pipeline, entry);
	assert_false(entry->kept);
	drop(&pipeline, entry);
	tear_down(&pipeline);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_rest),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
