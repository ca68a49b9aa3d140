#include "capture/ahead.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* What the client says, over turns of both, up to a gap of its own, to TLS,
 * and to so many bytes. */
static void
test_look(void **state)
{
	static const struct {
		size_t turn;
		uint64_t at;
		const char *want;
	} cases[] = { { 0, 0, "abcde" }, { 0, 2, "cde" }, { 0, 3, "de" },
		{ 1, 0, "de" }, { 3, 1, "e" }, { 4, 0, "" }, { 5, 0, "f" },
		{ 8, 0, "" } };
	const struct ms_stash_config config = { .memory_max = 1 << 20,
		.fd = -1 };
	struct ms_stash *stash = ms_stash_new(&config);
	struct ms_dialogue *d = ms_dialogue_new(stash);
	char many[MS_AHEAD_BYTES + 9];
	struct ms_ahead ahead;

	(void)state;
	memset(many, 'm', sizeof many);
	(void)ms_dialogue_say(d, MS_SIDE_CLIENT, 0, "abc", 3, NULL);
	(void)ms_dialogue_say(d, MS_SIDE_SERVER, 1, "xyz", 3, NULL);
	(void)ms_dialogue_gap(d, MS_SIDE_SERVER, 1, 5, NULL);
	(void)ms_dialogue_say(d, MS_SIDE_CLIENT, 2, "de", 2, NULL);
	(void)ms_dialogue_gap(d, MS_SIDE_CLIENT, 3, 5, NULL);
	(void)ms_dialogue_say(d, MS_SIDE_CLIENT, 4, "f", 1, NULL);
	(void)ms_dialogue_secure(d, 5, NULL);
	(void)ms_dialogue_say(d, MS_SIDE_CLIENT, 6, many, sizeof many, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		assert_int_equal(MS_OK, ms_ahead_look(d, cases[i].turn,
		    cases[i].at, &ahead, NULL));
		assert_int_equal(strlen(cases[i].want), ahead.size);
		assert_memory_equal(cases[i].want, ahead.bytes, ahead.size);
	}
	assert_int_equal(MS_OK, ms_ahead_look(d, 7, 0, &ahead, NULL));
	assert_int_equal(MS_AHEAD_BYTES, ahead.size);
	ms_dialogue_free(d);
	ms_stash_free(stash);
}

static void
test_commands(void **state)
{
	static const struct {
		const char *line;
		bool is, strong;
	} cases[] = {
		{ "MAIL FROM:<a@b>\r\n", true, true },
		{ "mail from:<a@b>\nx", true, true },
		{ "MAIL FROM:<a@b>", false, false },
		{ "MAIL and more\r\n", true, false },
		{ "NOOP\r\n", true, false }, { "RSET\r\n", true, true },
		{ "DATA\r\n", true, false }, { "QUIT\r\n", true, true },
		{ "Subject: x\r\n", false, false }, { "\r\n", false, false },
		{ "", false, false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		size_t size = strlen(cases[i].line);

		assert_int_equal(cases[i].is, ms_ahead_is_command(
		    cases[i].line, size, false));
		assert_int_equal(cases[i].strong, ms_ahead_is_command(
		    cases[i].line, size, true));
	}
	assert_false(ms_ahead_is_command("RSET\0\r\n", 7, false));
}

static void
test_tls(void **state)
{
	struct ms_ahead ahead = { .size = 3 };

	(void)state;
	memcpy(ahead.bytes, "\x16\3\1", 3);
	assert_true(ms_ahead_is_tls(&ahead));
	ahead.bytes[2] = 5;
	assert_false(ms_ahead_is_tls(&ahead));
	ahead.bytes[2] = 4;
	ahead.size = 2;
	assert_false(ms_ahead_is_tls(&ahead));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_look),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_tls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
