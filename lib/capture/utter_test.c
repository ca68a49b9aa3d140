#include "capture/utter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "capture/script_test.h"

/* Short and long words, in any order with what is no words: as if each had
 * been added at once. */
static void
test_same(void **state)
{
	static const size_t sizes[] = { 0, 1, 100, 4095, 4096, 4097, 9000 };
	struct ms_stash *stash = text_stash(64 << 20);
	struct ms_desk *desk = ms_desk_new(stash);
	GRand *rand = g_rand_new_with_seed(1);
	char *words = g_strnfill(9000, 'x');

	(void)state;
	for (int run = 0; run < 200; run++) {
		struct ms_dialogue *want = ms_dialogue_new(stash), *got;
		struct ms_utter utter;

		ms_utter_init(&utter, desk);
		want->begun = true;
		for (int i = 0; i < 30; i++) {
			enum ms_side side = (enum ms_side)g_rand_int_range(
			    rand, 0, 2);
			int64_t at = g_rand_int_range(rand, 0, 2);
			int what = g_rand_int_range(rand, 0, 8);
			struct ms_turn end = { .kind = MS_TURN_END,
				.side = side, .time_us = at };
			size_t size = sizes[g_rand_int_range(rand, 0,
			    G_N_ELEMENTS(sizes))];

			if (what == 0) {
				(void)ms_dialogue_gap(want, side, at, 7, NULL);
				(void)ms_utter_gap(&utter, side, at, 7, NULL);
			} else if (what == 1) {
				(void)ms_dialogue_end(want, side, at, false,
				    NULL);
				(void)ms_utter_end(&utter, &end, NULL);
			} else if (what == 2) {
				(void)ms_dialogue_note(want, side, at, "a",
				    NULL);
				(void)ms_utter_note(&utter, side, at, "a",
				    NULL);
			} else if (what == 3) {
				(void)ms_dialogue_secure(want, at, NULL);
				(void)ms_utter_secure(&utter, at, NULL);
			} else {
				(void)ms_dialogue_say(want, side, at, words,
				    size, NULL);
				(void)ms_utter_say(&utter, side, at, words,
				    size, NULL);
			}
			assert_int_equal(want->turns->len > 0,
			    ms_utter_any(&utter));
		}
		assert_int_equal(MS_OK, ms_utter_done(&utter, NULL));
		assert_null(utter.dialogue);
		ms_utter_clear(&utter);
		got = ms_desk_take(desk);
		assert_true(script_equal(want, got));
		ms_dialogue_free(got);
		ms_dialogue_free(want);
	}
	g_free(words);
	g_rand_free(rand);
	ms_desk_free(desk);
	ms_stash_free(stash);
}

/* However full the stash is, with bytes or with turns, the dialogue ends with
 * gaps of both sides, and can be written down. */
static void
test_full(void **state)
{
	struct ms_stash *other = text_stash(64 << 20);

	(void)state;
	for (size_t size = 1; size < 3000; size += 37) {
		struct ms_stash *stash = text_stash(16384);
		struct ms_desk *desk = ms_desk_new(stash);
		char *words = g_strnfill(size, 'x');
		struct ms_utter utter;
		struct ms_dialogue *got;
		struct ms_error err = { "" };
		size_t count;

		ms_utter_init(&utter, desk);
		for (int i = 0; i < 1000; i++) {
			assert_int_equal(MS_OK, ms_utter_say(&utter,
			    (enum ms_side)(i & 1), -1, words, size, &err));
			if (i % 3 == 0)
				assert_int_equal(MS_OK, ms_utter_gap(&utter,
				    (enum ms_side)(i / 3 & 1), -1, 0, &err));
		}
		assert_true(utter.full);
		assert_int_equal(MS_OK, ms_utter_done(&utter, &err));
		assert_int_equal(MS_E_LIMIT, ms_desk_verdict(desk, &err));
		got = ms_desk_take(desk);
		count = got->turns->len;
		assert_int_equal(MS_TURN_GAP,
		    ms_dialogue_turn(got, count - 1)->kind);
		assert_int_equal(MS_TURN_GAP,
		    ms_dialogue_turn(got, count - 2)->kind);
		assert_int_not_equal(ms_dialogue_turn(got, count - 1)->side,
		    ms_dialogue_turn(got, count - 2)->side);
		assert_true(script_same(other, got));
		ms_dialogue_free(got);
		g_free(words);
		ms_desk_free(desk);
		ms_stash_free(stash);
	}
	ms_stash_free(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
