#include "message/partnames.h"

#include <gmime/gmime.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static bool
has(const GPtrArray *names, const char *name)
{
	for (guint i = 0; i < names->len; i++)
		if (strcmp(names->pdata[i], name) == 0)
			return true;
	return false;
}

/* What some mail program may take for the name. */
static void
test_names(void **state)
{
	static const struct {
		const char *value, *name;
	} rows[] = {
		{ "attachment; filename=a.exe", "a.exe" },
		{ "attachment; filename = \"a b.exe\"", "a b.exe" },
		{ "attachment; FILENAME=\"a.exe\"; filename=b.txt",
		  "a.exe" },
		{ "attachment; filename=b.txt; filename=a.exe", "a.exe" },
		{ "application/x; name=b.txt;\r\n\tname=\"a.exe\"", "a.exe" },
		{ "attachment; filename*=utf-8''a%2Eexe", "a.exe" },
		{ "attachment; filename*=iso-8859-1'en'%E4.exe",
		  "\303\244.exe" },
		{ "attachment; filename*=utf-8''a%00.txt", "a" },
		{ "attachment; filename*0=\"a.e\"; filename*1=\"xe\"",
		  "a.exe" },
		{ "attachment; filename*1=xe; filename*0=a.e", "a.exe" },
		{ "attachment; filename*1=a.e; filename*2=xe", "a.exe" },
		{ "attachment; filename*0*=utf-8''a%2E; filename*1=e;"
		  " filename*2*=%78e", "a.exe" },
		{ "attachment; filename*0=a%2E; filename*1=exe",
		  "a%2Eexe" },
		{ "attachment; filename=\"=?utf-8?B?YS5leGU=?=\"", "a.exe" },
		{ "attachment; filename=\"=?utf-8?Q?a=2E?=\r\n"
		  " =?utf-8?Q?exe?=\"", "a.exe" },
		{ "attachment; filename=\"=?utf-8?B?YS5leGU?=\"", "a.exe" },
		{ "attachment; filename=\"=?ibm037?B?gUuFp4U=?=\"",
		  "a.exe" },
		{ "attachment; filename*=ibm037''%81K%85%A7%85", "a.exe" },
		{ "attachment; filename*=ebcdic-x''%81K%85%A7%85",
		  "a.exe" },
		{ "attachment; filename*=utf-16le''a%00.%00e%00x%00e%00",
		  "a.exe" },
		{ "attachment; filename*=none''a%00.%00e%00x%00e%00",
		  "a.exe" },
		{ "attachment; filename*=utf-7''a+AC4-exe", "a.exe" },
		{ "attachment; filename*=ibm037''a%2Eexe", "a.exe" },
		{ "attachment; filename*=utf-8''a.exe%00.txt",
		  "a.exe.txt" },
		{ "attachment; filename*0*=''a%2E; filename*1=exe;"
		  " filename*0=b.; filename*1*=txt", "a.exe" },
		{ "attachment; filename*0=a.; filename*1=exe;"
		  " filename*0=b.; filename*1=txt", "a.exe" },
		{ "attachment; filename*0=b.; filename*1=txt;"
		  " filename*0=a.; filename*1=exe", "a.exe" },
		{ "attachment; filename*0=a.; filename*1=exe;"
		  " filename*3=.txt", "a.exe" },
		{ "attachment; filename=\"a.e\r\n xe\"", "a.exe" },
		{ "attachment; filename=\"a.e\r\n xe\"", "a.e xe" },
		{ "attachment; filename=(c)a.(d)exe", "a.exe" },
		{ "attachment; filename(c)=\"a.exe\"", "a.exe" },
		{ "attachment filename=a.exe", "a.exe" },
		{ "attachment; filename=\"a.exe", "a.exe" },
		{ "attachment; filename=\"a.exe; foo=bar", "a.exe" },
		{ "attachment; filename=\"a\\.exe\"", "a.exe" },
		{ "attachment; filename=\"a\".exe", "a.exe" },
		{ "attachment; filename=a.exe foo", "a.exe" },
		{ "attachment; filename=a.exe foo", "a.exe foo" },
		{ "attachment; filename=\"b.txt; name=a.exe; x=y",
		  "a.exe" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

		ms_partnames(rows[i].value, names);
		if (!has(names, rows[i].name))
			fail_msg("%s: no %s", rows[i].value, rows[i].name);
		g_ptr_array_unref(names);
	}
}

static void
test_none(void **state)
{
	static const char *const rows[] = { "", "text/plain", "name",
		"inline; filename", "a; name=\"\"", "x; name=", "name*=",
		"name*0" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

		ms_partnames(rows[i], names);
		if (names->len != 0)
			fail_msg("%s: %s", rows[i], (char *)names->pdata[0]);
		g_ptr_array_unref(names);
	}
}

/* A header of nothing but such costs little more than its size. */
static void
test_linear(void **state)
{
	static const char *const rows[] = { "name=", "name=\"", "name(",
		"name=a ", "name=\"a\"", "filename*1*=%41;", "name=(",
		"name=aaaaaaaaaaaaaaaaaaaaaaaaaaa;", "((((((" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
		GString *value = g_string_new(NULL);
		size_t all = 0;

		while (value->len < 500000)
			g_string_append(value, rows[i]);
		ms_partnames(value->str, names);
		for (guint k = 0; k < names->len; k++)
			all += strlen(names->pdata[k]);
		if (all > 64 * value->len)
			fail_msg("%s: %zu bytes", rows[i], all);
		(void)g_string_free(value, TRUE);
		g_ptr_array_unref(names);
	}
}

static int
start(void **state)
{
	(void)state;
	g_mime_init();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_linear),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
