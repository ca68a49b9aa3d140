#include "capture/replies.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* The replies of a server that says TURNS ("|" between them, "g" a gap, "C"
 * the client), each as "code@turn", "!" before it if it is shaken. */
static char *
hear(const char *text)
{
	const struct ms_stash_config config = { .memory_max = 1 << 20,
		.fd = -1 };
	struct ms_stash *stash = ms_stash_new(&config);
	struct ms_dialogue *d = ms_dialogue_new(stash);
	char **turns = g_strsplit(text, "|", -1);
	GString *out = g_string_new(NULL);
	const struct ms_reply *reply, *again;
	struct ms_replies *replies;
	int64_t now = 0;

	for (char **t = turns; *t; t++, now++) {
		if (**t == 'g')
			(void)ms_dialogue_gap(d, MS_SIDE_SERVER, now, 9,
			    NULL);
		else
			(void)ms_dialogue_say(d, **t == 'C' ? MS_SIDE_CLIENT :
			    MS_SIDE_SERVER, now, *t, strlen(*t), NULL);
	}
	replies = ms_replies_new(d);
	while (ms_replies_peek(replies, &reply, NULL) == MS_OK) {
		assert_int_equal(MS_OK, ms_replies_peek(replies, &again,
		    NULL));
		assert_ptr_equal(reply, again);
		g_string_append_printf(out, "%s%d@%d ",
		    ms_replies_shaken(replies) ? "!" : "", reply->code,
		    (int)ms_replies_turn(replies));
		assert_false(ms_replies_shaken(replies));
		ms_replies_take(replies);
	}
	ms_replies_free(replies);
	ms_dialogue_free(d);
	ms_stash_free(stash);
	g_strfreev(turns);
	return g_string_free(out, FALSE);
}

static void
test_replies(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "220 hi\r\n", "220@0 " },
		{ "220 hi\r\n250 a\r\n|C|354 go\r\n", "220@0 250@0 354@2 " },
		{ "250-a\r\n|C|250 b\r\n220 c\r\n", "250@0 220@2 " },
		{ "22|0 h|i\r|\n250 a\n", "220@0 250@3 " },
		{ "220 hi\r\nrubbish\r\n250 a\r\n", "220@0 !250@0 " },
		{ "220 hi\r\n25|g|0 a\r\n354 go\r\n", "220@0 !354@2 " },
		{ "220 hi\r\n|g|250 a\r\n", "220@0 !250@2 " },
		{ "221 bye", "221@0 " },
		{ "C", "" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *got = hear(cases[i].text);

		assert_string_equal(cases[i].want, got);
		g_free(got);
	}
}

/* A line that is too long is passed over, in whatever pieces. */
static void
test_long(void **state)
{
	GString *text = g_string_new("250 ");
	char *got;

	(void)state;
	while (text->len < 3 * MS_REPLY_LINE_MAX)
		g_string_append(text, text->len % 5000 == 0 ? "|x" : "x");
	g_string_append(text, "\r\n|354 go\r\n");
	got = hear(text->str);
	assert_true(g_str_has_prefix(got, "!354@"));
	g_free(got);
	g_string_free(text, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
