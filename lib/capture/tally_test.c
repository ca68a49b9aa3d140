#include "capture/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
say(struct ms_dialogue *dialogue, enum ms_side side, int64_t time,
    const char *text)
{
	assert_int_equal(MS_OK, ms_dialogue_say(dialogue, side, time, text,
	    strlen(text), NULL));
}

static void
test_numbers(void **state)
{
	const struct ms_stash_config config = { .memory_max = 1 << 20,
		.fd = -1 };
	struct ms_stash *stash = ms_stash_new(&config);
	struct ms_dialogue *dialogue = ms_dialogue_new(stash);
	struct ms_tally tally;

	(void)state;
	dialogue->begun = true;
	assert_int_equal(MS_OK, ms_tally(dialogue, &tally, NULL));
	assert_int_equal(-1, tally.first_us);
	assert_int_equal(-1, tally.last_us);
	assert_int_equal(0, tally.messages);
	assert_false(tally.ended);
	say(dialogue, MS_SIDE_SERVER, -1, "220 hi\r\n");
	say(dialogue, MS_SIDE_CLIENT, 7, "MAIL FROM:<a@b>\r\n");
	say(dialogue, MS_SIDE_SERVER, 8, "250 ok\r\n");
	say(dialogue, MS_SIDE_CLIENT, 9, "RCPT TO:<a@b>\r\n");
	say(dialogue, MS_SIDE_SERVER, 10, "250 ok\r\n");
	say(dialogue, MS_SIDE_CLIENT, 11, "DATA\r\n");
	say(dialogue, MS_SIDE_SERVER, 12, "354 ok\r\n");
	say(dialogue, MS_SIDE_CLIENT, 13, "a: b\r\n\r\nc\r\n.\r\n");
	say(dialogue, MS_SIDE_SERVER, 14, "250 ok\r\n");
	(void)ms_dialogue_end(dialogue, MS_SIDE_CLIENT, 15, false, NULL);
	assert_int_equal(MS_OK, ms_tally(dialogue, &tally, NULL));
	assert_int_equal(7, tally.first_us);
	assert_int_equal(15, tally.last_us);
	assert_int_equal(52, tally.bytes[MS_SIDE_CLIENT]);
	assert_int_equal(40, tally.bytes[MS_SIDE_SERVER]);
	assert_int_equal(1, tally.messages);
	assert_false(tally.ended || tally.reset || tally.tls);
	(void)ms_dialogue_end(dialogue, MS_SIDE_SERVER, 16, false, NULL);
	assert_int_equal(MS_OK, ms_tally(dialogue, &tally, NULL));
	assert_true(tally.ended);
	(void)ms_dialogue_gap(dialogue, MS_SIDE_SERVER, 3, 100, NULL);
	(void)ms_dialogue_gap(dialogue, MS_SIDE_CLIENT, 3, UINT64_MAX, NULL);
	(void)ms_dialogue_secure(dialogue, 3, NULL);
	(void)ms_dialogue_end(dialogue, MS_SIDE_SERVER, 3, true, NULL);
	assert_int_equal(MS_OK, ms_tally(dialogue, &tally, NULL));
	assert_int_equal(2, tally.gaps);
	assert_true(tally.missing == UINT64_MAX);
	assert_true(tally.tls && tally.reset);
	assert_int_equal(16, tally.last_us);
	ms_dialogue_free(dialogue);
	ms_stash_free(stash);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
