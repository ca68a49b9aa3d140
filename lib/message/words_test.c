#include "message/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static bool
has(const GPtrArray *readings, const char *text)
{
	for (guint i = 0; i < readings->len; i++)
		if (strcmp(readings->pdata[i], text) == 0)
			return true;
	return false;
}

static void
test_readings(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "=?utf-8?B?YS5leGU=?=", "a.exe" },
		{ "=?UTF-8?b?YS5leGU?=", "a.exe" },		/* no padding */
		{ "=?utf-8?B?LmV4ZQ?=", ".exe" },
		{ "=?utf-8?B?YS5l!eGU=?=", "a.exe" },		/* junk */
		{ "=?utf-8?B?YS5leGU=", "a.exe" },		/* no end */
		{ "=?utf-8?B?YS5leGU==?", "a.exe" },
		{ "=?utf-8?B?YS4=ZXhl?=", "a.exe" },
		{ "=?utf-8?Q?a=2Eexe?=", "a.exe" },
		{ "=?utf-8?q?a=2eexe?=", "a.exe" },
		{ "=?utf-8?Q?=2Eexe?=", ".exe" },
		{ "=?utf-8?Q?a_b=2Eexe?=", "a b.exe" },
		{ "=?utf-8?Q?a .exe?=", "a .exe" },
		{ "=?utf-8?Q?=a.exe?=", "=a.exe" },
		{ "=?utf-8*en?Q?a=2Eexe?=", "a.exe" },
		{ "x=?utf-8?Q?a=2Eexe?=y", "xa.exey" },
		{ "=?utf-8?Q?a=2Ee?= =?utf-8?Q?xe?=", "a.exe" },
		{ "=?utf-8?Q?a=2Ee?==?utf-8?Q?xe?=", "a.exe" },
		{ "=?utf-8?Q?a=2Ee?= x =?utf-8?Q?xe?=", "a.e x xe" },
		{ "=?utf-8?B?YS5?=\r\n =?utf-8?B?leGU=?=", "a.exe" },
		{ "=?utf-8?Q?=EF=BC?= =?utf-8?Q?=8Eexe?=",
		  "\357\274\216exe" },
		{ "=?iso-8859-1?Q?=E4.exe?=", "\303\244.exe" },
		{ "=?utf-7?Q?a+AC4-exe?=", "a.exe" },
		{ "=?utf-16le?B?YQAuAGUAeABlAA==?=", "a.exe" },
		{ "=?utf-16?B?AGEALgBlAHgAZQ==?=", "a.exe" },	/* no mark */
		{ "=?ibm037?B?gUuFp4U=?=", "a.exe" },
		{ "=?x-ebcdic?B?gUuFp4U=?=", "a.exe" },
		{ "=?ibm037?Q?a.exe?=", "a.exe" },	/* not known there */
		{ "=?x-none?B?YS5leGU=?=", "a.exe" },
		{ "=??B?YS5leGU=?=", "a.exe" },
		{ "=?utf-8?B?YS5leGUALnR4dA==?=", "a.exe" },	/* NUL */
		{ "=?utf-8?B?YS5leGUALnR4dA==?=", "a.exe.txt" },
		{ "=?utf-8?B?PT91dGYtOD9CP1lTNWxlR1U9Pz0=?=", "a.exe" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		GPtrArray *readings = g_ptr_array_new_with_free_func(g_free);

		ms_words(rows[i].text, readings);
		if (!has(readings, rows[i].want))
			fail_msg("%s: no %s", rows[i].text, rows[i].want);
		g_ptr_array_unref(readings);
	}
}

static void
test_none(void **state)
{
	static const char *const rows[] = { "", "a.exe", "=?", "=?utf-8",
		"=?utf-8?B", "=?utf-8?X?a?=", "=?utf 8?Q?a?=", "= ?utf-8?Q?a?=",
		"?utf-8?Q?a?=", "=?utf-8?B?" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		GPtrArray *readings = g_ptr_array_new_with_free_func(g_free);

		ms_words(rows[i], readings);
		if (readings->len != 0)
			fail_msg("%s: %s", rows[i],
			    (char *)readings->pdata[0]);
		g_ptr_array_unref(readings);
	}
}

/* What is by the book is read in one way only. */
static void
test_plain(void **state)
{
	GPtrArray *readings = g_ptr_array_new_with_free_func(g_free);

	(void)state;
	ms_words("=?utf-8?Q?a?= b", readings);
	assert_int_equal(1, readings->len);
	ms_words("=?iso-8859-15?B?YWJj?=", readings);
	assert_int_equal(2, readings->len);
	g_ptr_array_unref(readings);
}

/* Much of it costs little more than its size. */
static void
test_linear(void **state)
{
	static const char *const rows[] = { "=?", "=?a?b?", "=?a?x? ",
		"=?a?q?a?=", "=?a?q?a?= ", "=?utf-16?b?ab?= ",
		"=?a?q?=3D?=", "=?utf-7?q?\?= x " };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		GPtrArray *readings = g_ptr_array_new_with_free_func(g_free);
		GString *text = g_string_new(NULL);
		size_t all = 0;

		while (text->len < 500000)
			g_string_append(text, rows[i]);
		ms_words(text->str, readings);
		for (guint k = 0; k < readings->len; k++)
			all += strlen(readings->pdata[k]);
		if (all > 4 * text->len)
			fail_msg("%s: %zu bytes", rows[i], all);
		(void)g_string_free(text, TRUE);
		g_ptr_array_unref(readings);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_readings),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
