#include "smtp/examples_test.h"

/* Replies, their order, and next hops that behave badly: cases P. */

static void
test_order(void **state)
{
	static const struct fake_rule three[] = {
		{ "RCPT TO:<two", "550-5.1.1 no\r\n550 5.1.1 such\r\n", 0 },
		{ "RCPT TO:<three", "451 4.2.0 later\r\n", 0 }, { 0 } };
	static const struct fake_rule two_lines[] = {
		{ ".", "250-a\r\n250 b\r\n", 0 }, { 0 } };
	static const struct fake_rule none[] = {
		{ "RCPT", "550 5.1.1 no\r\n", 0 }, { 0 } };
	static const struct fake_rule mail[] = {
		{ "MAIL", "550 5.1.7 no\r\n", 0 },
		{ "RCPT", "503 5.5.1 no\r\n", 0 }, { 0 } };
	static const struct example examples[] = {
		{ "P-03", HELLO ENVELOPE "DATA\r\n", "220 250 250 250 354",
		    "EHLO MAIL RCPT", 0, NOTHING, 0 },
		{ "P-04", HELLO ENVELOPE "DATA\r\n" MESSAGE ".\r\n" ENVELOPE
		    "DATA\r\n" MESSAGE ".\r\nQUIT\r\n",
		    "220 250 250 250 354 250 250 250 354 250 221",
		    "EHLO MAIL RCPT DATA MAIL RCPT DATA QUIT", 2, NOTHING, 0 },
		{ "P-06", HELLO "DATA\r\nMAIL FROM:<>\r\nDATA\r\nQUIT\r\n",
		    "220 250 503 250 503 221", "EHLO MAIL QUIT", 0,
		    NOTHING, 0 },
		{ "P-07", HELLO ENVELOPE "DATA x\r\n DATA\r\n" MESSAGE
		    ".\r\n" ENVELOPE "data \r\n" MESSAGE ".\r\n",
		    "220 250 250 250 501 354 250 250 250 354 250",
		    "EHLO MAIL RCPT DATA MAIL RCPT DATA", 2, NOTHING, 0 },
		{ "P-11", HELLO ENVELOPE "DATA\r\n" MESSAGE ".\r\nNOOP\r\n",
		    "220 250 250 250 354 250 250",
		    "EHLO MAIL RCPT DATA NOOP", 1, { .rules = two_lines },
		    0 },
		{ "P-12", HELLO "MAIL FROM:<a@x>\r\nRCPT TO:<one@x>\r\n"
		    "RCPT TO:<two@x>\r\nRCPT TO:<three@x>\r\nDATA\r\n" MESSAGE
		    ".\r\n", "220 250 250 250 550 451 354 250",
		    "EHLO MAIL RCPT RCPT RCPT DATA", 1, { .rules = three },
		    0 },
		{ "P-12, not pipelined", HELLO "MAIL FROM:<a@x>\r\n"
		    "RCPT TO:<one@x>\r\nRCPT TO:<two@x>\r\nRCPT <\r\n"
		    "RCPT TO:<three@x>\r\nDATA\r\n" MESSAGE ".\r\n",
		    "220 250 250 250 550 501 451 354 250",
		    "EHLO MAIL RCPT RCPT RCPT DATA", 1,
		    { .rules = three, .ehlo = "250 DSN\r\n" }, 0 },
		{ "P-12, own reply between", HELLO "MAIL FROM:<a@x>\r\n"
		    "RCPT TO:<one@x>\r\nRCPT TO:<two@x>\r\nRCPT <\r\n"
		    "RCPT TO:<three@x>\r\nDATA\r\n" MESSAGE ".\r\n",
		    "220 250 250 250 550 501 451 354 250",
		    "EHLO MAIL RCPT RCPT RCPT DATA", 1, { .rules = three },
		    0 },
		{ "P-13", HELLO "MAIL FROM:<a@x>\r\nRCPT TO:<c@x>\r\n"
		    "RCPT TO:<d@x>\r\nDATA\r\nQUIT\r\n",
		    "220 250 250 550 550 554 221",
		    "EHLO MAIL RCPT RCPT QUIT", 0, { .rules = none }, 0 },
		{ "sender refused", HELLO ENVELOPE "DATA\r\nRSET\r\n",
		    "220 250 550 503 503 250", NULL, 0,
		    { .rules = mail }, 0 },
		{ "P-17", HELLO ENVELOPE "RSET\r\nDATA\r\n" ENVELOPE HELLO
		    "RCPT TO:<c@x>\r\n", "220 250 250 250 250 503 250 250 250 "
		    "503", "EHLO MAIL RCPT RSET MAIL RCPT EHLO", 0, NOTHING,
		    0 },
		{ "P-18", HELLO ENVELOPE "QUIT\r\nNOOP\r\nDATA\r\n",
		    "220 250 250 250 221", "EHLO MAIL RCPT QUIT", 0, NOTHING,
		    0 },
	};

	(void)state;
	check_all(examples, G_N_ELEMENTS(examples));
}

/* P-05, P-14 to P-16. */
static void
test_verbs(void **state)
{
	static const struct fake_rule auth[] = {
		{ "AUTH", "334 VXNlcjo=\r\n", 0 },
		{ "dXNlcg==", "334 UGFzczo=\r\n", 0 },
		{ "cGFzcw==", "235 2.7.0 in\r\n", 0 },
		{ "*", "501 5.7.0 given up\r\n", 0 }, { 0 } };
	static const struct example examples[] = {
		{ "P-05", HELLO "NOOP\r\n", "220 250 250", "EHLO NOOP", 0,
		    { .ehlo = "250-XEXCH50\r\n250-STARTTLS\r\n"
		    "250-XCLIENT NAME\r\n250 CHECKPOINT\r\n" }, 0 },
		{ "P-14", HELLO "XCLIENT NAME=a\r\nXFORWARD ADDR=1\r\n",
		    "220 250 550 550", "EHLO", 0,
		    { .ehlo = "250-XFORWARD ADDR\r\n250 XCLIENT NAME\r\n" },
		    0 },
		{ "P-14, trusted", HELLO "XCLIENT NAME=a+0D+0A\r\n"
		    "XFORWARD ADDR=192.0.2.1\r\nXCLIENT NAME=a\r\n"
		    "MAIL FROM:<>\r\n", "220 250 501 250 220 503",
		    "EHLO XFOR", 0, { .ehlo = "250 XFORWARD ADDR\r\n",
		    .config.trusts_xclient = true,
		    .config.trusts_xforward = true }, 0 },
		{ "P-15", HELLO "AUTH LOGIN\r\ndXNlcg==\r\ncGFzcw==\r\n"
		    "NOOP\r\n", "220 250 334 334 235 250",
		    "EHLO AUTH dXNl cGFz NOOP", 0, { .rules = auth }, 0 },
		{ "P-15, NUL", HELLO "AUTH LOGIN\r\ndX\0cg==\r\nNOOP\r\n",
		    "220 250 334 501 250", "EHLO AUTH * NOOP", 0,
		    { .rules = auth }, sizeof(HELLO) - 1 + 28 },
		{ "P-16", HELLO "ETRN x\r\nTURN\r\nVRFY a\r\nEXPN b\r\n"
		    "BURL imap://x\r\nXEXCH50 4 2\r\nHELP\r\n",
		    "220 250 250 500 250 250 500 500 250",
		    "EHLO ETRN VRFY EXPN HELP", 0, NOTHING, 0 },
		{ "P-16, refused", HELLO "ETRN x\r\nVRFY a\r\nEXPN b\r\n",
		    "220 250 502 502 502", "EHLO", 0, { .config.refuse =
		    1 << MS_VERB_ETRN | 1 << MS_VERB_VRFY |
		    1 << MS_VERB_EXPN }, 0 },
		{ "TLS required", "NOOP\r\n" HELLO "MAIL FROM:<>\r\n"
		    "DATA\r\nBDAT 3\r\nabcQUIT\r\n",
		    "220 250 250 530 530 502 221", "NOOP EHLO QUIT", 0,
		    { .config.client_tls = MS_PROXY_TLS_REQUIRE }, 0 },
		{ "XCLIENT sent", HELLO "MAIL FROM:<>\r\n", "220 250 250",
		    "EHLO XCLI EHLO MAIL", 0, { .ehlo =
		    "250 XCLIENT NAME ADDR\r\n", .config.xclient = true,
		    .config.client_address = "192.0.2.1" }, 0 },
		{ "TLS behind", HELLO "MAIL FROM:<>\r\n", "220 250 250",
		    "EHLO STAR EHLO EHLO MAIL", 0, { .ehlo =
		    "250 STARTTLS\r\n", .config.hop_tls =
		    MS_PROXY_TLS_REQUIRE }, 0 },
		{ "no TLS behind", HELLO, "421", "EHLO", 0, {
		    .config.hop_tls = MS_PROXY_TLS_REQUIRE }, 0 },
	};

	(void)state;
	check_all(examples, G_N_ELEMENTS(examples));
}

/* P-09, P-10 and the like: a next hop that says RULE's reply to its line. */
static void
test_garbage(void **state)
{
	static const char *const garbage[] = { "250ok\r\n", "25\r\n",
		"2500 x\r\n", "\x80\xff\x01\r\n", "25\n", "354 what\r\n",
		"HTTP/1.1 400\r\n", "", "250-a\r\n550 b\r\n", "299\x01\r\n" };
	static const struct {
		const char *line;
		const char *codes;	/* for all garbage */
		const char *leaves;	/* for 421 */
	} stages[] = {
		{ "EHLO", "220 451 421", "220 421" },
		{ "MAIL", "220 250 451 421", "220 250 421" },
		{ "RCPT", "220 250 250 451 421", "220 250 250 421" },
		{ "DATA", "220 250 250 250 354 451 421",
		    "220 250 250 250 354 421" },
		{ ".", "220 250 250 250 354 451 421",
		    "220 250 250 250 354 421" },
	};

	(void)state;
	for (size_t s = 0; s < G_N_ELEMENTS(stages); s++)
		for (size_t g = 0; g <= G_N_ELEMENTS(garbage); g++) {
			const bool leaves = g == G_N_ELEMENTS(garbage);
			const struct fake_rule rules[] = { { stages[s].line,
				leaves ? "421 4.3.2 bye\r\n" : garbage[g], 0 },
				{ 0 } };
			struct example e = { "P-09", HELLO ENVELOPE "DATA\r\n"
				MESSAGE ".\r\nNOOP\r\n", NULL, NULL, 0, {
				.rules = rules, .ehlo = "250 DSN\r\n" }, 0 };

			/* To DATA, it is what is wanted. */
			if (!leaves && s == 3 && garbage[g][0] == '3')
				continue;
			/* The next hop has it, and we do not know. */
			e.mails = s == 4;
			e.codes = leaves ? stages[s].leaves : stages[s].codes;
			check_cuts(&e);
		}
}

static void
test_greetings(void **state)
{
	static const struct example examples[] = {
		{ "P-08", HELLO, "220 250", "EHLO", 0,
		    { .greeting = "220-a\r\n220-b\r\n220 c\r\n" }, 0 },
		{ "refused", HELLO, "554", "QUIT", 0,
		    { .greeting = "554 5.7.1 not you\r\n" }, 0 },
		{ "busy", HELLO, "421", "", 0,
		    { .greeting = "421 4.3.2 busy\r\n" }, 0 },
		{ "none", HELLO, "421", "", 0,
		    { .greeting = "SSH-2.0-x\r\n" }, 0 },
		{ "odd", HELLO, "421", "", 0, { .greeting = "354 x\r\n" }, 0 },
		{ "two", HELLO, "220 421", "", 0,
		    { .greeting = "220 x\r\n220 x\r\n" }, 0 },
	};

	(void)state;
	check_all(examples, G_N_ELEMENTS(examples));
}

/* P-08: replies that are too much. */
static void
test_long_replies(void **state)
{
	GString *lines = g_string_new(NULL), *line = g_string_new("250 ");
	struct fake_rule rules[] = { { "NOOP", NULL, 0 }, { 0 } };
	struct example e = { "P-08", HELLO "NOOP\r\nNOOP\r\n", NULL, NULL, 0,
		{ .rules = rules }, 0 };

	(void)state;
	for (int i = 0; i < 200; i++)
		g_string_append_printf(lines, "250-X%d\r\n", i);
	g_string_append(lines, "250 SIZE 5\r\n");
	e.setup.ehlo = lines->str;
	rules[0].reply = "250 ok\r\n";
	e.codes = "220 250 250 250";
	check_cuts(&e);
	e.setup.ehlo = NULL;
	for (int i = 0; i < 10240; i++)
		g_string_append_c(line, 'x');
	g_string_append(line, "\r\n");
	rules[0].reply = line->str;
	e.codes = "220 250 451 421";
	check_cuts(&e);
	g_string_free(lines, TRUE);
	g_string_free(line, TRUE);
}

static void
test_tls_at_once(void **state)
{
	static const struct fake_setup setup = {
		.config.client_tls = MS_PROXY_TLS_REQUIRE,
		.config.client_secure = true };
	const char *client = HELLO "STARTTLS\r\n" ENVELOPE;
	struct fake f;

	(void)state;
	fake_open(&f, &setup);
	(void)fake_client(&f, client, strlen(client));
	assert_memory_equal(f.client->str, "220", 3);
	assert_null(strstr(f.client->str, "250-STARTTLS"));
	assert_non_null(strstr(f.client->str, "\r\n503 5.5.1 TLS"));
	assert_string_equal(ms_proxy_protocol(f.proxy), "ESMTPS");
	assert_int_equal(ms_proxy_state(f.proxy)->accepted, 1);
	fake_free(&f);
}

static void
test_starttls(void **state)
{
	static const struct fake_setup setup = {
		.config.client_tls = MS_PROXY_TLS_MAY };
	static const struct fake_rule injects[] = { { "STARTTLS",
		"220 go\r\n250-injected\r\n250 x\r\n", 0 }, { 0 } };
	static const struct fake_setup behind = {
		.config.hop_tls = MS_PROXY_TLS_MAY,
		.ehlo = "250 STARTTLS\r\n",
		.rules = injects };
	const char *rest = "MAIL FROM:<>\r\n" HELLO "STARTTLS\r\n";
	struct fake f;

	(void)state;
	/* P-01: what came with it is never looked at. */
	fake_open(&f, &setup);
	(void)fake_client(&f, HELLO "STARTTLS\r\nRSET\r\n",
	    strlen(HELLO "STARTTLS\r\nRSET\r\n"));
	assert_non_null(strstr(f.client->str, "\r\n421 4.7.0 "));
	assert_true(f.client_closed);
	assert_false(f.secure[MS_PROXY_CLIENT]);
	assert_null(strstr(f.commands->str, "RSET"));
	fake_free(&f);
	/* And as it should be: what was said before is forgotten. */
	fake_open(&f, &setup);
	(void)fake_client(&f, HELLO "STARTTLS\r\n",
	    strlen(HELLO "STARTTLS\r\n"));
	assert_true(f.secure[MS_PROXY_CLIENT]);
	assert_int_equal(ms_proxy_client(f.proxy, "NOOP\r\n", 6), 0);
	f.secure[MS_PROXY_CLIENT] = false;
	ms_proxy_secured(f.proxy, MS_PROXY_CLIENT);
	g_string_truncate(f.client, 0);
	(void)fake_client(&f, rest, strlen(rest));
	assert_memory_equal(f.client->str, "503", 3);
	assert_null(strstr(f.client->str, "STARTTLS\r\n"));
	assert_non_null(strstr(f.client->str, "\r\n503 5.5.1 TLS"));
	fake_free(&f);
	/* P-02. */
	fake_open(&f, &behind);
	(void)fake_client(&f, "", 0);
	assert_memory_equal(f.client->str, "421", 3);
	assert_true(f.hop_abort);
	fake_free(&f);
}

/* What came along with the reply to DATA was said before there was a message:
 * it is no answer to that. */
static void
test_early(void **state)
{
	static const char *const replies[] = {
		"354 go on\r\n250 2.0.0 fine\r\n",
		"354 go on\r\n250 2.0",
		"354 go on\r\n250-2.0\r\n",
		"354 go on\r\n250 2.0.0 fine\r\n250 2.0.0 fine\r\n",
	};
	static const char session[] = HELLO ENVELOPE "DATA\r\n" MESSAGE
	    ".\r\n";

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(replies); i++) {
		const struct fake_rule rules[] = {
			{ "DATA", replies[i], 0 }, { 0 } };
		const struct fake_setup setup = { .rules = rules };
		struct fake f;

		fake_open(&f, &setup);
		(void)fake_client(&f, session, strlen(session));
		assert_non_null(strstr(f.client->str, "\r\n451 4.4.2"));
		assert_int_equal(f.mails->len, 0);
		assert_true(f.hop_abort);
		assert_false(f.end.delivered);
		fake_free(&f);
	}
}

/* P-10, and a next hop or client that goes at every moment: nobody waits for
 * ever, and nothing is said to be taken that was not. */
static void
test_gone(void **state)
{
	static const char session[] = HELLO ENVELOPE "DATA\r\n" MESSAGE
	    ".\r\nNOOP\r\n";
	static const struct fake_setup setup = { .ehlo = "250 DSN\r\n" };
	struct fake f;

	(void)state;
	for (size_t i = 0; i <= strlen(session); i++)
		for (int how = 0; how < 4; how++) {
			fake_open(&f, &setup);
			(void)fake_client(&f, session, i);
			if (how == 0)
				ms_proxy_gone(f.proxy, MS_PROXY_HOP, "away");
			else if (how == 1)
				ms_proxy_hop(f.proxy, "421 4.3.2 x\r\n", 13);
			else if (how == 2)
				ms_proxy_gone(f.proxy, MS_PROXY_CLIENT, "away");
			else
				ms_proxy_stop(f.proxy, "4.3.2 Going down");
			f.hop_was_told |= how == 0;
			(void)fake_client(&f, session + i,
			    strlen(session) - i);
			(void)fake_client(&f, "\r\n.\r\nNOOP\r\n", 11);
			assert_true(ms_proxy_is_over(f.proxy));
			assert_true(f.hop_was_told);
			if (how != 2 && !strstr(f.client->str, "421"))
				print_message("%zu %d %s", i, how,
				    f.client->str);
			if (how != 2)
				assert_non_null(strstr(f.client->str, "421"));
			assert_int_equal(f.ends, i >= strlen(HELLO ENVELOPE
			    "DATA\r\n"));
			assert_int_equal(f.mails->len,
			    i >= strlen(session) - 6);
			fake_free(&f);
		}
}

/* Whom the next hop refuses is told, with what it says. */
static void
test_refusals(void **state)
{
	static const struct fake_rule rules[] = {
		{ "MAIL FROM:<no", "552 5.2.2 no\r\n", 0 },
		{ "RCPT TO:<two", "550-5.1.1 no\r\n550 5.1.1 such\r\n", 0 },
		{ "RCPT TO:<three", "451 4.2.0 later\r\n", 0 }, { 0 } };
	static const struct fake_setup setup = { .rules = rules };
	static const char client[] = HELLO "MAIL FROM:<no@x>\r\n"
	    "MAIL FROM:<s@x>\r\nRCPT TO:<one@x>\r\nRCPT TO:<two@x>\r\n"
	    "RCPT TO:<three@x>\r\nRCPT\r\nDATA\r\n" MESSAGE ".\r\n";
	struct fake f;

	(void)state;
	fake_open(&f, &setup);
	(void)fake_client(&f, client, sizeof client - 1);
	assert_int_equal(f.mails->len, 1);
	assert_string_equal(f.refused->str, "hop MAIL 552 no@x 5.2.2 no;"
	    "hop RCPT 550 two@x 5.1.1 no\n5.1.1 such;"
	    "hop RCPT 451 three@x 4.2.0 later;");
	fake_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_verbs),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_greetings),
		cmocka_unit_test(test_long_replies),
		cmocka_unit_test(test_starttls),
		cmocka_unit_test(test_tls_at_once),
		cmocka_unit_test(test_early),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
