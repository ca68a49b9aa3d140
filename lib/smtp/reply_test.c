#include "smtp/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "smtp/cuts_test.h"

/* Feed TEXT, STEP bytes at a time. */
static enum ms_status
feed(struct ms_reply *reply, const char *text, size_t size, size_t step,
    size_t *used)
{
	enum ms_status status = MS_END;
	size_t n;

	*used = 0;
	while (*used < size && status == MS_END) {
		status = ms_reply_feed(reply, text + *used,
		    MIN(step, size - *used), &n, NULL);
		*used += n;
	}
	return status;
}

static void
test_replies(void **state)
{
	static const struct {
		const char *bytes;
		enum ms_status status;
		int code;
		unsigned lines;
		const char *text;
	} cases[] = {
		{ "250 ok\r\n", MS_OK, 250, 1, "ok" },
		{ "250\r\n", MS_OK, 250, 1, "" },
		{ "250 \r\n", MS_OK, 250, 1, "" },
		{ "354 go\n", MS_OK, 354, 1, "go" },
		{ "250-a\r\n250-\r\n250 b\r\n", MS_OK, 250, 3, "a\n\nb" },
		{ "250-a\r\n250\r\n", MS_OK, 250, 2, "a\n" },
		{ "550 5.7.1 caf\xc3\xa9\t!\r\n", MS_OK, 550, 1,
		  "5.7.1 caf\xc3\xa9\t!" },
		{ "250-a\r\n", MS_END, 0, 0, NULL },
		{ "250 ok\r", MS_END, 0, 0, NULL },
		{ "250ok\r\n", MS_E_PEER, 0, 0, NULL },
		{ "25\r\n", MS_E_PEER, 0, 0, NULL },
		{ "2500 x\r\n", MS_E_PEER, 0, 0, NULL },
		{ "\r\n", MS_E_PEER, 0, 0, NULL },
		{ "150 x\r\n", MS_E_PEER, 0, 0, NULL },
		{ "600 x\r\n", MS_E_PEER, 0, 0, NULL },
		{ "260 x\r\n", MS_E_PEER, 0, 0, NULL },
		{ "250 a\rb\r\n", MS_E_PEER, 0, 0, NULL },
		{ "250 a\r\r\n", MS_E_PEER, 0, 0, NULL },
		{ "250 a\x1b[2J\r\n", MS_E_PEER, 0, 0, NULL },
		{ "250-a\r\n251 b\r\n", MS_E_PEER, 0, 0, NULL },
		{ "SSH-2.0-x\r\n", MS_E_PEER, 0, 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		for (size_t step = 1; step < 30; step++) {
			struct ms_reply reply;
			size_t used;

			ms_reply_init(&reply);
			assert_int_equal(cases[i].status, feed(&reply,
			    cases[i].bytes, strlen(cases[i].bytes), step,
			    &used));
			if (cases[i].status == MS_OK) {
				assert_int_equal(cases[i].code, reply.code);
				assert_int_equal(cases[i].lines, reply.lines);
				assert_string_equal(cases[i].text,
				    reply.text->str);
				assert_int_equal(strlen(cases[i].bytes), used);
			}
			ms_reply_clear(&reply);
		}
}

static void
test_nul(void **state)
{
	struct ms_reply reply;
	size_t used;

	(void)state;
	ms_reply_init(&reply);
	assert_int_equal(MS_E_PEER, feed(&reply, "250 a\0b\r\n", 9, 9,
	    &used));
	ms_reply_clear(&reply);
}

/* Two in one piece are two. */
static void
test_pipelined(void **state)
{
	static const char text[] = "250 one\r\n550 two\r\n2";
	struct ms_reply reply;
	size_t used, more;

	(void)state;
	ms_reply_init(&reply);
	assert_int_equal(MS_OK, ms_reply_feed(&reply, text, strlen(text),
	    &used, NULL));
	assert_int_equal(9, used);
	assert_int_equal(MS_OK, ms_reply_feed(&reply, text + used,
	    strlen(text) - used, &more, NULL));
	assert_int_equal(9, more);
	assert_int_equal(550, reply.code);
	assert_string_equal("two", reply.text->str);
	assert_int_equal(MS_END, ms_reply_feed(&reply, text + 18, 1, &used,
	    NULL));
	ms_reply_clear(&reply);
}

/* A line without an end, and lines without an end. */
static void
test_endless(void **state)
{
	char line[MS_REPLY_LINE_MAX + 1];
	struct ms_reply reply;
	enum ms_status status = MS_END;
	size_t used;
	int lines;

	(void)state;
	memset(line, 'x', sizeof line);
	memcpy(line, "250 ", 4);
	ms_reply_init(&reply);
	assert_int_equal(MS_E_PEER, feed(&reply, line, sizeof line, 1000,
	    &used));
	ms_reply_clear(&reply);
	ms_reply_init(&reply);
	for (lines = 0; status == MS_END && lines < 100000; lines++)
		status = ms_reply_feed(&reply, "250-x\r\n", 7, &used, NULL);
	assert_int_equal(MS_E_PEER, status);
	assert_true(lines > 200 && lines < 10000);
	ms_reply_clear(&reply);
	/* The longest that is allowed. */
	memcpy(line + MS_REPLY_LINE_MAX - 2, "\r\n", 2);
	ms_reply_init(&reply);
	assert_int_equal(MS_OK, feed(&reply, line, MS_REPLY_LINE_MAX, 1,
	    &used));
	ms_reply_clear(&reply);
}

static void
test_enhanced(void **state)
{
	static const struct {
		const char *bytes;
		bool has;
		unsigned status[3];
	} cases[] = {
		{ "550 5.7.1 no\r\n", true, { 5, 7, 1 } },
		{ "250 2.0.0\r\n", true, { 2, 0, 0 } },
		{ "250-2.1.5\r\n250 x\r\n", true, { 2, 1, 5 } },
		{ "250 2.123.456 x\r\n", true, { 2, 123, 456 } },
		{ "250 5.0.0 x\r\n", false, { 0 } },
		{ "250 2.0 x\r\n", false, { 0 } },
		{ "250 2.0.x\r\n", false, { 0 } },
		{ "250 2..0 x\r\n", false, { 0 } },
		{ "250 2.1234.0 x\r\n", false, { 0 } },
		{ "250 2.0.0x\r\n", false, { 0 } },
		{ "250\r\n", false, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_reply reply;
		unsigned status[3] = { 0 };
		size_t used;

		ms_reply_init(&reply);
		assert_int_equal(MS_OK, ms_reply_feed(&reply, cases[i].bytes,
		    strlen(cases[i].bytes), &used, NULL));
		assert_int_equal(cases[i].has, ms_reply_enhanced(&reply,
		    status));
		assert_memory_equal(cases[i].status, status, sizeof status);
		ms_reply_clear(&reply);
	}
}

static void
test_extensions(void **state)
{
	static const char text[] = "250-SIZE 1 is my name\r\n250-8bitmime\r\n"
	    "250-size 1000\r\n250-AUTH=PLAIN\r\n250 STARTTLSX\r\n";
	struct ms_reply reply;
	char *value;
	size_t used;

	(void)state;
	ms_reply_init(&reply);
	assert_false(ms_reply_extension(&reply, "SIZE", NULL));
	assert_int_equal(MS_OK, ms_reply_feed(&reply, text, strlen(text),
	    &used, NULL));
	assert_true(ms_reply_extension(&reply, "8BITMIME", NULL));
	assert_true(ms_reply_extension(&reply, "SIZE", &value));
	assert_string_equal("1000", value);
	g_free(value);
	assert_true(ms_reply_extension(&reply, "AUTH", &value));
	assert_string_equal("PLAIN", value);
	g_free(value);
	assert_false(ms_reply_extension(&reply, "STARTTLS", NULL));
	assert_false(ms_reply_extension(&reply, "SMTPUTF8", NULL));
	ms_reply_clear(&reply);
}

struct heard {
	struct ms_reply reply;
	GString *log;
	bool over;
};

static void *
start_hearing(const void *setup)
{
	struct heard *heard = g_new0(struct heard, 1);

	(void)setup;
	ms_reply_init(&heard->reply);
	heard->log = g_string_new(NULL);
	return heard;
}

static void
hear(void *arg, const void *data, size_t size)
{
	struct heard *heard = arg;
	const char *p = data;

	while (size > 0 && !heard->over) {
		struct ms_error err;
		size_t used;
		const enum ms_status status = ms_reply_feed(&heard->reply, p,
		    size, &used, &err);

		p += used;
		size -= used;
		if (status == MS_OK)
			g_string_append_printf(heard->log, "%d/%u %s|",
			    heard->reply.code, heard->reply.lines,
			    heard->reply.text->str);
		heard->over = status == MS_E_PEER;
		if (heard->over)
			g_string_append(heard->log, "no reply");
	}
}

static GString *
end_hearing(void *arg)
{
	struct heard *heard = arg;
	GString *log = heard->log;

	ms_reply_clear(&heard->reply);
	g_free(heard);
	return log;
}

/* However a server's bytes are cut, they are the same replies. */
static void
test_cuts(void **state)
{
	static const struct cuts_test heard = { start_hearing, hear,
		end_hearing, NULL };
	static const struct {
		const char *bytes, *replies;
	} cases[] = {
		{ "220 mx ESMTP\r\n250-mx\r\n250-SIZE 1\r\n250 DSN\r\n"
		    "250 2.1.0 Ok\n354\r\n250 2.0.0 a", "220/1 mx ESMTP|"
		    "250/3 mx\nSIZE 1\nDSN|250/1 2.1.0 Ok|354/1 |" },
		{ "250-a\r\n250 b\r\n421 bye\r\n", "250/2 a\nb|"
		    "421/1 bye|" },
		{ "250-a\r\n251 b\r\n", "no reply" },
		{ "220 x\r\n250ok\r\n220 y\r\n", "220/1 x|no reply" },
		{ "25\r\n", "no reply" },
		{ "2500 x\r\n", "no reply" },
		{ "\x16\x03\x01\n", "no reply" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		cuts_test_assert(&heard, cases[i].bytes,
		    strlen(cases[i].bytes), cases[i].replies);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_pipelined),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_enhanced),
		cmocka_unit_test(test_extensions),
		cmocka_unit_test(test_cuts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
