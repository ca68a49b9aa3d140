#include "policy/policymap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib.h>

/* Counts what is checked, and takes all but "bad". */
static enum ms_status
check(void *arg, const char *text, struct ms_error *err)
{
	unsigned *checked = arg;

	++*checked;
	if (strcmp(text, "bad") == 0)
		return ms_error_set(err, MS_E_FORMAT, "that is bad");
	return MS_OK;
}

static const char *
find(const struct ms_policymap *map, const char *key)
{
	return ms_policymap_find(map, key, strlen(key), NULL);
}

static void
test_grammar(void **state)
{
	static const char text[] =
	    "# people\r\n"
	    "  Postmaster@Example.COM : clam=yes,spam=no,attach=.txt:.com\r\n"
	    "#example.com:clam=no\n"
	    "\n"
	    ":clam=yes # everybody\n"
	    "@example.net:spam=\"a # b\" # not that\n"
	    "example.net:second=1\n"
	    "o'brien@example.com:x=#y\n"
	    "user@[IPv6:2001:db8::1]:clam=no\n"
	    "prvs=a=b@example.com:\n"
	    "last:clam=yes";
	static const struct {
		const char *key, *text;
		unsigned line;
	} rows[] = {
		{ "postmaster@example.com",
		  "clam=yes,spam=no,attach=.txt:.com", 2 },
		{ "Postmaster@example.com", NULL, 0 },	/* not lower case */
		{ "example.com", NULL, 0 },
		{ "#example.com", NULL, 0 },
		{ "", "clam=yes", 5 },
		{ "example.net", "spam=\"a # b\"", 6 },
		{ "o'brien@example.com", "x=#y", 8 },
		{ "user@[ipv6:2001:db8::1]", "clam=no", 9 },
		{ "prvs=a=b@example.com", "", 10 },
		{ "last", "clam=yes", 11 },
		{ "las", NULL, 0 },
		{ "lastx", NULL, 0 },
	};
	unsigned checked = 0;
	struct ms_policymap *map = ms_policymap_new(check, &checked);
	struct ms_error err = { "" };

	(void)state;
	assert_null(find(map, ""));
	assert_int_equal(ms_policymap_add(map, "file", text, strlen(text),
	    &err), MS_OK);
	ms_policymap_seal(map);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_policymap_place place = { NULL, 0 };
		const char *found = ms_policymap_find(map, rows[i].key,
		    strlen(rows[i].key), &place);

		if (g_strcmp0(found, rows[i].text) != 0)
			fail_msg("%s: %s", rows[i].key, found);
		assert_int_equal(place.line, rows[i].line);
		if (found)
			assert_string_equal(place.file, "file");
	}
	assert_int_equal(ms_policymap_lines(map), 7);
	/* "clam=yes" is there twice, and was checked once. */
	assert_int_equal(checked, 7);
	assert_null(ms_policymap_find(map, "la\0st", 5, NULL));
	ms_policymap_free(map);
}

static void
test_errors(void **state)
{
	static const struct {
		const char *text, *said;
	} rows[] = {
		{ ":a\nno colon\n", "m:2: want " },
		{ ":a\n\n\na b:c\n", "m:4: want " },
		{ "x:bad # it is\n", "m:1: that is bad" },
		{ "\"x\":a", "m:1: want " },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		unsigned checked = 0;
		struct ms_policymap *map = ms_policymap_new(check, &checked);
		struct ms_error err = { "" };

		assert_int_equal(ms_policymap_add(map, "m", rows[i].text,
		    strlen(rows[i].text), &err), MS_E_FORMAT);
		if (!g_str_has_prefix(err.text, rows[i].said))
			fail_msg("%s", err.text);
		ms_policymap_free(map);
	}
}

/* A file is read in pieces: lines of all lengths, one of them too long. */
static void
test_file(void **state)
{
	char path[] = "/tmp/mailscan-policymap-XXXXXX";
	char *text = g_malloc(MS_POLICYMAP_LINE_MAX + 100);
	struct ms_policymap *map;
	struct ms_error err = { "" };
	unsigned checked = 0;
	int fd = mkstemp(path);
	FILE *stream = fdopen(fd, "w");

	(void)state;
	for (unsigned i = 0; i < 3000; i++)
		(void)fprintf(stream, "u%u@example.com:%*sx=%u\n", i,
		    (int)(i % 700), "", i % 10);
	memset(text, 'x', MS_POLICYMAP_LINE_MAX + 1);
	(void)fflush(stream);
	map = ms_policymap_new(check, &checked);
	assert_int_equal(ms_policymap_read(map, path, &err), MS_OK);
	assert_int_equal(ms_policymap_lines(map), 3000);
	assert_int_equal(checked, 10);
	assert_string_equal(find(map, "u2999@example.com"), "x=9");
	ms_policymap_free(map);

	(void)fprintf(stream, ":%.*s\n", MS_POLICYMAP_LINE_MAX - 1, text);
	(void)fflush(stream);
	map = ms_policymap_new(check, &checked);
	assert_int_equal(ms_policymap_read(map, path, &err), MS_OK);
	assert_int_equal(strlen(find(map, "")), MS_POLICYMAP_LINE_MAX - 1);
	ms_policymap_free(map);

	(void)fprintf(stream, "z:%.*s\n", MS_POLICYMAP_LINE_MAX - 1, text);
	(void)fclose(stream);
	map = ms_policymap_new(check, &checked);
	assert_int_equal(ms_policymap_read(map, path, &err), MS_E_FORMAT);
	assert_non_null(strstr(err.text, ":3002: "));
	assert_int_equal(ms_policymap_read(map, "/nonexistent/map", &err),
	    MS_E_IO);
	ms_policymap_free(map);
	(void)unlink(path);
	g_free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grammar),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
