#include "capture/fragments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <glib.h>

/*
 * Fragments as words: a letter for the datagram, the place of the first byte
 * in units of 8, "-" if others follow, and what each unit is filled with; a
 * last unit "_" is one byte short.
 */
static const struct {
	const char *name, *fragments, *want;
} cases[] = {
	{ "in order", "a0-AB a2C", "ABC" },
	{ "reversed", "a2C a1-B a0-A", "ABC" },
	{ "one byte short", "a0-A a1B_", "AB_" },
	{ "twice", "a0-A a0-A a0-A a1B", "AB" },
	{ "two at a time", "a0-A b0-X b1Y a1B", "XY AB" },
	{ "never complete", "a0-A a2C", "" },
	{ "overlap, the same", "a0-ABC a1-BCD a4E", "ABCDE" },
	{ "overlap, other: the first stays", "a0-ABC a1-XYD a4E", "ABCDE!" },
	{ "overlap from before", "a1-BC a0-ABX a3D", "ABCD!" },
	{ "teardrop: the second ends within the first", "a0-ABCD a1X", "" },
	{ "two ends", "a0-A a1B", "AB" },
	{ "two ends that differ", "a1B a2C a0-A", "AB!" },
	{ "behind the end", "a1B a5-X a0-A", "AB!" },
	{ "nothing", "a0-", "" },
	{ "beyond all", "a9000-X a0-A", "" },
	{ "after each other, of one number", "a0-A a1B a0-C a1D", "AB CD" },
};

static void
give(struct ms_fragments *f, const char *word, GString *out)
{
	GString *data = g_string_new(NULL);
	struct ms_fragment fragment = { .id = (uint32_t)*word,
		.protocol = 6 };
	struct ms_datagram whole;
	char *rest;

	fragment.offset = 8 * (uint32_t)strtoul(word + 1, &rest, 10);
	if (*rest == '-') {
		fragment.more = true;
		rest++;
	}
	for (; *rest; rest++)
		for (int i = *rest == '_'; i < 8; i++)
			g_string_append_c(data, *rest);
	/* Exactly as much as there is, for the sanitizer. */
	fragment.data = g_memdup2(data->str, data->len);
	fragment.size = data->len;
	if (ms_fragments_add(f, &fragment, &whole) == MS_OK) {
		g_string_append(out, out->len ? " " : "");
		for (size_t i = 0; i < whole.size; i += 8)
			g_string_append_c(out, (char)whole.data[i]);
		g_string_append(out, whole.conflict ? "!" : "");
	}
	g_free((void *)fragment.data);
	g_string_free(data, TRUE);
}

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_fragments *f = ms_fragments_new();
		gchar **words = g_strsplit(cases[i].fragments, " ", -1);
		GString *out = g_string_new(NULL);

		print_message("  %s\n", cases[i].name);
		for (size_t k = 0; words[k]; k++)
			give(f, words[k], out);
		assert_string_equal(cases[i].want, out->str);
		g_string_free(out, TRUE);
		g_strfreev(words);
		ms_fragments_free(f);
	}
}

/* What never becomes whole is dropped, by number and by time. */
static void
test_bounds(void **state)
{
	static const unsigned char data[8];
	struct ms_fragments *f = ms_fragments_new();
	struct ms_fragment fragment = { .protocol = 6, .more = true,
		.offset = 65000, .data = data, .size = sizeof data };
	struct ms_datagram whole;

	(void)state;
	for (uint32_t i = 0; i < 5000; i++) {
		fragment.id = i;
		assert_int_equal(MS_END, ms_fragments_add(f, &fragment,
		    &whole));
	}
	assert_in_range(ms_fragments_dropped(f), 5000 - 1026, 4999);
	fragment.time_us = 61000000;
	(void)ms_fragments_add(f, &fragment, &whole);
	assert_int_equal(5000, ms_fragments_dropped(f));
	ms_fragments_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
