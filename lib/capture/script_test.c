#include "capture/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "capture/script_test.h"

#define SEED 20261121u
#define RUNS 3000

/* Any dialogue, written and read again, is what it was. */
static void
test_any(void **state)
{
	GRand *rand = g_rand_new_with_seed(SEED);
	struct ms_stash *stash = text_stash(64 << 20);

	(void)state;
	print_message("seed %u\n", SEED);
	for (int i = 0; i < RUNS; i++) {
		GByteArray *bytes = g_byte_array_new();
		size_t size = (size_t)g_rand_int_range(rand, 0, 400);

		for (size_t j = 0; j < size; j++) {
			guint8 b = (guint8)g_rand_int(rand);

			g_byte_array_append(bytes, &b, 1);
		}
		assert_true(script_comes_back(stash, bytes->data,
		    bytes->len));
		g_byte_array_unref(bytes);
	}
	ms_stash_free(stash);
	g_rand_free(rand);
}

struct text_case {
	const char *name, *bytes;
	size_t size;
	const char *want;
};

#define TEXT(t) (t), sizeof(t) - 1

/* How bytes look. */
static void
test_bytes(void **state)
{
	static const struct text_case cases[] = {
		{ "a line", TEXT("EHLO a\r\n"), "C: EHLO a\n" },
		{ "an empty line", TEXT("\r\n"), "C:\n" },
		{ "no end", TEXT("a"), "C: a\\\n" },
		{ "bare ends", TEXT("a\nb\rc\n\r"), "C: a\\x0ab\\x0dc\\x0a"
		  "\\x0d\\\n" },
		{ "two carriage returns", TEXT("a\r\r\n"), "C: a\\x0d\n" },
		{ "a line feed first", TEXT("\na\r\n"), "C: \\x0aa\n" },
		{ "blanks", TEXT("  a  \r\n \r\n"), "C:   a \\x20\n"
		  "C: \\x20\n" },
		{ "a backslash", TEXT("\\\r\n"), "C: \\\\\n" },
		{ "UTF-8 and not", TEXT("\xc3\xa9\xc3\r\n"),
		  "C: \xc3\xa9\\xc3\n" },
		{ "NUL", TEXT("a\0b\r\n"), "C: a\\x00b\n" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_stash *stash = text_stash(1 << 20);
		struct ms_dialogue *dialogue = ms_dialogue_new(stash);
		GString *out = g_string_new(NULL);

		print_message("  %s\n", cases[i].name);
		assert_int_equal(MS_OK, ms_dialogue_say(dialogue,
		    MS_SIDE_CLIENT, -1, cases[i].bytes, cases[i].size, NULL));
		dialogue->begun = true;
		assert_int_equal(MS_OK, ms_script_write(dialogue, text_put,
		    out, NULL));
		assert_true(g_str_has_prefix(out->str, "\n#: dialogue 0\n"));
		assert_string_equal(cases[i].want,
		    out->str + strlen("\n#: dialogue 0\n"));
		g_string_free(out, TRUE);
		ms_dialogue_free(dialogue);
		ms_stash_free(stash);
	}
}

/* Lines around the length at which they are broken, and blocks around the one
 * in which they are read. */
static void
test_long(void **state)
{
	static const size_t sizes[] = {
		995, 996, 997, 998, 999, 1000, 1001, 1002, 1003, 32766, 32767,
		32768, 32769, 32770, 33770, 100000,
	};
	static const char *const ends[] = {
		"", "\r", "\n", "\r\n", "\r\nx", "\xc3\xa9", "\\",
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(sizes) * G_N_ELEMENTS(ends);
	    i++) {
		struct ms_stash *stash = text_stash(1 << 24);
		struct ms_dialogue *dialogue = ms_dialogue_new(stash);
		const char *end = ends[i % G_N_ELEMENTS(ends)];
		size_t size = sizes[i / G_N_ELEMENTS(ends)];
		char *bytes = g_strnfill(size + strlen(end), 'x');

		memcpy(bytes + size, end, strlen(end));
		assert_int_equal(MS_OK, ms_dialogue_say(dialogue,
		    MS_SIDE_SERVER, 17, bytes, strlen(bytes), NULL));
		assert_true(script_same(stash, dialogue));
		g_free(bytes);
		ms_dialogue_free(dialogue);
		ms_stash_free(stash);
	}
}

/* However it was cut, what is said while it is said is the same text. */
static void
test_pieces(void **state)
{
	GRand *rand = g_rand_new_with_seed(SEED);
	struct ms_stash *stash = text_stash(64 << 20);

	(void)state;
	for (int run = 0; run < 300; run++) {
		struct ms_dialogue *dialogue = ms_dialogue_new(stash);
		GString *whole = g_string_new(NULL), *now = g_string_new(NULL);
		struct ms_script *script = ms_script_open("a:1", "b:2",
		    text_put, now);

		dialogue->number = 1;
		dialogue->begun = true;
		dialogue->client = g_strdup("a:1");
		dialogue->server = g_strdup("b:2");
		for (int turn = 0; turn < 10; turn++) {
			const enum ms_side side = turn % 2 ? MS_SIDE_CLIENT :
			    MS_SIDE_SERVER;
			const int64_t time_us = (int64_t)1000000 * (turn + 1);
			size_t size = (size_t)g_rand_int_range(rand, 1,
			    run % 10 ? 60 : 5000), at = 0;
			char *bytes = g_malloc(size);

			for (size_t i = 0; i < size; i++)
				bytes[i] = "ab\r\n\n \\\xc3\xa9"[
				    g_rand_int_range(rand, 0, 9)];
			assert_int_equal(MS_OK, ms_dialogue_say(dialogue,
			    side, time_us, bytes, size, NULL));
			while (at < size) {
				const size_t some = (size_t)
				    g_rand_int_range(rand, 1, 40);
				const size_t piece = MIN(size - at, some);

				assert_int_equal(MS_OK, ms_script_say(script,
				    side, time_us + (int64_t)at, bytes + at,
				    piece, NULL));
				at += piece;
			}
			g_free(bytes);
		}
		assert_int_equal(MS_OK, ms_dialogue_secure(dialogue, 20000000,
		    NULL));
		assert_int_equal(MS_OK, ms_script_secure(script, 20000000,
		    NULL));
		assert_int_equal(MS_OK, ms_dialogue_end(dialogue,
		    MS_SIDE_CLIENT, 30000000, false, NULL));
		assert_int_equal(MS_OK, ms_script_end(script, MS_SIDE_CLIENT,
		    30000000, NULL));
		assert_int_equal(MS_OK, ms_script_close(script, NULL));
		assert_int_equal(MS_OK, ms_script_write(dialogue, text_put,
		    whole, NULL));
		for (size_t i = 0; i <= whole->len; i++)
			if (now->str[i] != whole->str[i])
				fail_msg("run %d: %.100s\nand not %.100s", run,
				    now->str + MAX(i, 40) - 40,
				    whole->str + MAX(i, 40) - 40);
		(void)g_string_free(whole, TRUE);
		(void)g_string_free(now, TRUE);
		ms_dialogue_free(dialogue);
	}
	ms_stash_free(stash);
	g_rand_free(rand);
}

static enum ms_status
refuse(void *arg, const void *data, size_t size, struct ms_error *err)
{
	(void)arg;
	(void)data;
	(void)size;
	return ms_error_set(err, MS_E_IO, "no room");
}

static void
test_failure(void **state)
{
	struct ms_stash *stash = text_stash(1 << 20);
	struct ms_dialogue *dialogue = ms_dialogue_new(stash);
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(MS_E_IO, ms_script_begin(refuse, NULL, &err));
	err.text[0] = '\0';
	assert_int_equal(MS_E_IO, ms_script_write(dialogue, refuse, NULL,
	    &err));
	assert_string_equal("no room", err.text);
	assert_int_equal(MS_E_IO, ms_script_close(ms_script_open("a", "b",
	    refuse, NULL), &err));
	ms_dialogue_free(dialogue);
	ms_stash_free(stash);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
