#include "smtp/proxy_test.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define HELLO "EHLO client.test\r\n"
#define ENVELOPE "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\n"
#define MESSAGE "Subject: one\r\n\r\nbody\r\n"
#define CHUNKS "250-CHUNKING\r\n250-BINARYMIME\r\n250 8BITMIME\r\n"

/* The codes of the replies in TEXT, as "220 250". */
static char *
codes_of(const char *text)
{
	GString *codes = g_string_new(NULL);

	while (*text) {
		const size_t n = strcspn(text, "\n");

		assert_true(n > 3 && text[n] == '\n' && text[n - 1] == '\r');
		if (text[3] == ' ')
			g_string_append_printf(codes, "%s%.3s",
			    codes->len ? " " : "", text);
		text += n + 1;
	}
	return g_string_free(codes, FALSE);
}

/* Nothing stands alone in what the next hop got. */
static void
assert_clean(const GString *bytes)
{
	for (size_t i = 0; i < bytes->len; i++) {
		if (bytes->str[i] == '\n')
			assert_true(i > 0 && bytes->str[i - 1] == '\r');
		if (bytes->str[i] == '\r')
			assert_true(bytes->str[i + 1] == '\n');
		assert_true(bytes->str[i] != '\0');
	}
}

struct example {
	const char *id;
	const char *client;
	const char *codes;
	const char *commands;	/* that the next hop got; NULL: any */
	unsigned mails;
	struct fake_setup setup;
	size_t size;		/* of CLIENT; 0: it is a string */
};

/* Is TEXT what the next hop got, of which EXAMPLE names the verbs? */
static void
check_verbs(const char *commands, const char *want)
{
	char **lines = g_strsplit(commands, "\r\n", -1);
	GString *verbs = g_string_new(NULL);

	for (char **l = lines; *l; l++)
		if (**l)
			g_string_append_printf(verbs, "%s%.4s",
			    verbs->len ? " " : "", *l);
	assert_string_equal(verbs->str, want);
	g_string_free(verbs, TRUE);
	g_strfreev(lines);
}

static void
check(const struct example *e, const struct fake_setup *setup)
{
	const size_t size = e->size ? e->size : strlen(e->client);
	struct fake f;
	char *codes;

	fake_open(&f, setup);
	(void)fake_client(&f, e->client, size);
	codes = codes_of(f.client->str);
	if (strcmp(codes, e->codes) != 0 || f.mails->len != e->mails)
		print_message("%s, cut %zu, %zu, seed %u:\n%s\n%s", e->id,
		    setup->client_cut, setup->hop_cut, setup->seed,
		    f.client->str, f.commands->str);
	assert_string_equal(codes, e->codes);
	assert_int_equal(f.mails->len, e->mails);
	if (e->commands)
		check_verbs(f.commands->str, e->commands);
	if (!setup->ehlo || !strstr(setup->ehlo, "BINARYMIME"))
		assert_clean(f.hop);
	assert_null(strstr(f.commands->str, "smug"));
	fake_free(&f);
	assert_int_equal(f.begun, 0);
	g_free(codes);
}

/* Whole, byte by byte from each side, and in random pieces. */
static void
check_cuts(const struct example *e)
{
	static const size_t cuts[][2] = { { 0, 0 }, { 1, 0 }, { 0, 1 },
		{ 1, 1 }, { 2, 3 }, { 7, 0 } };

	for (size_t i = 0; i < G_N_ELEMENTS(cuts); i++) {
		struct fake_setup setup = e->setup;

		setup.client_cut = cuts[i][0];
		setup.hop_cut = cuts[i][1];
		check(e, &setup);
	}
	for (unsigned seed = 1; seed <= 20; seed++) {
		struct fake_setup setup = e->setup;

		setup.seed = seed;
		check(e, &setup);
	}
}

static void
check_all(const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_cuts(&examples[i]);
}

static void
test_plain(void **state)
{
	static const struct fake_rule rejects[] = {
		{ ".", "550-5.7.1 spam\r\n550 5.7.1 really\r\n", 0 }, { 0 } };
	static const struct example examples[] = {
		{ "plain", HELLO ENVELOPE "DATA\r\n" MESSAGE ".\r\nQUIT\r\n",
		    "220 250 250 250 354 250 221",
		    "EHLO MAIL RCPT DATA QUIT", 1, { 0 }, 0 },
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
		    { 0 }, 0 },
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
		    { 0 }, 0 },
	};

	(void)state;
	check_all(examples, G_N_ELEMENTS(examples));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
