#include "replay/learn.h"

#include "replay/role_test.h"

/* What was said, and the role that it makes; CUT: words in why it is. */
static const struct row {
	const char *name, *dialogue, *role, *cut;
} rows[] = {
	{ "one after the other",
	  "S 220 a|\nC EHLO b|\nS 250 a|\nC QUIT|\nS 221 x|\nE",
	  "0 220; 1 [EHLO b|] 250; 2 [QUIT|] 221; 3 end", NULL },
	{ "pipelined, and a message",
	  "S 220 a|\nC EHLO b|\nS 250-a|250 PIPELINING|\n"
	  "C MAIL FROM:<a@b>|RCPT TO:<c@d>|DATA|\n"
	  "S 250 ok|550 no|354 go|\nC Subject: x||..y|.|QUIT|\n"
	  "S 250 kept|221 bye|\ne\nE",
	  "0 220; 1 [EHLO b|] 250; 2 [MAIL FROM:<a@b>|] 250; "
	  "2 [RCPT TO:<c@d>|] 550; 2 [DATA|] 354; "
	  "5 [Subject: x||..y|.|] 250; 5 [QUIT|] 221; 7 end", NULL },
	{ "replies in several turns",
	  "S 220 a|\nC MAIL FROM:<a@b>|RCPT TO:<c@d>|\nS 250 ok|\n"
	  "C RCPT TO:<e@f>|\nS 250 ok|250 ok|\nC QUIT|\nS 221 x|\nE",
	  "0 220; 1 [MAIL FROM:<a@b>|] 250; 1 [RCPT TO:<c@d>|] 250; "
	  "2 [RCPT TO:<e@f>|] 250; 4 [QUIT|] 221; 5 end", NULL },
	{ "chunks",
	  "S 220 a|\nC BDAT 4|\nC ab|BDAT 3 LAST|x|\nS 250 ok|250 ok|\nE",
	  "0 220; 1 [BDAT 4|ab|] 250; 1 [BDAT 3 LAST|x|] 250; 3 end", NULL },
	{ "an odd line",
	  "S 220 a|\nC \001\002|\nS 500 what|\nC QUIT|\nS 221 x|\nE",
	  "0 220; 1 [\001\002|] 500; 2 [QUIT|] 221; 3 end", NULL },
	{ "the client breaks off",
	  "S 220 a|\nC DATA|\nS 354 go|\nC half|\nR",
	  "0 220; 1 [DATA|] 354; 2 [half|] silent; 2 reset", NULL },
	{ "the server does",
	  "S 220 a|\nC MAIL FROM:<a@b>|\nS 250 ok|\nC RCPT TO:<c@d>|\ne",
	  "0 220; 1 [MAIL FROM:<a@b>|] 250; 2 [RCPT TO:<c@d>|] silent; "
	  "3 end", NULL },
	{ "the client says all at once and ends",
	  "S 220 a|\nC NOOP|QUIT|\nE\nS 250 ok|221 x|\ne",
	  "0 220; 1 [NOOP|] 250; 1 [QUIT|] 221; 1 end", NULL },
	{ "no greeting recorded",
	  "C EHLO b|\nS 250 a|\nC QUIT|\nS 221 x|",
	  "0; 1 [EHLO b|] 250; 2 [QUIT|] 221; 3 end", NULL },
	{ "the client alone",
	  "C EHLO b|MAIL FROM:<a@b>|RCPT TO:<c@d>|DATA|x|.|QUIT|",
	  "0; 1 [EHLO b|]; 2 [MAIL FROM:<a@b>|]; 3 [RCPT TO:<c@d>|]; "
	  "4 [DATA|]; 5 [x|.|]; 6 [QUIT|]; 7 end", NULL },
	{ "a login",
	  "S 220 a|\nC AUTH LOGIN|\nS 334 VX|\nC YW5uYQ==|\nS 334 UG|\n"
	  "C c2VjcmV0|\nS 235 ok|\nE",
	  "0 220; 1 [AUTH LOGIN|] 334; 2 [YW5uYQ==|] 334; "
	  "3 [c2VjcmV0|] 235; 4 end", NULL },
	{ "TLS, and what is inside",
	  "S 220 a|\nC STARTTLS|\nS 220 go|\nT\nC EHLO b|\nS 250 a|\nE",
	  "0 220; 1 [STARTTLS|] secure 220; 2 [EHLO b|] 250; 3 end", NULL },
	{ "TLS, and nobody knows what is inside",
	  "S 220 a|\nC STARTTLS|\nS 220 go|\nC \026\003\001abc\nS \026\003xx",
	  "0 220; 1 [STARTTLS|] 220; 2 end", "TLS" },
	{ "TLS that was refused",
	  "S 220 a|\nC STARTTLS|\nS 454 no|\nC QUIT|\nS 221 x|\nE",
	  "0 220; 1 [STARTTLS|] 454; 2 [QUIT|] 221; 3 end", NULL },
	{ "TLS from the start", "C \026\003\001abc\nS \026\003\001def",
	  "0; 1 end", "TLS" },
	{ "a gap of the client",
	  "S 220 a|\nC EHLO b|\nS 250 a|\nG\nC QUIT|\nS 221 x|\nE",
	  "0 220; 1 [EHLO b|] 250; 2 end", "not captured" },
	{ "a gap of the server",
	  "S 220 a|\nC EHLO b|\ng\nC QUIT|\nS 221 x|\nE",
	  "0 220; 1 [EHLO b|]; 2 [QUIT|]; 3 end", "not compared" },
	{ "it ends within a message",
	  "S 220 a|\nC DATA|\nS 354 go|\nC half|",
	  "0 220; 1 [DATA|] 354; 2 [half|]; 2 end", "within a message" },
	{ "a message without its end, and what follows",
	  "S 220 a|\nC DATA|\nS 354 go|\nC half|\nS 250 kept|\nC QUIT|\n"
	  "S 221 x|\nE",
	  "0 220; 1 [DATA|] 354; 2 [half|]; 2 end", "has no end" },
	{ "the server breaks off within a message",
	  "S 220 a|\nC DATA|\nS 354 go|\nC half|\nS 421 late|\ne\nC more|\nE",
	  "0 220; 1 [DATA|] 354; 2 [half|]; 2 end", "has no end" },
	{ "an end that is none, but to this server",
	  "S 220 a|\nC DATA|\nS 354 go|\nC x\r.\r\nS 250 kept|\nC QUIT|\n"
	  "S 221 x|\nE",
	  "0 220; 1 [DATA|] 354; 2 [x\r.\r] 250; 3 [QUIT|] 221; 4 end", NULL },
	{ "nothing at all of the message",
	  "S 220 a|\nC DATA|\nS 354 go|\nS 421 late|\ne\nC QUIT|\nE",
	  "0 220; 1 [DATA|] 354; 2 end", "has no end" },
	{ "LMTP without its end",
	  "S 220 a|\nC LHLO b|\nS 250 a|\nC MAIL FROM:<a@b>|\nS 250 ok|\n"
	  "C RCPT TO:<c@d>|\nS 250 ok|\nC RCPT TO:<e@f>|\nS 250 ok|\n"
	  "C DATA|\nS 354 go|\nC x|\nS 250 one|550 two|\nC QUIT|\nS 221 x|\n"
	  "E",
	  "0 220; 1 [LHLO b|] 250; 2 [MAIL FROM:<a@b>|] 250; "
	  "3 [RCPT TO:<c@d>|] 250; 4 [RCPT TO:<e@f>|] 250; 5 [DATA|] 354; "
	  "6 [x|]; 6 end", "has no end" },
	{ "LMTP",
	  "S 220 a|\nC LHLO b|\nS 250 a|\nC MAIL FROM:<a@b>|\nS 250 ok|\n"
	  "C RCPT TO:<c@d>|\nS 250 ok|\nC RCPT TO:<e@f>|\nS 250 ok|\n"
	  "C DATA|\nS 354 go|\nC x|.|\nS 250 one|550 two|\nE",
	  "0 220; 1 [LHLO b|] 250; 2 [MAIL FROM:<a@b>|] 250; "
	  "3 [RCPT TO:<c@d>|] 250; 4 [RCPT TO:<e@f>|] 250; 5 [DATA|] 354; "
	  "6 [x|.|] 250 550; 7 end", NULL },
	{ "nothing", "", "0; 1 end", "not captured" },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_stash *stash = role_stash();
		struct ms_role *role;
		struct ms_error err = { "" };
		char *text;

		if (ms_learn(role_dialogue(stash, rows[i].dialogue), &role,
		    &err) != MS_OK)
			fail_msg("%s: %s", rows[i].name, err.text);
		text = role_describe(role);
		if (strcmp(text, rows[i].role) != 0)
			fail_msg("%s:\n%s\n%s", rows[i].name, text,
			    rows[i].role);
		if (!role->cut != !rows[i].cut ||
		    (role->cut && !strstr(role->cut, rows[i].cut)))
			fail_msg("%s: cut: %s", rows[i].name, role->cut);
		g_free(text);
		ms_role_free(role);
		ms_stash_free(stash);
	}
}

/* How long the client waited: from the reply to what it said then. */
static void
test_pauses(void **state)
{
	struct ms_stash *stash = role_stash();
	struct ms_role *role;

	(void)state;
	assert_int_equal(MS_OK, ms_learn(role_dialogue(stash,
	    "S 220 a|\nC NOOP|NOOP|\nS 250 a|250 b|\nC QUIT|\nS 221 x|\nE"),
	    &role, NULL));
	assert_int_equal(100000, ms_role_step(role, 1)->pause_us);
	assert_int_equal(0, ms_role_step(role, 2)->pause_us);
	assert_int_equal(100000, ms_role_step(role, 3)->pause_us);
	ms_role_free(role);
	ms_stash_free(stash);
}

/* More than anybody plays is an error, and takes no time that grows with the
 * square of it. */
static void
test_many(void **state)
{
	struct ms_stash_config config = { 64 << 20, -1, 0 };
	struct ms_stash *stash = ms_stash_new(&config);
	struct ms_dialogue *dialogue = role_dialogue(stash, "S 220 a|");
	GString *text = g_string_new(NULL);
	struct ms_role *role;
	struct ms_error err = { "" };

	(void)state;
	for (size_t i = 0; i <= MS_ROLE_STEPS_MAX; i++)
		g_string_append(text, "NOOP\r\n");
	assert_int_equal(MS_OK, ms_dialogue_say(dialogue, MS_SIDE_CLIENT, 9,
	    text->str, text->len, NULL));
	assert_int_equal(MS_E_LIMIT, ms_learn(dialogue, &role, &err));
	assert_null(role);
	assert_non_null(strstr(err.text, "200000"));
	g_string_free(text, TRUE);
	ms_stash_free(stash);
}

/* Lines too long to be kept stay where they are. */
static void
test_long_line(void **state)
{
	struct ms_stash *stash = role_stash();
	struct ms_dialogue *dialogue = role_dialogue(stash, "S 220 a|");
	char *text = g_strnfill(20000, 'x');
	struct ms_role *role;
	char *bytes;

	(void)state;
	assert_int_equal(MS_OK, ms_dialogue_say(dialogue, MS_SIDE_CLIENT, 9,
	    text, 20000, NULL));
	assert_int_equal(MS_OK, ms_dialogue_say(dialogue, MS_SIDE_CLIENT, 10,
	    "\r\n", 2, NULL));
	assert_int_equal(MS_OK, ms_dialogue_say(dialogue, MS_SIDE_SERVER, 11,
	    "500 no\r\n", 8, NULL));
	assert_int_equal(MS_OK, ms_learn(dialogue, &role, NULL));
	assert_int_equal(3, role->steps->len);
	bytes = role_bytes(role, ms_role_step(role, 1));
	assert_int_equal(20001, strlen(bytes));	/* CR LF is one */
	assert_int_equal(500, ms_role_recorded(role, ms_role_step(role, 1),
	    0)->code);
	g_free(bytes);
	g_free(text);
	ms_role_free(role);
	ms_stash_free(stash);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_pauses),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_long_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
