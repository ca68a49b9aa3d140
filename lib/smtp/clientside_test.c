#include "smtp/examples_test.h"

/* Chunks (cases B), lines, lengths and odd bytes (cases L). */

#define SENDER "MAIL FROM:<a@x.test>\r\n"
#define BINARY "MAIL FROM:<a@x.test> BODY=BINARYMIME\r\n" \
	"RCPT TO:<b@y.test>\r\n"

/* Also what the next hop then has, if it has one. */
struct content {
	struct example example;
	const char *mail;
	size_t mail_size;	/* 0: a string */
};

static void
check_mail(const struct content *c)
{
	const struct example *e = &c->example;
	const size_t size = e->size ? e->size : strlen(e->client);
	const size_t want = c->mail_size ? c->mail_size : strlen(c->mail);
	const GString *mail;
	struct fake f;

	fake_open(&f, &e->setup);
	(void)fake_client(&f, e->client, size);
	assert_int_equal(f.mails->len, 1);
	mail = f.mails->pdata[0];
	assert_int_equal(mail->len, want);
	assert_memory_equal(mail->str, c->mail, want);
	fake_free(&f);
}

static void
check_contents(const struct content *contents, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		check_cuts(&contents[i].example);
		if (contents[i].mail)
			check_mail(&contents[i]);
	}
}

static const struct fake_rule full[] = {
	{ "BDAT", "452 4.3.1 x\r\n", 0 }, { 0 } };
static const struct content chunks[] = {
	{ { "B-01", HELLO ENVELOPE "BDAT 0 LAST\r\nQUIT\r\n",
	    "220 250 250 250 250 221", NULL, 1,
	    { .ehlo = CHUNKS }, 0 }, "", 0 },
	{ { "B-02", HELLO ENVELOPE "BDAT 10\r\n123456789",
	    "220 250 250 250", "EHLO MAIL RCPT", 0,
	    { .ehlo = CHUNKS }, 0 }, NULL, 0 },
	{ { "B-03", HELLO ENVELOPE "BDAT 5\r\nabcd\rBDAT 6 LAST\r\n"
	    "\nefg\r\n", "220 250 250 250 250 250", NULL, 1,
	    { .ehlo = CHUNKS }, 0 }, "abcd\r\nefg\r\n", 0 },
	{ { "B-04", HELLO ENVELOPE "BDAT 6\r\na\r\n.\r\nBDAT 3 LAST\r\n"
	    "b\r\n", "220 250 250 250 250 250", NULL, 1,
	    { .ehlo = CHUNKS }, 0 }, "a\r\n.\r\nb\r\n", 0 },
	{ { "B-04, cut", HELLO ENVELOPE "BDAT 4\r\na\r\n.BDAT 5 LAST"
	    "\r\n\r\nb\r\n", "220 250 250 250 250 250", NULL, 1,
	    { .ehlo = CHUNKS }, 0 }, "a\r\n.\r\nb\r\n", 0 },
	{ { "B-05", HELLO ENVELOPE "BDAT 9 LAST\r\n..a\r\n.b\r\n",
	    "220 250 250 250 250", NULL, 1, { .ehlo = CHUNKS }, 0 },
	    "..a\r\n.b\r\n", 0 },
	{ { "B-07", HELLO ENVELOPE "BDAT -1\r\nQUIT\r\n",
	    "220 250 250 250 521", NULL, 0, { .ehlo = CHUNKS }, 0 },
	    NULL, 0 },
	{ { "B-08", HELLO ENVELOPE "BDAT 1x\r\nQUIT\r\n",
	    "220 250 250 250 521", NULL, 0, { .ehlo = CHUNKS }, 0 },
	    NULL, 0 },
	{ { "B-09", HELLO ENVELOPE "BDAT 99999999999999999999\r\n",
	    "220 250 250 250 521", NULL, 0, { .ehlo = CHUNKS }, 0 },
	    NULL, 0 },
	{ { "B-10", HELLO ENVELOPE "BDAT 3\r\na\r\nDATA\r\n"
	    "BDAT 3 LAST\r\nb\r\n",
	    "220 250 250 250 250 503 250", NULL, 1,
	    { .ehlo = CHUNKS }, 0 }, "a\r\nb\r\n", 0 },
	{ { "B-11", HELLO ENVELOPE "DATA\r\na\r\n.\r\n"
	    "BDAT 3 LAST\r\nb\r\n", "220 250 250 250 354 250 503",
	    NULL, 1, { .ehlo = CHUNKS }, 0 }, "a\r\n", 0 },
	{ { "B-12", HELLO BINARY "DATA\r\nQUIT\r\n",
	    "220 250 250 250 503 221", NULL, 0,
	    { .ehlo = CHUNKS }, 0 }, NULL, 0 },
	{ { "B-13", HELLO ENVELOPE "BDAT 3\r\na\r\nRSET\r\n" ENVELOPE
	    "BDAT 3 LAST\r\nb\r\n",
	    "220 250 250 250 250 250 250 250 250", NULL, 1,
	    { .ehlo = CHUNKS }, 0 }, "b\r\n", 0 },
	{ { "B-14", HELLO ENVELOPE "BDAT 5\r\nhelloBDAT 5 LAST\r\n"
	    "worldNOOP\r\n", "220 250 250 250 250 250 250", NULL, 1,
	    { .ehlo = CHUNKS }, 0 }, "helloworld", 0 },
	{ { "B-15", HELLO ENVELOPE "BDAT 6\r\nQUIT\r\n"
	    "NOOP\r\n", "220 250 250 250 502 250", NULL, 0,
	    NOTHING, 0 }, NULL, 0 },
	{ { "B-15, too big", HELLO ENVELOPE "BDAT 20\r\n"
	    "12345678901234567890BDAT 6 LAST\r\nNOOP\r\nNOOP\r\n",
	    "220 250 250 250 552 503 250", NULL, 0,
	    { .ehlo = CHUNKS, .config.size_max = 10 }, 0 }, NULL, 0 },
	{ { "B-15, without recipients", HELLO SENDER "BDAT 6\r\n"
	    "NOOP\r\nNOOP\r\n", "220 250 250 503 250", NULL, 0,
	    { .ehlo = CHUNKS }, 0 }, NULL, 0 },
	{ { "B-16", HELLO ENVELOPE "BDAT 8 LAST\r\na\nb\r\n\r\0\n",
	    "220 250 250 250 550", NULL, 0, { .ehlo = CHUNKS },
	    sizeof(HELLO ENVELOPE "BDAT 8 LAST\r\n") - 1 + 8 },
	    NULL, 0 },
	{ { "B-16, normalised", HELLO ENVELOPE "BDAT 8 LAST\r\n"
	    "a\nb\r\n\r\0\n", "220 250 250 250 250", NULL, 1,
	    { .ehlo = CHUNKS, .config.newlines =
	    MS_PROXY_NORMALISE }, sizeof(HELLO ENVELOPE
	    "BDAT 8 LAST\r\n") - 1 + 8 }, "a\r\nb\r\n\r\n", 0 },
	{ { "B-16, binary", HELLO BINARY "BDAT 8 LAST\r\n"
	    "a\nb\r\n\r\0\n", "220 250 250 250 250", NULL, 1,
	    { .ehlo = CHUNKS }, sizeof(HELLO BINARY
	    "BDAT 8 LAST\r\n") - 1 + 8 }, "a\nb\r\n\r\0\n", 8 },
	{ { "B-16, not offered", HELLO BINARY, "220 250 555 503",
	    NULL, 0, NOTHING, 0 }, NULL, 0 },
	{ { "B-17", HELLO ENVELOPE "BDAT 3 LAST\r\na\r\n",
	    "220 250 250 250 452", NULL, 0, { .ehlo = CHUNKS, .rules =
	    full }, 0 }, NULL, 0 },
};

static void
test_chunks(void **state)
{
	(void)state;
	check_contents(chunks, G_N_ELEMENTS(chunks));
}

static void
test_content(void **state)
{
	static const struct content contents[] = {
		{ { "L first dot", HELLO ENVELOPE "DATA\r\n..\r\na\r\n.\r\n",
		    "220 250 250 250 354 250", NULL, 1, NOTHING, 0 },
		    ".\r\na\r\n", 0 },
		{ { "L dots", HELLO ENVELOPE "DATA\r\n...\r\n....\r\n..\t\r\n"
		    ".\r\n", "220 250 250 250 354 250", NULL, 1, NOTHING, 0 },
		    "..\r\n...\r\n.\t\r\n", 0 },
		{ { "L one dot is lost", HELLO ENVELOPE "DATA\r\n.a\r\n.\r\n",
		    "220 250 250 250 354 250", NULL, 1, NOTHING, 0 },
		    "a\r\n", 0 },
		{ { "L header only", HELLO ENVELOPE "DATA\r\nA: b\r\n.\r\n",
		    "220 250 250 250 354 250", NULL, 1, NOTHING, 0 },
		    "A: b\r\n", 0 },
		{ { "L eight bits", HELLO ENVELOPE "DATA\r\n\x80\xff\r\n.\r\n",
		    "220 250 250 250 354 250", NULL, 1, NOTHING, 0 },
		    "\x80\xff\r\n", 0 },
		{ { "L NUL", HELLO ENVELOPE "DATA\r\na\0b\r\n.\r\nNOOP\r\n",
		    "220 250 250 250 354 550", NULL, 0, NOTHING,
		    sizeof(HELLO ENVELOPE "DATA\r\na\0b\r\n.\r\nNOOP\r\n") -
		    1 }, NULL, 0 },
		{ { "L NUL, normalised", HELLO ENVELOPE "DATA\r\na\0b\r\n.\r\n"
		    "NOOP\r\n", "220 250 250 250 354 250 250", NULL, 1,
		    { .config.newlines = MS_PROXY_NORMALISE },
		    sizeof(HELLO ENVELOPE "DATA\r\na\0b\r\n.\r\nNOOP\r\n") -
		    1 }, "ab\r\n", 0 },
		{ { "L end of the file", HELLO ENVELOPE "DATA\r\nabc\r\n.",
		    "220 250 250 250 354", "EHLO MAIL RCPT", 0, NOTHING, 0 },
		    NULL, 0 },
		{ { "L last line", HELLO ENVELOPE "DATA\r\nabc.\r\n.\r\n",
		    "220 250 250 250 354 250", NULL, 1, NOTHING, 0 },
		    "abc.\r\n", 0 },
	};

	(void)state;
	check_contents(contents, G_N_ELEMENTS(contents));
}

static void
test_commands(void **state)
{
	static const struct example examples[] = {
		{ "L NUL in a command", HELLO "NO\0OP\r\nNOOP\r\n",
		    "220 250 500 250", "EHLO NOOP", 0, NOTHING,
		    sizeof(HELLO "NO\0OP\r\nNOOP\r\n") - 1 },
		{ "L NUL in an address", HELLO "MAIL FROM:<a\0b>\r\nNOOP\r\n",
		    "220 250 500 250", "EHLO NOOP", 0, NOTHING,
		    sizeof(HELLO "MAIL FROM:<a\0b>\r\nNOOP\r\n") - 1 },
		{ "L bare LF in a command", HELLO "NOOP\nQUIT\r\n",
		    "220 250 521", "EHLO QUIT", 0, NOTHING, 0 },
		{ "L bare CR in a command", HELLO "NOOP\rQUIT\r\n",
		    "220 250 521", "EHLO QUIT", 0, NOTHING, 0 },
		{ "L null sender", HELLO "MAIL FROM:<>\r\n", "220 250 250",
		    "EHLO MAIL", 0, NOTHING, 0 },
		{ "L route", HELLO "MAIL FROM:<@a,@b:c@d>\r\n"
		    "RCPT TO:<\"a\\\"b c\"@x>\r\nRCPT TO:<a@[IPv6:::1]>\r\n",
		    "220 250 250 250 250", "EHLO MAIL RCPT RCPT", 0, NOTHING,
		    0 },
		{ "L SMTPUTF8", HELLO "MAIL FROM:<\xc3\xa4@x>\r\n"
		    "MAIL FROM:<\xc3\xa4@x> SMTPUTF8\r\n", "220 250 553 250",
		    "EHLO MAIL", 0, NOTHING, 0 },
		{ "L invalid UTF-8", HELLO "MAIL FROM:<\xc3@x> SMTPUTF8\r\n",
		    "220 250 500", "EHLO", 0, NOTHING, 0 },
		{ "L SIZE=-1", HELLO "MAIL FROM:<> SIZE=-1\r\n",
		    "220 250 501", "EHLO", 0, NOTHING, 0 },
		{ "L SIZE=9e18", HELLO "MAIL FROM:<> SIZE=9000000000000000000"
		    "\r\n", "220 250 552", "EHLO", 0, NOTHING, 0 },
		{ "L SIZE=0", HELLO "MAIL FROM:<> SIZE=0\r\n",
		    "220 250 250", "EHLO MAIL", 0, NOTHING, 0 },
		{ "injection", HELLO "MAIL FROM:<a@x> X=\rRCPT\r\n",
		    "220 250 521", "EHLO QUIT", 0, NOTHING, 0 },
	};

	(void)state;
	check_all(examples, G_N_ELEMENTS(examples));
}

/* Lines of lengths around every buffer there may be, and a dot or CR at their
 * borders. */
static void
test_lengths(void **state)
{
	static const size_t sizes[] = { 510, 511, 512, 513, 998, 999, 1000,
		2000, 2047, 2048, 4090, 4091, 4092, 4093, 4094, 4095, 4096,
		4097, 4098, 8190, 8192, 65535, 65536, 65537, 1 << 20 };
	static const struct fake_setup setup = { .ehlo = "250 DSN\r\n" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		GString *s = g_string_new(HELLO ENVELOPE "DATA\r\n");
		GString *mail = g_string_new(NULL);
		struct fake f;

		for (size_t n = 0; n < sizes[i]; n++)
			g_string_append_c(mail, 'x');
		g_string_append(mail, "\r\n");
		g_string_append_len(s, mail->str, (gssize)mail->len);
		g_string_append(s, "..y\r\n.\r\n");
		g_string_append(mail, ".y\r\n");
		fake_open(&f, &setup);
		(void)fake_client(&f, s->str, s->len);
		assert_int_equal(f.mails->len, 1);
		assert_true(g_string_equal(f.mails->pdata[0], mail));
		fake_free(&f);
		/* As a command. */
		g_string_assign(s, HELLO "NOOP ");
		g_string_append_len(s, mail->str, (gssize)sizes[i]);
		g_string_append(s, "\r\nNOOP\r\n");
		fake_open(&f, &setup);
		(void)fake_client(&f, s->str, s->len);
		assert_int_equal(strstr(f.client->str, "\r\n500 ") != NULL,
		    sizes[i] + 7 > 4096);
		assert_true(g_str_has_suffix(f.client->str,
		    "250 2.0.0 fine\r\n"));
		fake_free(&f);
		g_string_free(s, TRUE);
		g_string_free(mail, TRUE);
	}
}

static void
test_many_recipients(void **state)
{
	static const struct fake_setup setups[] = {
		{ .seed = 0 }, { .ehlo = "250 DSN\r\n" }, { .seed = 4 } };
	GString *s = g_string_new(HELLO SENDER);
	const char *p;

	(void)state;
	for (int i = 0; i < 10000; i++)
		g_string_append_printf(s, "RCPT TO:<r%d@x.test>\r\n", i);
	g_string_append(s, "DATA\r\n" MESSAGE ".\r\n");
	for (size_t i = 0; i < G_N_ELEMENTS(setups); i++) {
		unsigned good = 0, later = 0;
		struct fake f;

		fake_open(&f, &setups[i]);
		(void)fake_client(&f, s->str, s->len);
		for (p = f.client->str; (p = strstr(p, "\r\n250 ")); p++)
			good++;
		for (p = f.client->str; (p = strstr(p, "\r\n452 ")); p++)
			later++;
		assert_int_equal(good, 1 + 1 + 1000 + 1);
		assert_int_equal(later, 9000);
		assert_int_equal(f.mails->len, 1);
		fake_free(&f);
	}
	g_string_free(s, TRUE);
}

/* What the owner objects to does not reach the next hop. */
static void
test_objections(void **state)
{
	static const char client[] = HELLO
	    "MAIL FROM:<no@x.test>\r\nRCPT TO:<a@x.test>\r\n"
	    SENDER "RCPT TO:<no@x.test>\r\nRCPT TO:<yes@x.test>\r\n"
	    "DATA\r\n" MESSAGE ".\r\n";
	static const struct fake_setup setups[] = {
		{ .seed = 0 }, { .seed = 3 } };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(setups); i++) {
		const char *first, *second;
		struct fake f;

		fake_open(&f, &setups[i]);
		(void)fake_client(&f, client, sizeof client - 1);
		first = strstr(f.client->str, "\r\n550 5.7.1 Not that one\r\n"
		    "503 ");
		assert_non_null(first);
		second = strstr(first + 4, "\r\n550 5.7.1 Not that one\r\n"
		    "250 ");
		assert_non_null(second);
		assert_int_equal(f.mails->len, 1);
		assert_null(strstr(f.commands->str, "no@x.test"));
		assert_non_null(strstr(f.commands->str, "yes@x.test"));
		assert_string_equal(f.refused->str,
		    "MAIL 550 no@x.test 5.7.1 Not that one;"
		    "RCPT 550 no@x.test 5.7.1 Not that one;");
		fake_free(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chunks),
		cmocka_unit_test(test_content),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_many_recipients),
		cmocka_unit_test(test_objections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
