#include "capture/suspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

static const struct ms_stash_config config = { .memory_max = 1 << 20,
	.fd = -1 };

/* A chunk of commands, and of none, with an answer that was heard (TEXT) or
 * not. */
static void
test_judge(void **state)
{
	static const struct {
		const char *bytes;
		int code;
		char *text;
		bool again;
	} cases[] = {
		{ "x\r\nDATA\r\n", 250, NULL, true },
		{ "BDAT 5\r\n", 250, NULL, true },
		{ "MAIL FROM:<a@b>\r\n", 250, NULL, false },
		{ "x\r\nDATA\r\n", 250, (char *)"ok", false },
		{ "x\r\nDATA\r\n", 451, (char *)"later", false },
		{ "x\r\nDATA\r\n", 550, (char *)"spam", false },
		{ "x\r\nDATA\r\n", 500, (char *)"what", true },
		{ "x\r\nDATA\r\n", 503, (char *)"no", true },
		{ "x\r\n", 502, (char *)"no", false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_suspect *s = g_new0(struct ms_suspect, 1);
		const struct ms_stray_place place = { 3, 4, 70 };
		const struct ms_answer answer = { .code = cases[i].code,
			.text = cases[i].text };
		struct ms_stray_place back;

		assert_true(ms_suspect_begin(s, &place));
		ms_suspect_bytes(s, cases[i].bytes, strlen(cases[i].bytes));
		ms_suspect_judge(s, &answer);
		assert_int_equal(cases[i].again, s->again);
		if (s->again) {
			back = ms_suspect_back(s, 90);
			assert_int_equal(3, back.turn);
			assert_int_equal(4, back.at);
			assert_int_equal(70, back.client);
			assert_false(s->again);
		}
		g_free(s);
	}
}

/* From the first chunk on, and none that lies in what was heard twice. */
static void
test_chunks(void **state)
{
	static const struct ms_answer none = { .code = 250 };
	struct ms_suspect *s = g_new0(struct ms_suspect, 1);
	const struct ms_stray_place places[] = { { 1, 1, 10 }, { 2, 1, 20 } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_true(ms_suspect_begin(s, &places[i]));
		ms_suspect_bytes(s, "DATA\r\n", 6);
		ms_suspect_judge(s, &none);
	}
	assert_true(s->again);
	assert_int_equal(10, ms_suspect_back(s, 21).client);
	assert_false(ms_suspect_begin(s, &places[0]));
	assert_false(ms_suspect_begin(s, &places[1]));
	assert_true(ms_suspect_begin(s, &(struct ms_stray_place){ 2, 2, 21 }));
	/* What was found before is not said of this one. */
	ms_suspect_bytes(s, "x\r\n", 3);
	ms_suspect_judge(s, &none);
	assert_false(s->again);
	g_free(s);
}

/* The line goes on behind the chunk, or it does not. */
static void
test_end(void **state)
{
	static const struct {
		const char *chunk, *behind;
		bool brings;
	} cases[] = {
		{ "x\r\nDA", "TA\r\n", true }, { "x\r\nDA", "TE\r\n", false },
		{ "x\r\nDATA", "\n", true }, { "x\r\nDATA", "", false },
		{ "x\r\n", "DATA\r\n", false }, { "D", "x\r\nDATA\r\n", false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_stash *stash = ms_stash_new(&config);
		struct ms_dialogue *dialogue = ms_dialogue_new(stash);
		struct ms_suspect *s = g_new0(struct ms_suspect, 1);
		const struct ms_stray_place place = { 0, 0, 0 };

		(void)ms_dialogue_say(dialogue, MS_SIDE_CLIENT, 0,
		    cases[i].behind, strlen(cases[i].behind), NULL);
		assert_true(ms_suspect_begin(s, &place));
		ms_suspect_bytes(s, cases[i].chunk, strlen(cases[i].chunk));
		assert_int_equal(MS_OK, ms_suspect_end(s, dialogue, 0, 0,
		    NULL));
		assert_int_equal(cases[i].brings, s->brings);
		g_free(s);
		ms_dialogue_free(dialogue);
		ms_stash_free(stash);
	}
}

/* Without an end, it is the server's next reply that tells. */
static void
test_cut(void **state)
{
	static const struct {
		const char *reply;
		bool again;
	} cases[] = { { "", true }, { "502 no\r\n", true },
		{ "250 ok\r\n", false }, { "550 no\r\n", false } };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_stash *stash = ms_stash_new(&config);
		struct ms_dialogue *dialogue = ms_dialogue_new(stash);
		struct ms_suspect *s = g_new0(struct ms_suspect, 1);
		struct ms_answers *answers;
		const struct ms_stray_place place = { 0, 9, 9 };

		(void)ms_dialogue_say(dialogue, MS_SIDE_CLIENT, 0,
		    "BDAT 99\r\nDATA\r\n", 15, NULL);
		(void)ms_dialogue_say(dialogue, MS_SIDE_SERVER, 1,
		    cases[i].reply, strlen(cases[i].reply), NULL);
		dialogue->begun = true;
		assert_int_equal(MS_OK, ms_answers_new(dialogue, &answers,
		    NULL));
		assert_true(ms_suspect_begin(s, &place));
		ms_suspect_bytes(s, "DATA\r\n", 6);
		assert_int_equal(MS_OK, ms_suspect_cut(s, answers, NULL));
		assert_int_equal(cases[i].again, s->again);
		ms_answers_free(answers);
		g_free(s);
		ms_dialogue_free(dialogue);
		ms_stash_free(stash);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_chunks),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
