#include "scan/readings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* What became of one text: how often a word was in it. */
struct seen {
	const char *word;
	unsigned found, visits, unknown, many, stop;
};

static bool
on_stretch(void *arg, const char *data, size_t size, size_t from, bool more)
{
	struct seen *seen = arg;

	(void)from, (void)more;
	assert_true(g_utf8_validate_len(data, size, NULL));
	seen->visits++;
	if (memmem(data, size, seen->word, strlen(seen->word)))
		seen->found++;
	return seen->visits != seen->stop;
}

static void
on_unknown(void *arg, const char *charset)
{
	assert_int_not_equal(*charset, '\0');
	((struct seen *)arg)->unknown++;
}

static void
on_many(void *arg)
{
	((struct seen *)arg)->many++;
}

static const struct ms_readings_visitor visitor = { on_stretch, on_unknown,
	on_many };

/* Read DATA by what TYPE says. */
static void
see(const char *type, const char *data, size_t size, bool html,
    struct seen *seen)
{
	struct ms_textform form;
	const struct ms_readings_input input = {
		.data = (const unsigned char *)data,
		.size = size,
		.form = &form,
		.html = html,
	};

	ms_textform_init(&form);
	ms_textform_add(&form, (const unsigned char *)type, strlen(type));
	ms_readings(&input, &visitor, seen);
	ms_textform_clear(&form);
}

#define ROW(type, data, visits) { type, data, sizeof data - 1, visits }

static void
test_found(void **state)
{
	static const struct {
		const char *type, *data;
		size_t size;
		unsigned visits;
	} rows[] = {
		/* One way to read it is enough. */
		ROW("", "a virus", 1),
		ROW("charset=utf-8", "a virus", 1),
		ROW("charset=iso-8859-1", "a virus", 1),
		ROW("charset=utf-8; charset=gb2312", "a virus", 1),
		ROW("charset=no-such", "a virus", 1),
		/* Or is not. */
		ROW("charset=utf-16", "v\0i\0r\0u\0s\0", 6),
		ROW("charset=utf-16", "\0v\0i\0r\0u\0s", 6),
		ROW("charset=unicode", "\0v\0i\0r\0u\0s", 6),
		ROW("charset=ibm037", "\245\211\231\244\242", 6),
		ROW("charset=utf-8; charset=ibm037", "\245\211\231\244\242",
		    6),
		ROW("charset=utf-7", "vi+AHIAdQ-s", 3),
		ROW("charset=us-ascii; charset=utf-7", "vi+AHIAdQ-s", 3),
		ROW("charset=Unicode-1-1-UTF-7", "vi+AHIAdQ-s", 3),
		ROW("", "vi\033(Brus", 4),
		ROW("charset=us-ascii", "vi\255rus", 4),
		ROW("charset=iso-8859-1", "vi\255rus", 2),
		ROW("charset=utf-8", "vi\302\255rus", 2),
		ROW("", "\377\376v\0i\0r\0u\0s\0", 6),
		ROW("format=flowed; delsp=yes", "vi \r\nrus", 3),
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct seen seen = { .word = "virus" };

		see(rows[i].type, rows[i].data, rows[i].size, false, &seen);
		if (seen.found == 0 || seen.visits != rows[i].visits ||
		    seen.unknown > 0 || seen.many > 0)
			fail_msg("%zu: %u times in %u, %u unknown", i,
			    seen.found, seen.visits, seen.unknown);
	}
}

static void
test_html(void **state)
{
	static const char meta[] =
	    "<meta charset=utf-7>vi+AHI<b></b>AdQ-s vi<b></b>+AHIAdQ-s";
	struct seen seen = { .word = "virus" };

	(void)state;
	see("", "vi<b></b>rus", 12, false, &seen);
	assert_int_equal(seen.found, 0);
	see("", "vi<b></b>rus", 12, true, &seen);
	assert_int_equal(seen.found, 1);
	seen = (struct seen){ .word = "virus" };
	see("", meta, sizeof meta - 1, true, &seen);
	assert_int_equal(seen.found, 1);
}

/* What no table is for is told, if that makes a difference. */
static void
test_unknown(void **state)
{
	static const struct {
		const char *text;
		bool told;
	} rows[] = {
		{ "a virus", false }, { "a & <b> +1", true },
		{ "\344", true }, { "~{", true }, { "a\033", true },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct seen seen = { .word = "virus" };

		see("charset=no-such", rows[i].text, strlen(rows[i].text),
		    false, &seen);
		assert_int_equal(seen.unknown, rows[i].told);
		seen.unknown = 0;
		see("charset=\"utf-16//IGNORE\"", rows[i].text,
		    strlen(rows[i].text), false, &seen);
		assert_int_equal(seen.unknown, rows[i].told);
	}
	assert_true(ms_readings_knows("unicode"));
	assert_true(ms_readings_knows("US-ASCII"));
	assert_false(ms_readings_knows("no-such"));
	assert_false(ms_readings_knows(""));
}

static void
test_many(void **state)
{
	GString *type = g_string_new(NULL);
	struct seen seen = { .word = "virus" };

	(void)state;
	for (int i = 1; i < 10; i++)
		g_string_append_printf(type, "charset=iso-8859-%d;", i);
	see(type->str, "virus", 5, false, &seen);
	assert_int_equal(seen.many, 0);
	assert_int_equal(seen.visits, 1);
	see(type->str, "\344", 1, false, &seen);
	assert_int_equal(seen.many, 1);
	assert_int_equal(seen.visits, 1 + 2 * MS_READINGS_CHARSETS);
	/* Who has enough is not asked again. */
	seen = (struct seen){ .word = "virus", .stop = 1 };
	see(type->str, "\344", 1, false, &seen);
	assert_int_equal(seen.visits, 1);
	(void)g_string_free(type, TRUE);
}

/* What is no text is one only where letters are not those of ASCII. */
static void
test_opaque(void **state)
{
	struct ms_textform form;
	struct ms_readings_input input = {
		.data = (const unsigned char *)"v\0i\0r\0u\0s",
		.size = 10,
		.form = &form,
		.opaque = true,
	};
	struct seen seen = { .word = "virus" };

	(void)state;
	ms_textform_init(&form);
	ms_textform_charset(&form, "iso-8859-1");
	ms_textform_charset(&form, "no-such");
	ms_readings(&input, &visitor, &seen);
	assert_int_equal(seen.visits + seen.unknown, 0);
	ms_textform_charset(&form, "utf-16le");
	ms_readings(&input, &visitor, &seen);
	assert_int_equal(seen.found, 2);
	ms_textform_clear(&form);
}

static void
test_tables(void **state)
{
	(void)state;
	ms_readings_close(ms_readings_open());
	ms_readings_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_html),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_opaque),
		cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
