#include "base/glob.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <glib.h>

static void
test_table(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool want;
	} cases[] = {
		{ "", "", true }, { "", "a", false }, { "a", "", false },
		{ "a", "a", true }, { "a", "ab", false }, { "ab", "a", false },
		{ "A", "a", false },
		{ "*", "", true }, { "*", "abc", true }, { "**", "", true },
		{ "?", "", false }, { "?", "a", true }, { "?", "ab", false },
		{ "??", "ab", true }, { "*?", "", false }, { "?*", "a", true },
		{ "a*", "a", true }, { "a*", "ba", false },
		{ "*a", "ba", true }, { "*a", "ab", false },
		{ "*a", "aba", true }, { "a*a", "a", false },
		{ "a*a", "aa", true }, { "a*b*c", "aXbXbc", true },
		{ "a*b*c", "aXcXb", false }, { "*ab*", "aab", true },
		{ "*a?c", "aacabc", true }, { "*abc", "ababc", true },
		{ "*@*.example.com", "x@y.example.com", true },
		{ "*@*.example.com", "x@example.com", false },
		{ "[a]", "a", false }, { "\\*", "*", false },
		{ "\\*", "\\x", true },
		/* Not in UTF-8, on either side. */
		{ "*@*.example.com", "\303@y.example.com", true },
		{ "*@*.example.com", "x@y.example.com\303", false },
		{ "&*&\303", "&&\303", true }, { "\377?", "\377\376", true },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		print_message("  %s %s\n", cases[i].pattern, cases[i].text);
		assert_int_equal(ms_glob(cases[i].pattern, cases[i].text),
		    cases[i].want);
	}
}

/* As the pattern is read from its start, with every choice tried. */
static bool
plainly(const char *pattern, const char *text)
{
	if (*pattern == '*')
		return plainly(pattern + 1, text) ||
		    (*text != '\0' && plainly(pattern, text + 1));
	if (*pattern == '\0' || *text == '\0')
		return *pattern == *text;
	return (*pattern == '?' || *pattern == *text) &&
	    plainly(pattern + 1, text + 1);
}

static void
test_all_short_ones(void **state)
{
	static const char letters[] = "*?ab";
	char pattern[6], text[7];

	(void)state;
	for (unsigned i = 0; i < 1024; i++) {
		for (unsigned k = 0; k < 5; k++)
			pattern[k] = letters[i >> 2 * k & 3];
		pattern[5 - i % 3] = '\0';
		pattern[5] = '\0';
		for (unsigned n = 0; n < 64; n++) {
			for (unsigned k = 0; k < 6; k++)
				text[k] = n >> k & 1 ? 'a' : 'b';
			text[6 - n % 4] = '\0';
			text[6] = '\0';
			assert_int_equal(ms_glob(pattern, text),
			    plainly(pattern, text));
		}
	}
}

/* What makes others try all ways to divide it. */
static void
test_hard(void **state)
{
	char *text = g_strnfill(1000, 'a');

	(void)state;
	assert_false(ms_glob("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", text));
	assert_true(ms_glob("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*", text));
	g_free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_all_short_ones),
		cmocka_unit_test(test_hard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
