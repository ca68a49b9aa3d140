#include "report/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct ms_report_options options = { .summary = true,
	.parts = true };
static const struct ms_report_engine engine = { .name = "clamav" };

/* Each name in the list opens a report of that name, and no other does. */
static void
test_formats(void **state)
{
	const char *const *names = ms_report_formats();
	size_t count = 0;

	(void)state;
	for (; names[count]; count++) {
		struct ms_report *report = ms_report_new(names[count], NULL,
		    &options, &engine);

		print_message("  %s\n", names[count]);
		assert_non_null(report);
		assert_string_equal(names[count], report->ops->name);
		assert_non_null(report->ops->message);
		assert_non_null(report->ops->notice);
		assert_non_null(report->ops->summary);
		ms_report_free(report);
	}
	assert_int_equal(7, count);
	assert_false(ms_report_is_whole("text"));
	assert_false(ms_report_is_whole("jsonl"));
	assert_true(ms_report_is_whole("prom"));
	assert_false(ms_report_is_whole("xml"));
	/* The tree is none of them: a scan does not ask for its parts. */
	ms_report_free(ms_report_new("tree", NULL, &options, &engine));
	assert_null(ms_report_new("xml", NULL, &options, &engine));
	assert_null(ms_report_new("", NULL, &options, &engine));
	ms_report_free(NULL);
}

static enum ms_status
write_all(struct ms_report *report, struct ms_error *err)
{
	struct ms_message message = { .origin = {
		.source = (char *)"a.eml" } };
	struct ms_report_totals totals = { .messages = 1 };
	struct ms_outcome *outcome = ms_outcome_new(&message);
	enum ms_status status = ms_report_message(report, outcome, err);

	if (status == MS_OK)
		status = ms_report_notice(report, MS_REPORT_FAILED,
		    &message.origin, "why", err);
	if (status == MS_OK)
		status = ms_report_summary(report, &totals, err);
	ms_outcome_free(outcome);
	return status;
}

/* No report ends well on a full disk, whatever the stream's buffer. */
static void
test_full_disk(void **state)
{
	static const int modes[] = { _IONBF, _IOLBF, _IOFBF };

	(void)state;
	for (size_t i = 0; i < 2 * G_N_ELEMENTS(modes); i++) {
		const char *name = ms_report_formats()[i % 2];
		FILE *stream = fopen("/dev/full", "w");
		struct ms_report *report;
		struct ms_error err = { "" };

		print_message("  %s, buffer %zu\n", name, i / 2);
		if (!stream)
			skip();
		setvbuf(stream, NULL, modes[i / 2], 4096);
		report = ms_report_new(name, stream, &options, &engine);
		assert_int_equal(MS_E_IO, write_all(report, &err));
		assert_non_null(strstr(err.text, "No space left"));
		assert_int_equal(MS_E_IO, write_all(report, &err));
		ms_report_free(report);
		fclose(stream);
	}
}

/* A stream that failed before, and works again, lacks something. */
static void
test_failed_before(void **state)
{
	FILE *stream = fopen("/dev/null", "r");
	struct ms_report *report = ms_report_new("text", stream, &options,
	    &engine);
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(EOF, fputc('x', stream));
	assert_int_equal(MS_E_IO, write_all(report, &err));
	assert_non_null(strstr(err.text, "cannot write the report"));
	ms_report_free(report);
	fclose(stream);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_failed_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
