#include "scan/stretches.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct seen {
	GString *needle;	/* is it whole in one of them? */
	unsigned visits, found, stop;
	bool utf8, last;
};

static bool
on_stretch(void *arg, const char *data, size_t size, size_t from, bool more)
{
	struct seen *seen = arg;

	assert_false(seen->last);
	assert_true(from == 0 || seen->visits > 0);
	assert_true(from <= size);
	if (seen->utf8)
		assert_true(g_utf8_validate_len(data, size, NULL));
	seen->last = !more;
	seen->visits++;
	if (memmem(data, size, seen->needle->str, seen->needle->len))
		seen->found++;
	return seen->visits != seen->stop;
}

/* What is put anywhere in a long text stands whole in some stretch. */
static void
test_whole(void **state)
{
	(void)state;
	for (size_t at = 0; at < 100000; at += 777) {
		GString *text = g_string_new(NULL);
		struct seen seen = { .needle = g_string_new(NULL),
			.utf8 = true };

		while (seen.needle->len + 2 < MS_STRETCHES_OVERLAP)
			g_string_append(seen.needle, "\303\244");
		while (text->len < 100000)
			g_string_append_c(text, 'x');
		(void)g_string_insert(text, (gssize)at, seen.needle->str);
		ms_stretches((const unsigned char *)text->str, text->len,
		    "utf-8", 0, on_stretch, &seen);
		assert_true(seen.last);
		if (seen.found == 0)
			fail_msg("at %zu", at);
		(void)g_string_free(seen.needle, TRUE);
		(void)g_string_free(text, TRUE);
	}
}

static void
test_charsets(void **state)
{
	static const struct {
		const char *charset, *text;
		size_t size;
		const char *want;
	} rows[] = {
		{ "utf-8", "a\303\244", 3, "a\303\244" },
		{ "iso-8859-1", "a\344", 2, "a\303\244" },
		{ "utf-16le", "a\0\344\0", 4, "a\303\244" },
		{ "no-such", "a\344b", 3, "a\357\277\275b" },
		{ "utf-8", "a\344b", 3, "a\357\277\275b" },
		{ "utf-8", "a\0b", 3, "a\357\277\275b" },
		{ "iso-2022-jp", "a\377b", 3, "a?b" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct seen seen = { .needle = g_string_new(rows[i].want),
			.utf8 = true };

		ms_stretches((const unsigned char *)rows[i].text,
		    rows[i].size, rows[i].charset, 0, on_stretch, &seen);
		if (seen.found != 1)
			fail_msg("%zu: %s", i, rows[i].charset);
		(void)g_string_free(seen.needle, TRUE);
	}
}

static void
test_raw(void **state)
{
	static const unsigned char text[] = "a\0\377";
	struct seen seen = { .needle = g_string_new_len("\0\377", 2) };

	(void)state;
	ms_stretches(text, 3, NULL, 0, on_stretch, &seen);
	assert_int_equal(seen.visits, 1);
	assert_int_equal(seen.found, 1);
	(void)g_string_free(seen.needle, TRUE);
}

/* Who has enough is not asked again; rubbish ends, too. */
static void
test_enough(void **state)
{
	unsigned char *text = g_malloc(1000000);
	struct seen seen = { .needle = g_string_new("x"), .stop = 2,
		.utf8 = true };

	(void)state;
	memset(text, 0xbf, 1000000);
	ms_stretches(text, 1000000, "utf-8", 0, on_stretch, &seen);
	assert_int_equal(seen.visits, 2);
	seen = (struct seen){ .needle = seen.needle, .utf8 = true };
	ms_stretches(text, 1000000, "utf-8", 0, on_stretch, &seen);
	assert_true(seen.last);
	(void)g_string_free(seen.needle, TRUE);
	g_free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_charsets),
		cmocka_unit_test(test_raw),
		cmocka_unit_test(test_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
