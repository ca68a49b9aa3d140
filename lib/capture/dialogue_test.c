#include "capture/dialogue_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct ms_stash *
new_stash(size_t size)
{
	struct ms_stash_config config = { .memory_max = size, .fd = -1 };

	return ms_stash_new(&config);
}

static void
say(struct ms_dialogue *dialogue, enum ms_side side, int64_t time,
    const char *text)
{
	assert_int_equal(MS_OK, ms_dialogue_say(dialogue, side, time, text,
	    strlen(text), NULL));
}

static void
expect(const struct ms_dialogue *dialogue, const char *want)
{
	char *got = dialogue_describe(dialogue);

	assert_string_equal(want, got);
	g_free(got);
}

static void
test_turns(void **state)
{
	struct ms_stash *stash = new_stash(1 << 20);
	struct ms_dialogue *dialogue = ms_dialogue_new(stash);

	(void)state;
	expect(dialogue, "0 ?>? 0 cut");
	dialogue->number = 3;
	dialogue->client = g_strdup("192.0.2.1:1025");
	dialogue->server = g_strdup("[2001:db8::1]:25");
	dialogue->position = 17;
	dialogue->unit = "packet";
	dialogue->begun = true;
	say(dialogue, MS_SIDE_SERVER, 5, "220 ");
	say(dialogue, MS_SIDE_SERVER, 5, "ready");
	say(dialogue, MS_SIDE_SERVER, 6, "!");
	say(dialogue, MS_SIDE_CLIENT, 6, "");
	say(dialogue, MS_SIDE_SERVER, 6, "!");
	assert_int_equal(MS_OK, ms_dialogue_gap(dialogue, MS_SIDE_CLIENT, 7,
	    100, NULL));
	assert_int_equal(MS_OK, ms_dialogue_gap(dialogue, MS_SIDE_CLIENT, 8,
	    11, NULL));
	assert_int_equal(MS_OK, ms_dialogue_gap(dialogue, MS_SIDE_CLIENT, 8,
	    0, NULL));
	assert_int_equal(MS_OK, ms_dialogue_gap(dialogue, MS_SIDE_CLIENT, 8,
	    0, NULL));
	assert_int_equal(MS_OK, ms_dialogue_secure(dialogue, 9, NULL));
	say(dialogue, MS_SIDE_CLIENT, -1, "QUIT");
	assert_int_equal(MS_OK, ms_dialogue_note(dialogue, MS_SIDE_CLIENT, -1,
	    "said twice", NULL));
	assert_int_equal(MS_OK, ms_dialogue_note(dialogue, MS_SIDE_CLIENT, -1,
	    "differently", NULL));
	assert_int_equal(MS_OK, ms_dialogue_end(dialogue, MS_SIDE_CLIENT, 10,
	    false, NULL));
	assert_int_equal(MS_OK, ms_dialogue_end(dialogue, MS_SIDE_SERVER, 10,
	    true, NULL));
	expect(dialogue, "3 192.0.2.1:1025>[2001:db8::1]:25 packet17 C S; "
	    "bytes S 5 [220 ready]; bytes S 6 [!!]; gap C 7 111; gap C 8 0; "
	    "secure C 9; bytes C -1 [QUIT]; note C -1 [said twice]; "
	    "note C -1 [differently]; end C 10; reset S 10");
	ms_dialogue_free(dialogue);
	ms_dialogue_free(NULL);
	ms_stash_free(stash);
}

static void
test_read(void **state)
{
	struct ms_stash *stash = new_stash(1 << 20);
	struct ms_dialogue *dialogue = ms_dialogue_new(stash);
	char data[20];
	size_t got;

	(void)state;
	say(dialogue, MS_SIDE_CLIENT, 1, "EHLO");
	say(dialogue, MS_SIDE_SERVER, 1, "250 yes");
	assert_int_equal(MS_OK, ms_dialogue_gap(dialogue, MS_SIDE_SERVER, 1,
	    100, NULL));
	got = 3;
	assert_int_equal(MS_OK, ms_dialogue_read(dialogue, 1, 2, data,
	    &got, NULL));
	assert_int_equal(3, got);
	assert_memory_equal("0 y", data, 3);
	/* No turn leads into another. */
	got = 20;
	assert_int_equal(MS_OK, ms_dialogue_read(dialogue, 0, 2, data,
	    &got, NULL));
	assert_int_equal(2, got);
	got = 20;
	assert_int_equal(MS_OK, ms_dialogue_read(dialogue, 0, 4, data,
	    &got, NULL));
	assert_int_equal(0, got);
	got = 20;
	assert_int_equal(MS_OK, ms_dialogue_read(dialogue, 2, 0, data,
	    &got, NULL));
	assert_int_equal(0, got);
	ms_dialogue_free(dialogue);
	ms_stash_free(stash);
}

/* Who sends byte by byte is heard, but not each byte has a turn for ever. */
static void
test_fine(void **state)
{
	struct ms_stash *stash = new_stash(64 << 20);
	struct ms_dialogue *dialogue = ms_dialogue_new(stash);

	(void)state;
	for (int i = 0; i < 2 * MS_DIALOGUE_FINE; i++)
		say(dialogue, MS_SIDE_CLIENT, i, "x");
	assert_int_equal(MS_DIALOGUE_FINE, dialogue->turns->len);
	assert_int_equal(MS_DIALOGUE_FINE + 1, ms_dialogue_turn(dialogue,
	    MS_DIALOGUE_FINE - 1)->size);
	ms_dialogue_free(dialogue);
	ms_stash_free(stash);
}

/* Turns are counted, and what has no room changes nothing. */
static void
test_full(void **state)
{
	struct ms_stash *stash = new_stash(2 * MS_STASH_BLOCK);
	struct ms_dialogue *dialogue = ms_dialogue_new(stash), *other;
	struct ms_error err = { "" };
	char block[3 * MS_STASH_BLOCK] = "";
	enum ms_status status = MS_OK;
	unsigned turns;

	(void)state;
	assert_int_equal(MS_E_LIMIT, ms_dialogue_say(dialogue, MS_SIDE_CLIENT,
	    1, block, sizeof block, &err));
	assert_int_equal(0, dialogue->turns->len);
	say(dialogue, MS_SIDE_CLIENT, 1, "a");
	for (int i = 0; status == MS_OK; i++)
		status = ms_dialogue_end(dialogue, i % 2, 2, false, &err);
	assert_int_equal(MS_E_LIMIT, status);
	turns = dialogue->turns->len;
	assert_in_range(turns, 10, 1000);
	assert_int_equal(MS_E_LIMIT, ms_dialogue_note(dialogue,
	    MS_SIDE_CLIENT, 1, "b", &err));
	assert_int_equal(turns, dialogue->turns->len);
	other = ms_dialogue_new(stash);
	assert_int_equal(MS_E_LIMIT, ms_dialogue_gap(other, MS_SIDE_CLIENT, 1,
	    5, &err));
	ms_dialogue_free(dialogue);
	assert_int_equal(MS_OK, ms_dialogue_gap(other, MS_SIDE_CLIENT, 1, 5,
	    &err));
	expect(other, "0 ?>? 0 cut; gap C 1 5");
	ms_dialogue_free(other);
	ms_stash_free(stash);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_fine),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
