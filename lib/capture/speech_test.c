#include "capture/speech.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "capture/floor.h"
#include "capture/transcript_test.h"

/* What the forms' own tests do not reach: see those. */

static enum ms_status
say(struct ms_speech *speech, enum ms_side side, const char *text)
{
	const struct ms_piece piece = {
		.data = (const unsigned char *)text, .size = strlen(text),
		.first = true, .last = true, .ending = MS_TEXTLINES_LF,
	};
	const struct ms_said said = {
		.side = side, .time_us = -1, .data = piece.data,
		.size = piece.size, .piece = &piece,
	};

	return ms_speech_say(speech, &said, NULL);
}

/* What the next finished dialogue is, without its first lines. */
static char *
taken(struct ms_desk *desk)
{
	struct ms_dialogue *dialogue = ms_desk_take(desk);
	GString *text = g_string_new(NULL);
	char *rest;

	assert_non_null(dialogue);
	assert_int_equal(MS_OK, ms_script_write(dialogue, text_put, text,
	    NULL));
	ms_dialogue_free(dialogue);
	rest = g_strdup(strstr(text->str, "line 1\n") + 7);
	g_string_free(text, TRUE);
	return rest;
}

static void
test_blind(void **state)
{
	struct ms_stash *stash = text_stash(1 << 20);
	struct ms_desk *desk = ms_desk_new(stash);
	struct ms_speech *speech = ms_speech_new(desk, true);
	char *got;

	(void)state;
	(void)say(speech, MS_SIDE_SERVER, "220 a");
	(void)say(speech, MS_SIDE_CLIENT, "DATA");
	assert_false(ms_speech_in_content(speech));
	/* The answer is the last that there is. */
	(void)say(speech, MS_SIDE_SERVER, "354 b");
	assert_int_equal(MS_OK, ms_speech_done(speech, NULL, NULL));
	got = taken(desk);
	assert_string_equal("S: 220 a\nC: DATA\nS: 354 b\n"
	    "#: gap client unknown\n", got);
	g_free(got);
	ms_desk_free(desk);
	ms_stash_free(stash);
}

static void
test_cut(void **state)
{
	struct ms_stash *stash = text_stash(1 << 20);
	struct ms_desk *desk = ms_desk_new(stash);
	struct ms_speech *speech = ms_speech_new(desk, false);
	char *got;

	(void)state;
	assert_false(ms_speech_any(speech));
	(void)say(speech, MS_SIDE_SERVER, "220 a");
	assert_true(ms_speech_any(speech));
	assert_int_equal(MS_OK, ms_speech_done(speech, "torn", NULL));
	got = taken(desk);
	assert_string_equal("S: 220 a\n#: gap client unknown\n"
	    "#: gap server unknown\n#: note client torn\n", got);
	g_free(got);
	ms_desk_free(desk);
	ms_stash_free(stash);
}

/* Once the stash is full nothing more is said, and the desk knows. */
static void
test_full(void **state)
{
	struct ms_stash *stash = text_stash(4096);
	struct ms_desk *desk = ms_desk_new(stash);
	struct ms_speech *speech = ms_speech_new(desk, false);
	char *line = g_strnfill(1000, 'x');
	struct ms_error err = { "" };
	struct ms_dialogue *dialogue;

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(MS_OK, say(speech, MS_SIDE_CLIENT, line));
	assert_int_equal(MS_OK, ms_speech_done(speech, "torn", &err));
	assert_int_equal(MS_E_LIMIT, ms_desk_verdict(desk, &err));
	dialogue = ms_desk_take(desk);
	assert_int_equal(3, dialogue->turns->len);
	assert_int_equal(MS_TURN_GAP, ms_dialogue_turn(dialogue, 1)->kind);
	assert_int_equal(MS_TURN_GAP, ms_dialogue_turn(dialogue, 2)->kind);
	ms_dialogue_free(dialogue);
	g_free(line);
	ms_desk_free(desk);
	ms_stash_free(stash);
}

/* Thrown away. */
static void
test_thrown_away(void **state)
{
	struct ms_stash *stash = text_stash(1 << 20);
	struct ms_desk *desk = ms_desk_new(stash);
	struct ms_floor floor = { .desk = desk };

	(void)state;
	assert_int_equal(MS_OK, ms_floor_done(&floor, NULL, NULL));
	assert_int_equal(MS_OK, ms_floor_skip(&floor, NULL));
	(void)say(ms_floor_speech(&floor), MS_SIDE_SERVER, "220 a");
	ms_speech_free(floor.speech);
	ms_speech_free(NULL);
	assert_null(ms_desk_take(desk));
	ms_desk_free(desk);
	ms_stash_free(stash);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blind),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_thrown_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
