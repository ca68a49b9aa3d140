#include "capture/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FOREVER UINT64_MAX
#define A258 \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd" \
    "\r\nab"

/* The turns of TEXT, with "|" between them: C and S say something, g is a gap
 * of the client, T where somebody says what is inside. */
static void
say(struct ms_dialogue *dialogue, const char *text)
{
	char **turns = g_strsplit(text, "|", -1);
	int64_t now = 0;

	for (char **t = turns; *t; t++, now++) {
		if (**t == 'g')
			(void)ms_dialogue_gap(dialogue, MS_SIDE_CLIENT, now,
			    strtoul(*t + 1, NULL, 10), NULL);
		else if (**t == 'T')
			(void)ms_dialogue_secure(dialogue, now, NULL);
		else
			(void)ms_dialogue_say(dialogue, **t == 'S' ?
			    MS_SIDE_SERVER : MS_SIDE_CLIENT, now, *t + 1,
			    strlen(*t + 1), NULL);
	}
	g_strfreev(turns);
}

static uint64_t
end_of(const char *text, const struct ms_stray_place *place)
{
	const struct ms_stash_config config = { .memory_max = 1 << 20,
		.fd = -1 };
	struct ms_stash *stash = ms_stash_new(&config);
	struct ms_dialogue *dialogue = ms_dialogue_new(stash);
	struct ms_seal *seal;
	uint64_t end, again;

	say(dialogue, text);
	seal = ms_seal_new(dialogue);
	assert_int_equal(MS_OK, ms_seal_end(seal, place, &end, NULL));
	assert_int_equal(MS_OK, ms_seal_end(seal, place, &again, NULL));
	assert_int_equal(end, again);
	ms_seal_free(seal);
	ms_dialogue_free(dialogue);
	ms_stash_free(stash);
	return end;
}

static void
test_ends(void **state)
{
	static const struct {
		const char *name, *text;
		uint64_t want;
	} cases[] = {
		{ "nothing", "Cab", 2 },
		{ "no TLS", "Cabhello", 2 },
		{ "a record that cannot be", "Cab\x16\3\1\x7f\x7fx", 2 },
		{ "a record that goes on", "Cab\x16\3\1\1\2x", FOREVER },
		{ "records", "Cab\x16\3\1\1\2" A258 "\x17\3\3\1\2x", FOREVER },
		{ "a record, and no other one: the line began in it",
		  "Cab\x16\3\1\1\2" A258 "cd\r\n", 2 + 5 + 256 },
		{ "likewise, over turns", "Cab\x16\3\1\1|C\2" A258 "|Ccd\r\n",
		  2 + 5 + 256 },
		{ "a head in two turns", "Cab\x16\3\1\1\2" A258
		  "|C\x17|C\7", 2 + 5 + 256 },
		{ "a command", "Cab\x16\3\1\1\2x\r\nRCPT TO:<a@b>\r\n", 10 },
		{ "a command over turns", "Cab\x16\3\1\1\2x\r|C\nRCP|"
		  "CT TO:<a@b>\n", 10 },
		{ "digits of the server", "Cab\x16\3\1\1\2x|S500 no", 2 },
		{ "digits after more", "Cab\x16\3|C\1\1\2x|g7|S500 no", 2 },
		{ "TLS of the server", "Cab\x16\3\1\1\2x|S\x16", FOREVER },
		{ "inside", "Cab\x16\3\1\1\2x|T|C\r\nDATA\r\n", FOREVER },
		{ "inside, and then digits", "Cab\x16\3\1\1\2x|T|S220 x",
		  FOREVER },
		{ "a gap in a record", "Cab\x16\3\1\1\2x|g257|CNOOP", 8 },
		{ "a gap over its end", "Cab\x16\3\1\1\2x|g258|CNOOP",
		  FOREVER },
		{ "a gap, and a command", "Cab\x16\3\1\1\2x|g0|C\nDATA\n", 9 },
	};
	/* The first two bytes are behind it, and so one that it said before. */
	static const struct ms_stray_place place = { 0, 2, 2 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		print_message("  %s\n", cases[i].name);
		assert_int_equal(cases[i].want,
		    end_of(cases[i].text, &place));
	}
}

static void
test_why(void **state)
{
	char *why = ms_seal_why(18, FOREVER, 7);

	(void)state;
	assert_string_equal("TLS from byte 19 of stream 7", why);
	g_free(why);
	why = ms_seal_why(18, 20, 7);
	assert_string_equal("TLS from byte 19 of stream 7, over at byte 20",
	    why);
	g_free(why);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
