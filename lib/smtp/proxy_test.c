#include "smtp/examples_test.h"

static void
test_plain(void **state)
{
	static const struct fake_rule rejects[] = {
		{ ".", "550-5.7.1 spam\r\n550 5.7.1 really\r\n", 0 }, { 0 } };
	static const struct example examples[] = {
		{ "plain", HELLO ENVELOPE "DATA\r\n" MESSAGE ".\r\nQUIT\r\n",
		    "220 250 250 250 354 250 221",
		    "EHLO MAIL RCPT DATA QUIT", 1, NOTHING, 0 },
		{ "refused behind", HELLO ENVELOPE "DATA\r\n" MESSAGE
		    ".\r\nQUIT\r\n", "220 250 250 250 354 550 221",
		    "EHLO MAIL RCPT DATA QUIT", 1, { .rules = rejects }, 0 },
		{ "reject", HELLO ENVELOPE "DATA\r\n" MESSAGE ".\r\nQUIT\r\n",
		    "220 250 250 250 354 550 221",
		    "EHLO MAIL RCPT RSET QUIT", 0,
		    { .action = MS_ACTION_REJECT }, 0 },
		{ "reject 554", HELLO ENVELOPE "DATA\r\n" MESSAGE ".\r\n",
		    "220 250 250 250 354 554", "EHLO MAIL RCPT RSET", 0,
		    { .action = MS_ACTION_REJECT, .text = "554 5.6.0 x" },
		    0 },
		{ "reject is never 250", HELLO ENVELOPE "DATA\r\n" MESSAGE
		    ".\r\n", "220 250 250 250 354 550", "EHLO MAIL RCPT RSET",
		    0, { .action = MS_ACTION_REJECT, .text = "250 Ok" }, 0 },
		{ "defer", HELLO ENVELOPE "DATA\r\n" MESSAGE ".\r\n",
		    "220 250 250 250 354 451", "EHLO MAIL RCPT RSET", 0,
		    { .action = MS_ACTION_DEFER }, 0 },
		{ "drop", HELLO ENVELOPE "DATA\r\n" MESSAGE ".\r\n",
		    "220 250 250 250 354 250", "EHLO MAIL RCPT RSET", 0,
		    { .action = MS_ACTION_DROP }, 0 },
		{ "quarantine", HELLO ENVELOPE "DATA\r\n" MESSAGE ".\r\n"
		    ENVELOPE, "220 250 250 250 354 250 250 250",
		    "EHLO MAIL RCPT RSET MAIL RCPT", 0,
		    { .action = MS_ACTION_QUARANTINE }, 0 },
		{ "redirect", HELLO ENVELOPE "DATA\r\n" MESSAGE ".\r\n",
		    "220 250 250 250 354 250",
		    "EHLO MAIL RCPT RSET MAIL RCPT DATA", 1,
		    { .action = MS_ACTION_REDIRECT, .address = "q@z.test" },
		    0 },
		{ "helo", "HELO c\r\n" ENVELOPE "DATA\r\n" MESSAGE ".\r\n",
		    "220 250 250 250 354 250", "HELO MAIL RCPT DATA", 1,
		    NOTHING, 0 },
		{ "no space", HELLO ENVELOPE "DATA\r\n" MESSAGE ".\r\nQUIT\r\n",
		    "220 250 250 250 354 452 221", "EHLO MAIL RCPT RSET QUIT",
		    0, { .spool = MS_E_LIMIT }, 0 },
		{ "no disk", HELLO ENVELOPE "DATA\r\n" MESSAGE ".\r\nQUIT\r\n",
		    "220 250 250 250 354 451 221", "EHLO MAIL RCPT RSET QUIT",
		    0, { .spool = MS_E_IO }, 0 },
		{ "too big", HELLO ENVELOPE "DATA\r\n" MESSAGE ".\r\n",
		    "220 250 250 250 354 552", "EHLO MAIL RCPT RSET", 0,
		    { .config.size_max = 10 }, 0 },
		{ "says that it is too big", HELLO
		    "MAIL FROM:<a@b.test> SIZE=11\r\n", "220 250 552",
		    "EHLO", 0, { .config.size_max = 10 }, 0 },
		{ "empty", HELLO ENVELOPE "DATA\r\n.\r\n",
		    "220 250 250 250 354 250", "EHLO MAIL RCPT DATA", 1,
		    NOTHING, 0 },
	};

	(void)state;
	check_all(examples, G_N_ELEMENTS(examples));
}

/* Each recipient has its own reply. */
static void
test_lmtp(void **state)
{
	static const struct fake_rule mixed[] = {
		{ "RCPT TO:<two", "550 5.1.1 no\r\n", 0 },
		{ ".", "250 2.0.0 a\r\n452 4.2.2 full\r\n", 0 }, { 0 } };
	static const struct fake_rule leaves[] = {
		{ "RCPT TO:<two", "550 5.1.1 no\r\n", 0 },
		{ ".", "250 2.0.0 a\r\n421 4.3.0 bye\r\n", 0 }, { 0 } };
#define THREE "LHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<one@x>\r\n" \
	"RCPT TO:<two@x>\r\nRCPT TO:<three@x>\r\nDATA\r\n" MESSAGE \
	".\r\nNOOP\r\n"
	static const struct example examples[] = {
		{ "delivered", THREE, "220 250 250 250 550 250 354 250 452 250",
		    "LHLO MAIL RCPT RCPT RCPT DATA NOOP", 1,
		    { .config.lmtp = true, .rules = mixed }, 0 },
		{ "reject", THREE, "220 250 250 250 550 250 354 550 550 250",
		    "LHLO MAIL RCPT RCPT RCPT RSET NOOP", 0,
		    { .config.lmtp = true, .rules = mixed,
		    .action = MS_ACTION_REJECT }, 0 },
		{ "redirect", THREE, "220 250 250 250 250 250 354 250 250 250 "
		    "250", NULL, 1, { .config.lmtp = true,
		    .action = MS_ACTION_REDIRECT, .address = "q@x" }, 0 },
		{ "leaves", THREE, "220 250 250 250 550 250 354 250 421",
		    NULL, 1, { .config.lmtp = true, .rules = leaves }, 0 },
		{ "EHLO", "EHLO c\r\n", "220 500", "", 0,
		    { .config.lmtp = true }, 0 },
	};

	(void)state;
	check_all(examples, G_N_ELEMENTS(examples));
}

/* An owner that cannot give the message back: no end of it is sent. */
static void
test_fetch(void **state)
{
	GString *s = g_string_new(HELLO ENVELOPE "DATA\r\n");
	struct example e = { "fetch", NULL, "220 250 250 250 354 451 421",
		"EHLO MAIL RCPT DATA", 0, { .fetch = MS_E_IO }, 0 };

	(void)state;
	for (int i = 0; i < 500; i++)
		g_string_append(s, "some line of it\r\n");
	g_string_append(s, ".\r\nNOOP\r\n");
	e.client = s->str;
	check_cuts(&e);
	g_string_free(s, TRUE);
}

static void
test_keep_alive(void **state)
{
	static const struct fake_setup setup = { .ehlo = "250 DSN\r\n" };
	static const char first[] = HELLO ENVELOPE "DATA\r\nabc";
	static const char rest[] = "\r\n.\r\n";
	struct fake f;

	(void)state;
	fake_open(&f, &setup);
	(void)fake_client(&f, first, strlen(first));
	ms_proxy_keep_alive(f.proxy);
	ms_proxy_keep_alive(f.proxy);
	assert_int_equal(ms_proxy_client(f.proxy, rest, strlen(rest)),
	    strlen(rest));
	assert_int_equal(f.scans, 1);
	while (f.replies->len > 0) {
		ms_proxy_hop(f.proxy, f.replies->str, f.replies->len);
		g_string_truncate(f.replies, 0);
	}
	ms_proxy_keep_alive(f.proxy);
	/* The decision is there before the reply to the NOOP. */
	f.want_scan = false;
	ms_proxy_decide(f.proxy, MS_ACTION_PASS, NULL, NULL);
	assert_null(strstr(f.commands->str, "DATA"));
	(void)fake_client(&f, "", 0);
	assert_int_equal(f.mails->len, 1);
	check_verbs(f.commands->str, "EHLO MAIL RCPT NOOP NOOP DATA");
	assert_true(g_str_has_suffix(f.client->str, "\r\n250 2.0.0 fine"
	    "\r\n"));
	fake_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_lmtp),
		cmocka_unit_test(test_fetch),
		cmocka_unit_test(test_keep_alive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
