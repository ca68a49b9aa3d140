#include "capture/stray.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static enum ms_status
append(void *arg, const void *data, size_t size, struct ms_error *err)
{
	(void)err;
	g_string_append_len(arg, data, (gssize)size);
	return MS_OK;
}

static struct ms_dialogue *
talk(struct ms_stash *stash)
{
	static const char *const turns[] = { "Cabc\r\n..d\r\n", "Sxxx",
		"C.\r\ne", "Syyy", "Cf\r\ng" };
	struct ms_dialogue *dialogue = ms_dialogue_new(stash);

	for (size_t i = 0; i < G_N_ELEMENTS(turns); i++)
		assert_int_equal(MS_OK, ms_dialogue_say(dialogue,
		    *turns[i] == 'S' ? MS_SIDE_SERVER : MS_SIDE_CLIENT,
		    (int64_t)i, turns[i] + 1, strlen(turns[i] + 1), NULL));
	return dialogue;
}

/* Runs are read again by their places in what the client says, without dots;
 * short ones do not matter. */
static void
test_runs(void **state)
{
	const struct ms_stash_config config = { .memory_max = 1 << 20,
		.fd = -1 };
	struct ms_stash *stash = ms_stash_new(&config);
	struct ms_dialogue *dialogue = talk(stash);
	struct ms_stray *stray = ms_stray_new(dialogue);
	GString *out = g_string_new(NULL);

	(void)state;
	assert_false(ms_stray_is_open(stray));
	assert_false(ms_stray_matters(stray));
	ms_stray_add(stray, 0, 5);
	assert_false(ms_stray_matters(stray));
	ms_stray_add(stray, 5, 10);
	assert_true(ms_stray_matters(stray));
	assert_int_equal(MS_OK, ms_stray_give(stray, false, append, out,
	    NULL));
	assert_string_equal("abc\r\n.d\r\n", out->str);
	ms_stray_close(stray);
	assert_false(ms_stray_is_open(stray));
	g_string_truncate(out, 0);
	ms_stray_add(stray, 13, 17);
	assert_false(ms_stray_matters(stray));
	ms_stray_lacks(stray, "first");
	ms_stray_lacks(stray, "second");
	assert_true(ms_stray_matters(stray));
	assert_string_equal("first", ms_stray_why(stray));
	assert_int_equal(MS_OK, ms_stray_give(stray, false, append, out,
	    NULL));
	assert_string_equal("ef\r\n", out->str);
	ms_stray_close(stray);
	ms_stray_lacks_at(stray, 17, "empty");
	assert_true(ms_stray_matters(stray));
	g_string_truncate(out, 0);
	assert_int_equal(MS_OK, ms_stray_give(stray, false, append, out,
	    NULL));
	assert_string_equal("", out->str);
	ms_stray_free(stray);
	g_string_free(out, TRUE);
	ms_dialogue_free(dialogue);
	ms_stash_free(stash);
	ms_stray_free(NULL);
}

static void
test_rest(void **state)
{
	const struct ms_stash_config config = { .memory_max = 1 << 20,
		.fd = -1 };
	struct ms_stash *stash = ms_stash_new(&config);
	struct ms_dialogue *dialogue = talk(stash);
	struct ms_stray *stray = ms_stray_new(dialogue);
	struct ms_stray_place place = { 2, 3, 13 };
	GString *out = g_string_new(NULL);
	char *text;

	(void)state;
	assert_int_equal(MS_OK, ms_dialogue_secure(dialogue, 9, NULL));
	assert_int_equal(MS_OK, ms_dialogue_say(dialogue, MS_SIDE_CLIENT, 10,
	    "inside", 6, NULL));
	assert_int_equal(MS_OK, ms_stray_rest(stray, &place, UINT64_MAX,
	    append, out, NULL));
	assert_string_equal("ef\r\ng", out->str);
	assert_int_equal(4, place.turn);
	assert_int_equal(4, place.at);
	assert_int_equal(18, place.client);
	text = ms_stray_gap(0, 9, 2);
	assert_string_equal("bytes were not captured at byte 10 of stream 2",
	    text);
	g_free(text);
	text = ms_stray_gap(5, 0, 1);
	assert_string_equal("5 bytes were not captured at byte 1 of stream 1",
	    text);
	g_free(text);
	ms_stray_free(stray);
	g_string_free(out, TRUE);
	ms_dialogue_free(dialogue);
	ms_stash_free(stash);
}

/* Up to a place within a turn, or at the end of one; and runs of what was given
 * before. */
static void
test_again(void **state)
{
	const struct ms_stash_config config = { .memory_max = 1 << 20,
		.fd = -1 };
	struct ms_stash *stash = ms_stash_new(&config);
	struct ms_dialogue *dialogue = talk(stash);
	struct ms_stray *stray = ms_stray_new(dialogue);
	struct ms_stray_place place = { 0, 5, 5 };
	const struct ms_stray_place back = { 2, 1, 11 };
	GString *out = g_string_new(NULL);

	(void)state;
	assert_int_equal(MS_OK, ms_stray_rest(stray, &place, 10, append, out,
	    NULL));
	assert_string_equal("..d\r\n", out->str);
	assert_int_equal(10, place.client);
	assert_int_equal(10, place.at);
	assert_int_equal(MS_OK, ms_stray_rest(stray, &place, 15, append, out,
	    NULL));
	assert_string_equal("..d\r\n.\r\nef", out->str);
	assert_int_equal(4, place.turn);
	assert_int_equal(1, place.at);
	for (int i = 0; i < 2; i++) {
		g_string_truncate(out, 0);
		ms_stray_add(stray, 13, 18);
		assert_int_equal(MS_OK, ms_stray_give(stray, false, append,
		    out, NULL));
		assert_string_equal("ef\r\ng", out->str);
		ms_stray_close(stray);
		ms_stray_back(stray, &back);
	}
	ms_stray_free(stray);
	g_string_free(out, TRUE);
	ms_dialogue_free(dialogue);
	ms_stash_free(stash);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_rest),
		cmocka_unit_test(test_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
