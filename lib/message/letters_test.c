#include "message/letters.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char box[] = "From a@b Mon Mar  2 08:14:05 2026\nSubject: x\n\n"
    "one\n\nFrom c@d Mon Mar  2 08:14:05 2026\nSubject: y\n\ntwo\n";

static enum ms_status
on_letter(void *arg, const struct ms_letter *letter, struct ms_error *err)
{
	(void)err;
	g_string_append_printf(arg, "%s=%.*s|", letter->name,
	    (int)letter->size, (const char *)letter->data);
	return MS_OK;
}

static enum ms_status
on_first(void *arg, const struct ms_letter *letter, struct ms_error *err)
{
	(void)on_letter(arg, letter, err);
	return MS_END;
}

static void
check(uint64_t parts, ms_letters_visit *visit, enum ms_status status,
    const char *want)
{
	const struct ms_spool_config spool = { .heap_max = 1 << 20 };
	const struct ms_budget_limits limits = { .part_bytes = 1 << 20,
		.total_bytes = 1 << 20, .ratio = 100, .parts = parts,
		.time_ms = 3600 * 1000 };
	struct ms_budget budget;
	const struct ms_letters_input input = { (const unsigned char *)box,
		sizeof box - 1, &spool, &budget };
	GString *told = g_string_new(NULL);
	struct ms_error err;

	ms_budget_init(&budget, &limits);
	assert_int_equal(ms_letters(&input, visit, told, &err), status);
	assert_string_equal(told->str, want);
	(void)g_string_free(told, TRUE);
}

static void
test_letters(void **state)
{
	(void)state;
	check(10, on_letter, MS_OK, "#1=Subject: x\n\none\n|"
	    "#2=Subject: y\n\ntwo\n|");
	check(10, on_first, MS_OK, "#1=Subject: x\n\none\n|");
	check(1, on_letter, MS_E_LIMIT, "#1=Subject: x\n\none\n|");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_letters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
