#include "report/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
test_quoted_max(void **state)
{
	static const struct {
		const char *text;
		size_t max;
		const char *want;
	} cases[] = {
		{ NULL, 5, "" },
		{ "", 5, "" },
		{ "cats!", 5, "cats!" },
		{ "cats!!", 5, "cats!..." },
		{ "a\\b", 4, "a\\\\b" },
		{ "a\\b", 3, "a\\\\..." },
		{ "a\\b", 2, "a..." },
		{ "\001", 4, "\\x01" },
		{ "\001", 3, "..." },
		{ "\303\266\303\266\303\266", 2, "\303\266\303\266..." },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *out = g_string_new(NULL);

		ms_line_quoted_max(out, cases[i].text, cases[i].max);
		assert_string_equal(cases[i].want, out->str);
		g_string_free(out, TRUE);
	}
}

static void
test_megabytes(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *want;
	} cases[] = {
		{ 0, "0.00 MB" },
		{ 10485, "0.00 MB" },
		{ 10486, "0.01 MB" },
		{ 1048575, "0.99 MB" },
		{ 1048576, "1.00 MB" },
		{ 1572864, "1.50 MB" },
		{ UINT64_MAX, "17592186044415.99 MB" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *out = g_string_new(NULL);

		ms_line_megabytes(out, cases[i].bytes);
		assert_string_equal(cases[i].want, out->str);
		g_string_free(out, TRUE);
	}
}

static void
test_label(void **state)
{
	static char path[] = "in\nbox", id[] = "<a@b>", none[] = "";
	static char queue[] = "4A\n";
	static const struct {
		bool many;
		uint64_t index;
		char *id;
		const char *want;
		char *queue_id;
	} cases[] = {
		{ false, 1, id, "in\\x0abox", NULL },
		{ false, 1, id, "in\\x0abox[4A\\x0a <a@b>]", queue },
		{ false, 1, NULL, "in\\x0abox[4A\\x0a]", queue },
		{ true, 0, id, "in\\x0abox[#0 before the first message]",
		  NULL },
		{ true, 7, id, "in\\x0abox[#7 <a@b>]", NULL },
		{ true, 7, none, "in\\x0abox[#7]", NULL },
		{ true, 7, NULL, "in\\x0abox[#7]", NULL },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_envelope envelope = {
			.queue_id = cases[i].queue_id
		};
		struct ms_outcome outcome = { .envelope = &envelope };
		GString *label;

		outcome.origin.source = path;
		outcome.origin.many = cases[i].many;
		outcome.origin.index = cases[i].index;
		outcome.facts.headers.message_id = cases[i].id;
		label = ms_line_label(&outcome);
		assert_string_equal(cases[i].want, label->str);
		g_string_free(label, TRUE);
	}
}

/* A write that fails is told once by the write, or by the flush. */
static void
test_write(void **state)
{
	GString *out = g_string_new("text");
	struct ms_error err = { "" };
	FILE *full = fopen("/dev/full", "w"), *none = fopen("/dev/null", "w");

	(void)state;
	assert_non_null(full);
	assert_non_null(none);
	assert_int_equal(MS_OK, ms_line_write(none, out, &err));
	assert_int_equal(0, out->len);
	assert_int_equal(MS_OK, ms_line_flush(none, &err));
	(void)setvbuf(full, NULL, _IONBF, 0);
	g_string_assign(out, "text");
	assert_int_equal(MS_E_IO, ms_line_write(full, out, &err));
	assert_non_null(strstr(err.text, "No space left"));
	/* Nothing new failed, but not all is there. */
	assert_int_equal(MS_E_IO, ms_line_flush(full, &err));
	assert_non_null(strstr(err.text, "earlier"));
	(void)fclose(full);
	(void)fclose(none);
	g_string_free(out, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quoted_max),
		cmocka_unit_test(test_megabytes),
		cmocka_unit_test(test_label),
		cmocka_unit_test(test_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
