#include "message/loose64.h"

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
decode(const void *text, size_t size, struct ms_loose64_how how)
{
	struct pour_test *test = pour_test_start();
	GString *out;

	ms_loose64_decode(text, size, &how, &test->pour);
	out = pour_test_end(test);
	assert_non_null(out);
	return out;
}

static void
test_decode(void **state)
{
	static const struct {
		const char *name, *text, *want;
		struct ms_loose64_how how;
	} cases[] = {
		{ "nothing", "", "", { 0 } },
		{ "whole", "Q2F0cw==", "Cats", { 0 } },
		{ "one pad", "Q2F0c3k=", "Catsy", { 0 } },
		{ "lines", "Q2F0\r\ncw==\r\n", "Cats", { 0 } },
		{ "no padding", "Q2F0cw", "Cats", { 0 } },
		{ "a letter too many", "Q2F0c", "Cat", { 0 } },
		{ "junk", "Q.2-F#0 c!w==", "Cats", { 0 } },
		{ "two texts", "Q2F0cw==Q2F0cw==", "CatsCats", { 0 } },
		{ "two texts, stop", "Q2F0cw==Q2F0cw==", "Cats",
		  { MS_LOOSE64_PAD_STOP, false, 0 } },
		{ "a sign inside, skip", "Q2F=0cw==", "Cats",
		  { MS_LOOSE64_PAD_SKIP, false, 0 } },
		{ "a sign inside, stop", "Q2F0c=w==", "Cat",
		  { MS_LOOSE64_PAD_STOP, false, 0 } },
		{ "a group a line", "Q2F0cw\nQ2F0cw", "CatsCats",
		  { MS_LOOSE64_PAD_LINE, false, 0 } },
		{ "a letter before", "xQ2F0cw==", "Cats",
		  { MS_LOOSE64_PAD_RESTART, false, 1 } },
		{ "for URLs", "Pz8_Pj4-", "\?\?\?>>>",
		  { MS_LOOSE64_PAD_RESTART, true, 0 } },
		{ "not for URLs", "Pz8_/Pj4-+", "\?\?\?>>>", { 0 } },
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
		struct ms_loose64_survey want;
	} cases[] = {
		{ "", { 0 } },
		{ "Q2F0cw==\n", { .letters = 6, .pads = 2 } },
		{ "Q2=F0\n", { .letters = 4, .pads = 1,
		  .pad_inside = true } },
		{ "Q2F\n0\n", { .letters = 4, .uneven = true } },
		{ "Q2F\n", { .letters = 3 } },
		{ " Q-_#", { .letters = 1, .blanks = 1, .url_letters = 2,
		  .junk = 1 } },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct ms_loose64_survey *want = &cases[i].want;
		struct ms_loose64_survey got;

		print_message("  %s\n", cases[i].text);
		ms_loose64_survey((const unsigned char *)cases[i].text,
		    strlen(cases[i].text), &got);
		assert_int_equal(want->letters, got.letters);
		assert_int_equal(want->url_letters, got.url_letters);
		assert_int_equal(want->pads, got.pads);
		assert_int_equal(want->blanks, got.blanks);
		assert_int_equal(want->junk, got.junk);
		assert_int_equal(want->pad_inside, got.pad_inside);
		assert_int_equal(want->uneven, got.uneven);
	}
}

static void
test_lines(void **state)
{
	static const struct {
		const char *text;
		size_t size;	/* 0: all of it */
		bool want;
	} cases[] = {
		{ "", 0, false },
		{ "Q2F0", 0, true },
		{ " Q2F0cw==\t", 0, true },
		{ "==", 0, false },
		{ "two words", 0, false },
		{ "--boundary", 0, false },
		{ "a-b_c", 0, true },
		{ "a:b", 0, false },
		{ "Q\0002\000F\000", 6, true },
		{ "M\366hre", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		size_t size = cases[i].size ? cases[i].size :
		    strlen(cases[i].text);

		print_message("  %s\n", cases[i].text);
		assert_int_equal(cases[i].want, ms_loose64_is_line(
		    (const unsigned char *)cases[i].text, size));
	}
	assert_int_equal(4, ms_loose64_letters(
	    (const unsigned char *)"Q2F0=", 5));
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
		unsigned char data[3000];
		size_t size = (size_t)rand() % sizeof data;
		gchar *text;
		GString *got;

		for (size_t i = 0; i < size; i++)
			data[i] = (unsigned char)rand();
		text = g_base64_encode(data, size);
		got = decode(text, strlen(text), (struct ms_loose64_how){
		    round % 4, round % 8 > 3, 0 });
		assert_int_equal(size, got->len);
		assert_memory_equal(data, got->str, size);
		g_string_free(got, TRUE);
		g_free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_survey),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
