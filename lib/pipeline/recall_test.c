/* link: -Wl,--wrap=pwrite */
#include "pipeline/recall.h"

#include "message/intake.h"
#include "pipeline/pipeline.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <cmocka.h>

static bool disk_full;

ssize_t __real_pwrite(int fd, const void *data, size_t size, off_t at);
ssize_t __wrap_pwrite(int fd, const void *data, size_t size, off_t at);

ssize_t
__wrap_pwrite(int fd, const void *data, size_t size, off_t at)
{
	if (disk_full) {
		errno = ENOSPC;
		return -1;
	}
	return __real_pwrite(fd, data, size, at);
}

static struct ms_mark
mark_of(unsigned n)
{
	return (struct ms_mark){ { n, ~(uint64_t)n } };
}

/* The result of message N: its number, as often as fills SIZE bytes. */
static void
put(struct ms_recall *recall, unsigned n, size_t size)
{
	struct ms_mark mark = mark_of(n);
	char *text = g_malloc(size);

	for (size_t i = 0; i < size; i++)
		text[i] = (char)(n >> (i % 4 * 8));
	ms_recall_put(recall, &mark, text, size);
	g_free(text);
}

/* Is the result of N there, all of SIZE bytes? */
static bool
has(struct ms_recall *recall, unsigned n, size_t size)
{
	GByteArray *frames = g_byte_array_new();
	struct ms_mark mark = mark_of(n);
	bool found;

	g_byte_array_append(frames, (const guint8 *)"x", 1);
	found = ms_recall_get(recall, &mark, frames);
	assert_int_equal(1 + (found ? size : 0), frames->len);
	for (size_t i = 0; found && i < size; i++)
		assert_int_equal((guint8)(n >> (i % 4 * 8)),
		    frames->data[1 + i]);
	g_byte_array_unref(frames);
	return found;
}

static void
test_put_get(void **state)
{
	struct ms_recall *recall = ms_recall_new(".");

	(void)state;
	assert_false(has(recall, 1, 0));
	put(recall, 1, 100);
	put(recall, 2, 0);
	put(recall, 1, 50);
	put(recall, 3, MS_RECALL_RESULT_BYTES);
	put(recall, 4, MS_RECALL_RESULT_BYTES + 1);
	assert_true(has(recall, 1, 100));
	assert_true(has(recall, 2, 0));
	assert_true(has(recall, 3, MS_RECALL_RESULT_BYTES));
	assert_false(has(recall, 4, 0));
	ms_recall_free(recall);
	ms_recall_free(NULL);
}

/* The latest stay, what is asked for stays, and there is an end to both
 * numbers and bytes. */
static void
test_bounds(void **state)
{
	static const struct {
		unsigned count, keep;
		size_t size;
	} rows[] = {
		{ 3 * MS_RECALL_MAX, MS_RECALL_MAX, 20 },
		{ 3000, MS_RECALL_BYTES / 2 / 100000, 100000 },
	};

	(void)state;
	for (size_t r = 0; r < G_N_ELEMENTS(rows); r++) {
		struct ms_recall *recall = ms_recall_new(".");
		unsigned kept = 0;

		for (unsigned n = 0; n < rows[r].count; n++) {
			put(recall, n, rows[r].size);
			assert_true(has(recall, 0, rows[r].size));
		}
		for (unsigned n = rows[r].count; n-- > 0;) {
			struct ms_mark mark = mark_of(n);
			GByteArray *frames = g_byte_array_new();
			bool found = ms_recall_get(recall, &mark, frames);

			kept += found;
			if (n + rows[r].keep / 2 > rows[r].count)
				assert_true(found);
			g_byte_array_unref(frames);
		}
		print_message("%u of %u\n", kept, rows[r].count);
		assert_in_range(kept, rows[r].keep / 2, 2 * rows[r].keep);
		ms_recall_free(recall);
	}
}

/* What cannot be written is not known, and the rest is as it was. */
static void
test_disk_full(void **state)
{
	struct ms_recall *recall = ms_recall_new(".");

	(void)state;
	for (unsigned n = 0; n < 200; n++) {
		disk_full = n >= 100 && n < 150;
		put(recall, n, 50000);
		disk_full = false;
	}
	for (unsigned n = 0; n < 200; n++)
		assert_int_equal(n < 100 || n >= 150, has(recall, n, 50000));
	ms_recall_free(recall);
}

/* Whatever makes another result makes another mark. */
static void
test_marks(void **state)
{
	struct ms_recall *recall = ms_recall_new(".");
	const struct ms_spool_config config = { .heap_max = 100 };
	struct ms_message messages[7];
	struct ms_mark marks[2 * G_N_ELEMENTS(messages)];
	unsigned count = 0;

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(messages); i++) {
		struct ms_message *m = &messages[i];

		*m = (struct ms_message){ .size = 10 };
		m->body = ms_spool_new(&config);
		assert_int_equal(MS_OK, ms_spool_write(m->body, "0123456789",
		    i == 1 ? 9 : 10, NULL));
		if (i == 2)
			m->size = 11;
		if (i == 3)
			m->omitted = 1;
		if (i == 4)
			m->sha256.bytes[31] = 1;
		if (i == 5)
			m->sha256_canonical.bytes[0] = 1;
		for (int raw = 0; raw < 2; raw++)
			marks[count++] = ms_recall_mark(recall, m, raw);
	}
	/* The last is as the first. */
	for (unsigned i = 0; i < count; i++)
		for (unsigned k = 0; k < i; k++)
			assert_int_equal(i - k == 12,
			    ms_mark_equal(&marks[i], &marks[k]));
	for (unsigned i = 0; i < G_N_ELEMENTS(messages); i++)
		ms_spool_free(messages[i].body);
	ms_recall_free(recall);
}

/* An engine that counts what it looks at, and does what the text says. */
static unsigned looked;

static enum ms_status
open_counter(const struct ms_engine_config *config, void **state,
    struct ms_error *err)
{
	(void)config;
	(void)err;
	*state = &looked;
	return MS_OK;
}

static void
close_counter(void *state)
{
	(void)state;
}

static enum ms_status
set_tmpdir_counter(void *state, const char *dir, struct ms_error *err)
{
	(void)state;
	(void)dir;
	(void)err;
	return MS_OK;
}

static enum ms_status
scan_counter(void *state, const struct ms_engine_input *input,
    const struct ms_engine_sink *sink, void *arg, struct ms_error *err)
{
	unsigned *count = state;

	/* The message, and not what is in it. */
	if (memmem(input->data, input->size, "Subject:", 8) == NULL)
		return MS_OK;
	++*count;
	if (memmem(input->data, input->size, "bad", 3))
		sink->found(arg, "Test.Bad");
	if (memmem(input->data, input->size, "slow", 4))
		sink->gap(arg, MS_ENGINE_GAP_TIME, "slow");
	if (memmem(input->data, input->size, "large", 5))
		sink->gap(arg, MS_ENGINE_GAP_SIZE, "large");
	if (memmem(input->data, input->size, "broken", 6))
		return ms_error_set(err, MS_E_ENGINE, "broken");
	return MS_OK;
}

static void
info_counter(const void *state, struct ms_engine_info *info)
{
	(void)state;
	*info = (struct ms_engine_info){ .name = g_strdup("counter"),
		.version = g_strdup("1"), .database = g_strdup("") };
}

static const struct ms_engine_ops counter = {
	.name = "counter",
	.open = open_counter,
	.close = close_counter,
	.set_tmpdir = set_tmpdir_counter,
	.scan = scan_counter,
	.info = info_counter,
};

static struct ms_pipeline *
open_pipeline(void)
{
	const struct ms_pipeline_config config = {
		.ops = &counter,
		.limits = { .part_bytes = 1 << 20, .total_bytes = 1 << 20,
		    .ratio = 100, .parts = 100, .mime_depth = 10,
		    .archive_depth = 10, .time_ms = 60 * 1000 },
		.in_process = true,
		.parts = true,
		.tempdir = ".",
		.workdir = ".",
	};
	struct ms_pipeline *pipeline = NULL;

	assert_int_equal(MS_OK, ms_pipeline_open(&config, &pipeline, NULL));
	return pipeline;
}

/* What comes of TEXT: an outcome for ms_outcome_free(). */
static struct ms_outcome *
scan(struct ms_pipeline *pipeline, const char *text, const char *format,
    bool cut)
{
	static const struct ms_intake_config config = {
		.spool = { .heap_max = 1 << 20 }, .max_bytes = 1 << 20 };
	struct ms_intake *intake = ms_intake_new(&config);
	struct ms_outcome *outcome;
	struct ms_message *made;
	void *note;

	ms_intake_begin(intake, MS_INTAKE_AS_IS);
	assert_int_equal(MS_OK, ms_intake_feed(intake, text, strlen(text),
	    NULL));
	assert_int_equal(MS_OK, ms_intake_end(intake, &made, NULL));
	ms_intake_free(intake);
	made->origin.format = format;
	made->cut = cut;
	assert_int_equal(MS_OK, ms_pipeline_submit(pipeline, made, NULL));
	assert_int_equal(MS_OK, ms_pipeline_next(pipeline, 0, &outcome,
	    &note, NULL));
	assert_non_null(outcome);
	return outcome;
}

/* Which messages are looked at again, and that it makes no difference. */
static void
test_pipeline(void **state)
{
	static const struct {
		const char *name, *text;
		unsigned looks;		/* at the message, twice scanned */
	} rows[] = {
		{ "clean", "Subject: a\n\nhello\n", 1 },
		{ "another", "Subject: a\n\nhello!\n", 1 },
		{ "found", "Subject: a\n\nbad\n", 1 },
		{ "gap", "Subject: a\n\nlarge\n", 1 },
		{ "time", "Subject: a\n\nslow\n", 2 },
		{ "found and time", "Subject: a\n\nbad slow\n", 2 },
		{ "engine failed", "Subject: a\n\nbroken\n", 2 },
		{ "a piece", "Subject: a\nContent-Type: message/partial; "
		  "id=1; number=1; total=2\n\nhello\n", 2 },
	};
	struct ms_pipeline *pipeline = open_pipeline();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_outcome *one, *two;

		print_message("  %s\n", rows[i].name);
		looked = 0;
		one = scan(pipeline, rows[i].text, "eml", false);
		two = scan(pipeline, rows[i].text, "maildir", false);
		assert_int_equal(rows[i].looks, looked);
		assert_int_equal(one->verdict, two->verdict);
		assert_string_equal("a", one->facts.headers.subject);
		assert_string_equal("a", two->facts.headers.subject);
		assert_int_equal(one->facts.findings->len,
		    two->facts.findings->len);
		assert_int_equal(one->facts.gaps->len,
		    two->facts.gaps->len);
		assert_in_range(one->facts.parts->len, 1, 2);
		assert_int_equal(one->facts.parts->len,
		    two->facts.parts->len);
		ms_outcome_free(one);
		ms_outcome_free(two);
	}
	/* The same bytes as a file, or cut off, are another thing. */
	looked = 0;
	ms_outcome_free(scan(pipeline, rows[0].text, "raw", false));
	assert_int_equal(1, looked);
	ms_outcome_free(scan(pipeline, rows[0].text, "eml", true));
	assert_int_equal(2, looked);
	ms_outcome_free(scan(pipeline, rows[0].text, "eml", false));
	assert_int_equal(2, looked);
	ms_pipeline_close(pipeline);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put_get),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_disk_full),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_pipeline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
