#include "source/list.h"

#include <fcntl.h>
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* The paths in TEXT, each in brackets; "!" for what is none. */
static char *
paths(const char *text, size_t size, bool nul)
{
	char file[] = "/tmp/mailscan-list-XXXXXX";
	GString *out = g_string_new(NULL);
	int fd = mkstemp(file);
	enum ms_status status;
	struct ms_list *list;
	struct ms_error err;
	const char *path;

	assert_int_equal(size, write(fd, text, size));
	(void)close(fd);
	assert_int_equal(MS_OK, ms_list_open(file, nul, &list, &err));
	assert_string_equal(file, ms_list_name(list));
	while ((status = ms_list_next(list, &path, &err)) != MS_END) {
		if (status == MS_OK)
			g_string_append_printf(out, "[%s]", path);
		else
			g_string_append(out, "!");
	}
	ms_list_free(list);
	(void)unlink(file);
	return g_string_free(out, FALSE);
}

static void
test_cases(void **state)
{
#define CASE(text, nul, want) { text, sizeof text - 1, nul, want }
	static const struct {
		const char *text;
		size_t size;
		bool nul;
		const char *want;
	} cases[] = {
		CASE("", false, ""),
		CASE("a", false, "[a]"),
		CASE("a\n", false, "[a]"),
		CASE("a b\n\n\n c\r\nd", false, "[a b][ c\r][d]"),
		CASE("a\0b\nc\n", false, "![c]"),
		CASE("a\nb\0\0c", true, "[a\nb][c]"),
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *got = paths(cases[i].text, cases[i].size,
		    cases[i].nul);

		assert_string_equal(cases[i].want, got);
		g_free(got);
	}
}

/* More than one buffer, and lines that are longer than a path may be. */
static void
test_long(void **state)
{
	GString *text = g_string_new(NULL), *want = g_string_new(NULL);
	char *got;

	(void)state;
	for (int i = 0; i < 40; i++) {
		size_t size = i % 2 ? 4095 : 4096 + (size_t)i * 3000;
		char *line = g_strnfill(size, 'x');

		g_string_append_printf(text, "%s\n", line);
		if (i % 2)
			g_string_append_printf(want, "[%s]", line);
		else
			g_string_append(want, "!");
		g_free(line);
	}
	got = paths(text->str, text->len, false);
	assert_true(strcmp(want->str, got) == 0);
	g_free(got);
	g_string_free(text, TRUE);
	g_string_free(want, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
