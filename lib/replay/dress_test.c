#include "replay/dress.h"

#include "replay/role_test.h"

#define EHLO "S 220 a|\nC EHLO b|\nS 250 a|\n"
#define MAIL "C MAIL FROM:<a@b>|\nS 250 ok|\n"
#define BYE "C QUIT|\nS 221 x|\nE"

static const char *const rules[] = { "A@B=x@y", "d.example=@z.example",
	NULL };

/* What a role becomes. */
static const struct row {
	const char *name, *dialogue;
	struct ms_dress dress;
	const char *role, *cut;
} rows[] = {
	{ "nothing", EHLO BYE, { .lmtp = false },
	  "0 220; 1 [EHLO b|] 250; 2 [QUIT|] 221; 3 end", NULL },
	{ "LMTP", EHLO BYE, { .lmtp = true },
	  "0 220; 1 [LHLO b|] 250; 2 [QUIT|] 221; 3 end", NULL },
	{ "TLS if offered", EHLO BYE, { .tls = MS_DRESS_TLS_MAY },
	  "0 220; 1 [EHLO b|] 250; 2 [STARTTLS|] own secure; "
	  "3 [EHLO b|] own; 4 [QUIT|] 221; 5 end", NULL },
	{ "TLS that was there", "S 220 a|\nC EHLO b|\nS 250 a|\nC STARTTLS|\n"
	  "S 220 go|\nT\nC EHLO b|\nS 250 a|\n" BYE,
	  { .tls = MS_DRESS_TLS_REQUIRE, .xforward = "NAME=c" },
	  "0 220; 1 [EHLO b|] 250; 2 [STARTTLS|] secure 220; "
	  "3 [EHLO b|] 250; 4 [XFORWARD NAME=c|] own; 5 [QUIT|] 221; 6 end",
	  NULL },
	{ "TLS that is not wanted", "S 220 a|\nC EHLO b|\nS 250 a|\n"
	  "C STARTTLS|\nS 220 go|\nT\nC EHLO b|\nS 250 a|\n" BYE,
	  { .tls = MS_DRESS_TLS_OFF },
	  "0 220; 1 [EHLO b|] 250; 2 [QUIT|] 221; 3 end", NULL },
	{ "refused TLS that is not wanted", EHLO "C STARTTLS|\nS 454 no|\n"
	  BYE, { .tls = MS_DRESS_TLS_OFF },
	  "0 220; 1 [EHLO b|] 250; 2 [QUIT|] 221; 3 end", NULL },
	{ "XCLIENT and a login", EHLO MAIL BYE,
	  { .xclient = "ADDR=192.0.2.1", .login = true },
	  "0 220; 1 [EHLO b|] 250; 2 [XCLIENT ADDR=192.0.2.1|] own; "
	  "3 [EHLO b|] own; 4 login own; 5 [MAIL FROM:<a@b>|] 250; "
	  "6 [QUIT|] 221; 7 end", NULL },
	{ "the recorded client, who is unknown", EHLO BYE,
	  { .xclient = MS_DRESS_RECORDED }, NULL, NULL },
	{ "another login", EHLO "C AUTH LOGIN|\nS 334 x|\nC YQ==|\nS 334 x|\n"
	  "C YQ==|\nS 235 x|\n" BYE, { .login = true },
	  "0 220; 1 [EHLO b|] 250; 2 login own; 3 [QUIT|] 221; 4 end", NULL },
	{ "a login that can be repeated", EHLO "C AUTH PLAIN AGEAYg==|\n"
	  "S 235 ok|\n" BYE, { .login = false },
	  "0 220; 1 [EHLO b|] 250; 2 [AUTH PLAIN AGEAYg==|] 235; "
	  "3 [QUIT|] 221; 4 end", NULL },
	{ "and one that cannot", EHLO "C AUTH CRAM-MD5|\nS 334 x|\nC YQ==|\n"
	  "S 235 ok|\n" BYE, { .login = false },
	  "0 220; 1 [EHLO b|] 250; 2 end", "challenge" },
	{ "addresses", EHLO "C MAIL FROM:<a@b> SIZE=9|RCPT TO:<c@D.example>|"
	  "RCPT TO:<c@xd.example>|VRFY a@b|\nS 250 a|250 a|250 a|252 a|\n"
	  BYE, { .rewrites = rules },
	  "0 220; 1 [EHLO b|] 250; 2 [MAIL FROM:<x@y> SIZE=9|] 250; "
	  "2 [RCPT TO:<c@z.example>|] 250; 2 [RCPT TO:<c@xd.example>|] 250; "
	  "2 [VRFY a@b|] 252; 6 [QUIT|] 221; 7 end", NULL },
	{ "a chunk", EHLO "C DATA|\nS 354 go|\nC ..a|b|.|\nS 250 ok|\n" BYE,
	  { .bdat = MS_DRESS_BDAT_ON },
	  "0 220; 1 [EHLO b|] 250; 2 [BDAT 7 LAST|.a|b|] 250; "
	  "3 [QUIT|] 221; 4 end", NULL },
	{ "a refused DATA stays", EHLO "C DATA|\nS 503 no|\n" BYE,
	  { .bdat = MS_DRESS_BDAT_ON },
	  "0 220; 1 [EHLO b|] 250; 2 [DATA|] 503; 3 [QUIT|] 221; 4 end",
	  NULL },
	{ "no chunks", EHLO "C BDAT 4|.a|BDAT 1 LAST|x\nS 250 a|250 b|\n" BYE,
	  { .bdat = MS_DRESS_BDAT_OFF },
	  "0 220; 1 [EHLO b|] 250; 2 [DATA|]; 3 [..a|x|.|] 250; "
	  "4 [QUIT|] 221; 5 end", NULL },
	{ "dots", EHLO "C DATA|\nS 354 go|\nC ..a|b|.|\nS 250 ok|\n" BYE,
	  { .fault = MS_FAULT_NO_DOT_STUFFING },
	  "0 220; 1 [EHLO b|] 250; 2 [DATA|] 354; 3 [.a|b|.|] 250; "
	  "4 [QUIT|] 221; 5 end", NULL },
	{ "line feeds", EHLO "C DATA|\nS 354 go|\nC a|b|.|\nS 250 ok|\n" BYE,
	  { .fault = MS_FAULT_BARE_LF },
	  "0 220; 1 [EHLO b|] 250; 2 [DATA|] 354; 3 [a\nb|.|] 250; "
	  "4 [QUIT|] 221; 5 end", NULL },
	{ "an end that is none", EHLO "C DATA|\nS 354 go|\nC a: b||c|.|\n"
	  "S 250 ok|\n" BYE, { .fault = MS_FAULT_LF_DOT_CRLF },
	  "0 220; 1 [EHLO b|] 250; 2 [DATA|] 354; "
	  "3 [a: b||LF.CRLF\n.|NOOP|c|.|] 250; 4 [QUIT|] 221; 5 end", NULL },
	{ "the same without a header", EHLO "C DATA|\nS 354 go|\nC a|.|\n"
	  "S 250 ok|\n" BYE, { .fault = MS_FAULT_CR_DOT_CR },
	  "0 220; 1 [EHLO b|] 250; 2 [DATA|] 354; "
	  "3 [a|CR.CR\r.\rNOOP|.|] 250; 4 [QUIT|] 221; 5 end", NULL },
	{ "an empty message", EHLO "C DATA|\nS 354 go|\nC .|\nS 250 ok|\n"
	  BYE, { .fault = MS_FAULT_BARE_CR },
	  "0 220; 1 [EHLO b|] 250; 2 [DATA|] 354; 3 [.|] 250; "
	  "4 [QUIT|] 221; 5 end", NULL },
	{ "commands", EHLO BYE, { .fault = MS_FAULT_LF_COMMANDS },
	  "0 220; 1 [EHLO b\n] 250; 2 [QUIT\n] 221; 3 end", NULL },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_stash *stash = role_stash();
		struct ms_dress dress = rows[i].dress;
		struct ms_role *role;
		struct ms_error err = { "" };
		enum ms_status status;
		char *text;

		dress.spool.heap_max = 1 << 20;
		assert_int_equal(MS_OK, ms_learn(role_dialogue(stash,
		    rows[i].dialogue), &role, NULL));
		status = ms_dress(role, &dress, &err);
		if ((status == MS_OK) != (rows[i].role != NULL))
			fail_msg("%s: %s", rows[i].name, err.text);
		text = role_describe(role);
		if (rows[i].role && strcmp(text, rows[i].role) != 0)
			fail_msg("%s:\n%s\n%s", rows[i].name, text,
			    rows[i].role);
		if (rows[i].cut && (!role->cut ||
		    !strstr(role->cut, rows[i].cut)))
			fail_msg("%s: cut: %s", rows[i].name, role->cut);
		g_free(text);
		ms_role_free(role);
		ms_stash_free(stash);
	}
}

/* Who was connected to whom, as proxies tell it. */
static void
test_recorded(void **state)
{
	static const struct {
		const char *client, *server, *preamble, *xclient;
	} table[] = {
		{ "192.0.2.1:1025", "192.0.2.2:25",
		  "PROXY TCP4 192.0.2.1 192.0.2.2 1025 25\r\n",
		  "XCLIENT ADDR=192.0.2.1 PORT=1025\r\n" },
		{ "[2001:db8::1]:1025", "[2001:db8::2]:25",
		  "PROXY TCP6 2001:db8::1 2001:db8::2 1025 25\r\n",
		  "XCLIENT ADDR=IPV6:2001:db8::1 PORT=1025\r\n" },
		{ "192.0.2.1:1025", "[2001:db8::2]:25", NULL, NULL },
		{ "localhost:25\r\nX", "192.0.2.2:25", NULL, NULL },
	};
	const struct ms_dress dress = { .proxy = MS_DRESS_RECORDED,
		.xclient = MS_DRESS_RECORDED };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		struct ms_stash *stash = role_stash();
		struct ms_role *role;
		enum ms_status status;

		assert_int_equal(MS_OK, ms_learn(role_dialogue(stash, EHLO
		    BYE), &role, NULL));
		role->client = g_strdup(table[i].client);
		role->server = g_strdup(table[i].server);
		status = ms_dress(role, &dress, NULL);
		assert_int_equal(table[i].preamble ? MS_OK : MS_E_FORMAT,
		    status);
		if (table[i].preamble) {
			assert_string_equal(table[i].preamble,
			    role->preamble);
			assert_string_equal(table[i].xclient,
			    ms_role_step(role, 2)->line);
		}
		ms_role_free(role);
		ms_stash_free(stash);
	}
}

static void
test_check(void **state)
{
	static const char *const good[] = { "a@b=c@d", "b=c", "@b=@c",
		"a=b@c=d@e", NULL };
	static const char *const bad[] = { "a@b", "=a", "a=", "a@b=c", "a=b@c",
		"a@b=c>@d", "a@b=\r\n@d", NULL };
	struct ms_error err;

	(void)state;
	for (size_t i = 0; bad[i]; i++) {
		const struct ms_dress dress = { .rewrites = bad + i };

		assert_int_equal(MS_E_USAGE, ms_dress_check(&dress, &err));
	}
	assert_int_equal(MS_OK, ms_dress_check(&(struct ms_dress){
	    .rewrites = good, .proxy = "192.0.2.1:1,192.0.2.2:2" }, &err));
	assert_int_equal(MS_E_USAGE, ms_dress_check(&(struct ms_dress){
	    .proxy = "192.0.2.1:1" }, &err));
	assert_int_equal(MS_E_USAGE, ms_dress_check(&(struct ms_dress){
	    .proxy = "host:1,192.0.2.2:2" }, &err));
	assert_int_equal(MS_E_USAGE, ms_dress_check(&(struct ms_dress){
	    .xclient = "ADDR=1\r\nQUIT" }, &err));
}

/* Lines longer than a block, and ends that lie between two. */
static void
test_large(void **state)
{
	struct ms_stash_config config = { 8 << 20, -1, 0 };
	const struct ms_dress dress = { .fault = MS_FAULT_BARE_LF,
		.spool = { .heap_max = 1 << 20 } };

	(void)state;
	for (size_t size = 65530; size < 65542; size++) {
		struct ms_stash *stash = ms_stash_new(&config);
		char *x = g_strnfill(size, 'x');
		char *text = g_strconcat("S 220 a|\nC DATA|\nS 354 go|\nC ",
		    x, "|y|.|\nS 250 ok|\nE", NULL);
		char *want = g_strconcat(x, "\ny|.|", NULL);
		struct ms_role *role;
		char *bytes;

		assert_int_equal(MS_OK, ms_learn(role_dialogue(stash, text),
		    &role, NULL));
		assert_int_equal(MS_OK, ms_dress(role, &dress, NULL));
		bytes = role_bytes(role, ms_role_step(role, 2));
		assert_string_equal(want, bytes);
		g_free(bytes);
		g_free(want);
		g_free(text);
		g_free(x);
		ms_role_free(role);
		ms_stash_free(stash);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_recorded),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
