#include "message/qp.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "message/pour_test.h"

/* TEXT decoded as HOW says. */
static GString *
decode(const void *text, size_t size, struct ms_qp_how how)
{
	struct pour_test *test = pour_test_start();
	GString *out;

	ms_qp_decode(text, size, &how, &test->pour);
	out = pour_test_end(test);
	assert_non_null(out);
	return out;
}

#define BAD(how) { .bad = MS_QP_BAD_ ## how }
#define ENDS(how) { .ends = MS_QP_ENDS_ ## how }

static void
test_decode(void **state)
{
	static const struct {
		const char *name, *text, *want;
		struct ms_qp_how how;
	} cases[] = {
		{ "nothing", "", "", { 0 } },
		{ "text", "a\r\nb", "a\r\nb", { 0 } },
		{ "escapes", "=43=61t", "Cat", { 0 } },
		{ "lower case", "=3d", "=", { 0 } },
		{ "soft", "a=\nb", "ab", { 0 } },
		{ "soft, CRLF", "a=\r\nb", "ab", { 0 } },
		{ "soft, CR", "a=\rb", "ab", { 0 } },
		{ "soft, CRCRLF", "a=\r\r\nb", "ab", { 0 } },
		{ "soft, LFCR", "a=\n\rb", "ab", { 0 } },
		{ "soft before an empty line", "a=\n\r\nb", "a\r\nb", { 0 } },
		{ "soft with blanks", "a= \t\r\nb", "ab", { 0 } },
		{ "not soft with blanks", "a= \nb", "a= \nb",
		  { .keep_blanks = true } },
		{ "soft at the end", "a=", "a", { 0 } },
		{ "soft with blanks at the end", "a=  ", "a", { 0 } },
		{ "blanks", "a \t\nb ", "a\nb", { 0 } },
		{ "blanks kept", "a \t\nb ", "a \t\nb ",
		  { .keep_blanks = true } },
		{ "blanks inside", "a  b", "a  b", { 0 } },
		{ "bad, keep", "a=@b=4", "a=@b=4", BAD(KEEP) },
		{ "bad, drop the sign", "a=@b", "a@b", BAD(SIGN) },
		{ "bad, and one", "a=@b=", "ab", BAD(ONE) },
		{ "bad, and two", "a=@@b=@", "ab", BAD(TWO) },
		{ "bad, and blanks", "a= b= 43", "abC", BAD(BLANKS) },
		{ "bad, and 0x", "=0x43=x61=0xt", "Cat", BAD(PREFIX) },
		{ "digits apart", "=4=\n3=6=\r\n1t=", "Cat", BAD(SPLIT) },
		{ "soft with other blanks", "a=\v\f\nb", "ab", { 0 } },
		{ "odd blanks dropped", "a\vb\f\001c", "abc",
		  { .printable = true } },
		{ "twice", "a==43", "a=C", BAD(KEEP) },
		{ "ends as LF", "a\r\nb\rc\nd", "a\nb\nc\nd", ENDS(LF) },
		{ "ends as CRLF", "a\r\nb\nc", "a\r\nb\r\nc", ENDS(CRLF) },
		{ "no CR", "a\rb\r\nc", "ab\nc", ENDS(NO_CR) },
		{ "only what is printable", "a\001\351\tb", "a\tb",
		  { .printable = true } },
		{ "escapes stay", "=01", "\001", { .printable = true } },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *got = decode(cases[i].text, strlen(cases[i].text),
		    cases[i].how);

		print_message("  %s\n", cases[i].name);
		assert_string_equal(cases[i].want, got->str);
		g_string_free(got, TRUE);
	}
}

static void
test_survey(void **state)
{
	static const struct {
		const char *text;
		struct ms_qp_survey want;
		size_t size;		/* 0: up to the NUL */
	} cases[] = {
		{ "", { 0 }, 0 },
		{ "text", { 0 }, 0 },
		{ "=43", { .coded = true }, 0 },
		{ "=", { .coded = true }, 0 },
		{ "=\n", { .coded = true, .ends = true }, 0 },
		{ "= \n", { .coded = true, .ends = true, .blanks = true }, 0 },
		{ "=4", { .coded = true, .bad = true }, 0 },
		{ "=x4", { .coded = true, .bad = true, .prefix = true }, 0 },
		{ "=0X", { .coded = true, .bad = true, .prefix = true }, 0 },
		{ "a \n", { .blanks = true, .ends = true }, 0 },
		{ "a\rb", { .ends = true, .bare_cr = true }, 0 },
		{ "\351", { .octets = true }, 0 },
		{ "\t", { .blanks = true }, 0 },
		{ "a\tb", { 0 }, 0 },
		{ "=\v", { .coded = true, .blanks = true, .octets = true }, 0 },
		{ "=\0z", { .coded = true, .bad = true, .octets = true }, 3 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct ms_qp_survey *want = &cases[i].want;
		struct ms_qp_survey got;

		print_message("  %zu\n", i);
		ms_qp_survey((const unsigned char *)cases[i].text,
		    cases[i].size ? cases[i].size : strlen(cases[i].text),
		    &got);
		assert_int_equal(want->coded, got.coded);
		assert_int_equal(want->bad, got.bad);
		assert_int_equal(want->prefix, got.prefix);
		assert_int_equal(want->blanks, got.blanks);
		assert_int_equal(want->octets, got.octets);
		assert_int_equal(want->ends, got.ends);
		assert_int_equal(want->bare_cr, got.bare_cr);
	}
}

/* Every reading of what is well-formed is the same. */
static void
test_round_trip(void **state)
{
	unsigned seed = (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 200; round++) {
		unsigned char data[500];
		size_t size = (size_t)rand() % sizeof data;
		GString *text = g_string_new(NULL), *got;

		for (size_t i = 0; i < size; i++) {
			data[i] = (unsigned char)rand();
			g_string_append_printf(text, "=%02X%s", data[i],
			    i % 20 == 19 ? "=\r\n" : "");
		}
		got = decode(text->str, text->len, (struct ms_qp_how){
		    round % MS_QP_BAD_COUNT, round % 4, round & 1,
		    round & 2 });
		assert_int_equal(size, got->len);
		assert_memory_equal(data, got->str, size);
		g_string_free(got, TRUE);
		g_string_free(text, TRUE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_survey),
		cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
