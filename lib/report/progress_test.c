#include "report/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int64_t now_ms;

static int64_t
fake_clock_ms(void)
{
	return now_ms;
}

/* What a terminal shows after TEXT: one line, on which a carriage return
 * goes back to the start. */
static void
show(const char *text, char line[256])
{
	size_t column = 0, end = 0;

	memset(line, 0, 256);
	for (; *text; text++) {
		assert_true(column < 255);
		if (*text == '\r') {
			column = 0;
			continue;
		}
		line[column++] = *text;
		end = column > end ? column : end;
	}
	while (end > 0 && line[end - 1] == ' ')
		line[--end] = '\0';
}

static void
test_lines(void **state)
{
	static const struct {
		int64_t at_ms;
		struct ms_progress_counts counts;
		const char *want;
	} cases[] = {
		{ 0, { 0, 0, 0, 0 }, "0 messages, 0.00 MB, 0 found" },
		{ 199, { 1, 1, 0, 0 }, "0 messages, 0.00 MB, 0 found" },
		{ 200, { 1, 1u << 20, 0, 0 },
		    "1 message, 1.00 MB, 0 found" },
		{ 399, { 7, 7, 0, 0 }, "1 message, 1.00 MB, 0 found" },
		{ 2000, { 2000, 3u << 20, 0, 4 },
		    "2000 messages, 3.00 MB, 1.50 MB/s, 4 found" },
		{ 3000, { 1, 3u << 20, 6u << 20, 0 },
		    "1 message, 3.00 MB, 1.00 MB/s, ETA 0:03, 0 found" },
		{ 4000, { 1, 1u << 20, 1024u << 20, 0 },
		    "1 message, 1.00 MB, 0.25 MB/s, ETA 1:08:12, 0 found" },
		/* Totals grow stale: better no ETA than one from before. */
		{ 5000, { 1, 2, 1, 0 },
		    "1 message, 0.00 MB, 0.00 MB/s, 0 found" },
		{ 6000, { 1, 0, 9, 0 },
		    "1 message, 0.00 MB, 0.00 MB/s, 0 found" },
	};
	char *got = NULL, line[256];
	size_t size = 0;
	FILE *stream = open_memstream(&got, &size);
	struct ms_progress *progress;

	(void)state;
	now_ms = 100;
	progress = ms_progress_new(stream, fake_clock_ms);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		print_message("  %s\n", cases[i].want);
		now_ms = 100 + cases[i].at_ms;
		ms_progress_update(progress, &cases[i].counts);
		fflush(stream);
		show(got, line);
		assert_string_equal(cases[i].want, line);
	}
	ms_progress_free(progress);
	fflush(stream);
	show(got, line);
	assert_string_equal("", line);
	assert_int_equal('\r', got[size - 1]);
	fclose(stream);
	free(got);
}

static void
test_clear(void **state)
{
	struct ms_progress_counts counts = { .messages = UINT64_MAX,
		.bytes = UINT64_MAX, .total_bytes = UINT64_MAX,
		.found = UINT64_MAX };
	char *got = NULL, line[256];
	size_t size = 0;
	FILE *stream = open_memstream(&got, &size);
	struct ms_progress *progress;

	(void)state;
	now_ms = 0;
	progress = ms_progress_new(stream, fake_clock_ms);
	ms_progress_clear(progress);
	fflush(stream);
	assert_int_equal(0, size);
	now_ms = 1000;
	ms_progress_update(progress, &counts);
	fflush(stream);
	show(got, line);
	assert_in_range(strlen(line), 70, 79);
	ms_progress_clear(progress);
	fflush(stream);
	show(got, line);
	assert_string_equal("", line);
	ms_progress_free(progress);
	ms_progress_free(NULL);
	fclose(stream);
	free(got);
}

/* What cannot be shown changes nothing. */
static void
test_full(void **state)
{
	struct ms_progress_counts counts = { 0 };
	FILE *stream = fopen("/dev/full", "w");
	struct ms_progress *progress;

	(void)state;
	if (!stream)
		skip();
	progress = ms_progress_new(stream, NULL);
	ms_progress_update(progress, &counts);
	ms_progress_free(progress);
	fclose(stream);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_clear),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
