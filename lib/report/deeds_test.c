#include "report/deeds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
test_lines(void **state)
{
	static const struct {
		const char *want;
		struct ms_deed deeds[3];
	} rows[] = {
		{ .want = "" },
		{ "a: moved to quarantine D/1\n", {
		    { "quarantine", MS_DEED_DONE, (char *)"D/1" },
		    { "remove", MS_DEED_DONE, NULL } } },
		{ "a: moving to quarantine D/1\n", {
		    { "quarantine", MS_DEED_DONE, (char *)"D/1" },
		    { "remove", MS_DEED_PENDING, NULL } } },
		{ "a: would be moved to quarantine\n", {
		    { "quarantine", MS_DEED_WOULD, NULL },
		    { "remove", MS_DEED_WOULD, NULL } } },
		{ "a: copied to quarantine D/1\n"
		    "a: FAILED to remove: locked\\x0a\n", {
		    { "quarantine", MS_DEED_DONE, (char *)"D/1" },
		    { "remove", MS_DEED_FAILED, (char *)"locked\n" } } },
		{ "a: FAILED to quarantine: disk full\n", {
		    { "quarantine", MS_DEED_FAILED, (char *)"disk full" } } },
		{ "a: copied to quarantine D/2\na: removed\n", {
		    { "copy", MS_DEED_DONE, (char *)"D/2" },
		    { "remove", MS_DEED_DONE, NULL } } },
		{ "a: flagged F\na: moved to folder: .Junk/cur/1\n", {
		    { "flag", MS_DEED_DONE, (char *)"F" },
		    { "to-folder", MS_DEED_DONE,
		    (char *)".Junk/cur/1" } } },
		{ "a: would be flagged F\na: would be moved to folder J\n", {
		    { "flag", MS_DEED_WOULD, (char *)"F" },
		    { "to-folder", MS_DEED_WOULD, (char *)"J" } } },
		{ "a: burn done: x\n", {
		    { "burn", MS_DEED_DONE, (char *)"x" } } },
	};
	GString *label = g_string_new("a");

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		GPtrArray *deeds = g_ptr_array_new();
		GString *out = g_string_new(NULL);

		print_message("  %s", rows[i].want);
		for (size_t k = 0; k < 3 && rows[i].deeds[k].action; k++)
			g_ptr_array_add(deeds,
			    (void *)(uintptr_t)&rows[i].deeds[k]);
		ms_deeds_append(out, label, deeds);
		assert_string_equal(rows[i].want, out->str);
		g_string_free(out, TRUE);
		g_ptr_array_unref(deeds);
	}
	g_string_free(label, TRUE);
}

static void
test_actions(void **state)
{
	static const struct {
		const char *want;
		struct ms_report_action action;
	} rows[] = {
		{ "in\\x0a: 1 message removed\n",
		  { "in\n", "expunge", MS_DEED_DONE, 1, NULL } },
		{ "in: 2 messages removed (late)\n",
		  { "in", "expunge", MS_DEED_DONE, 2, "late" } },
		{ "in: FAILED to remove 3 messages: \\x1b\n",
		  { "in", "expunge", MS_DEED_FAILED, 3, "\033" } },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		GString *out = g_string_new(NULL);

		ms_deeds_append_action(out, &rows[i].action);
		assert_string_equal(rows[i].want, out->str);
		g_string_free(out, TRUE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_actions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
