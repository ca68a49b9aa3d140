#include "smtp/standing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int
answer(struct ms_session_state *state, const char *line, int code,
    unsigned most)
{
	struct ms_request request;
	int index;

	ms_request_parse(&request, line, strlen(line));
	index = ms_standing_answer(state, &request, code, "text", most);
	ms_request_clear(&request);
	return index;
}

/* The code that a server says to LINE. */
static int
order(const struct ms_session_state *state, const char *line, bool lmtp)
{
	const struct ms_session_config config = { .lmtp = lmtp,
		.recipients_max = 2 };
	struct ms_request request;
	struct ms_refusal refusal;

	ms_request_parse(&request, line, strlen(line));
	refusal = ms_standing_order(state, &request, &config);
	ms_request_clear(&request);
	return refusal.code;
}

static void
test_transaction(void **state)
{
	struct ms_session_state s;
	const struct ms_recipient *r;

	(void)state;
	ms_standing_init(&s);
	assert_int_equal(order(&s, "MAIL FROM:<a@b>", false), 503);
	assert_int_equal(answer(&s, "EHLO me", 250, 2), -1);
	assert_string_equal(s.helo, "me");
	assert_int_equal(order(&s, "MAIL FROM:<a@b>", false), 0);
	assert_int_equal(order(&s, "RCPT TO:<a@b>", false), 503);
	/* One that was refused was none. */
	(void)answer(&s, "MAIL FROM:<no@b>", 550, 2);
	assert_false(s.open);
	(void)answer(&s, "MAIL FROM:<a@b> SIZE=17", 250, 2);
	assert_true(s.open && s.has_size);
	assert_int_equal(s.announced, 17);
	assert_int_equal(order(&s, "MAIL FROM:<a@b>", false), 503);
	assert_int_equal(order(&s, "DATA", false), 503);
	assert_int_equal(answer(&s, "RCPT TO:<no@b>", 550, 2), 0);
	assert_int_equal(order(&s, "DATA", false), 554);
	assert_int_equal(answer(&s, "RCPT TO:<c@b>", 250, 2), 1);
	assert_int_equal(order(&s, "DATA", false), 0);
	assert_int_equal(order(&s, "RCPT TO:<d@b>", false), 452);
	assert_int_equal(answer(&s, "RCPT TO:<d@b>", 250, 2), -1);
	assert_int_equal(s.accepted, 1);
	assert_int_equal(s.lost, 1);
	r = &g_array_index(s.recipients, struct ms_recipient, 0);
	assert_int_equal(r->code, 550);
	assert_string_equal(r->reply, "text");
	assert_int_equal(order(&s, "STARTTLS", false), 503);
	(void)answer(&s, "RSET", 250, 2);
	assert_false(s.open);
	assert_int_equal(s.recipients->len, 0);
	assert_string_equal(s.helo, "me");
	ms_standing_forget(&s);
	assert_null(s.helo);
	ms_standing_clear(&s);
}

/* Its MAIL was not heard: a transaction it is. */
static void
test_recipient_first(void **state)
{
	struct ms_session_state s;

	(void)state;
	ms_standing_init(&s);
	assert_int_equal(answer(&s, "RCPT TO:<a@b>", 550, 9), -1);
	assert_false(s.open);
	assert_int_equal(answer(&s, "RCPT TO:<a@b>", 250, 9), 0);
	assert_true(s.open);
	ms_standing_clear(&s);
}

static void
test_chunks(void **state)
{
	struct ms_session_state s;

	(void)state;
	ms_standing_init(&s);
	(void)answer(&s, "EHLO me", 250, 9);
	(void)answer(&s, "MAIL FROM:<a@b> BODY=BINARYMIME", 250, 9);
	(void)answer(&s, "RCPT TO:<a@b>", 250, 9);
	assert_int_equal(order(&s, "DATA", false), 503);
	assert_int_equal(order(&s, "BDAT 5", false), 0);
	(void)answer(&s, "BDAT 5", 250, 9);
	assert_int_equal(order(&s, "RCPT TO:<c@b>", false), 503);
	(void)answer(&s, "BDAT 5", 451, 9);
	assert_int_equal(order(&s, "BDAT 5 LAST", false), 503);
	ms_standing_clear(&s);
}

static void
test_names(void **state)
{
	struct ms_session_state s;

	(void)state;
	ms_standing_init(&s);
	assert_string_equal(ms_standing_protocol(&s), "SMTP");
	assert_int_equal(order(&s, "LHLO me", false), 500);
	assert_int_equal(order(&s, "EHLO me", true), 500);
	(void)answer(&s, "EHLO me", 250, 9);
	assert_string_equal(ms_standing_protocol(&s), "ESMTP");
	s.tls = true;
	assert_int_equal(order(&s, "STARTTLS", false), 503);
	(void)answer(&s, "AUTH PLAIN", 235, 9);
	assert_true(s.authenticated);
	assert_int_equal(order(&s, "AUTH PLAIN", false), 503);
	assert_string_equal(ms_standing_protocol(&s), "ESMTPSA");
	(void)answer(&s, "MAIL FROM:<a@b> SMTPUTF8", 250, 9);
	assert_string_equal(ms_standing_protocol(&s), "UTF8SMTPSA");
	(void)answer(&s, "LHLO me", 250, 9);
	assert_string_equal(ms_standing_protocol(&s), "LMTPSA");
	/* The last word counts, and XFORWARD before XCLIENT. */
	assert_null(ms_standing_said(&s, "ADDR"));
	(void)answer(&s, "XCLIENT ADDR=192.0.2.1", 220, 9);
	assert_string_equal(ms_standing_said(&s, "ADDR"), "192.0.2.1");
	(void)answer(&s, "XFORWARD ADDR=192.0.2.2", 250, 9);
	(void)answer(&s, "XFORWARD ADDR=192.0.2.3", 250, 9);
	assert_string_equal(ms_standing_said(&s, "ADDR"), "192.0.2.3");
	assert_int_equal(s.forwarded->len, 1);
	(void)answer(&s, "RSET", 250, 9);
	assert_string_equal(ms_standing_said(&s, "ADDR"), "192.0.2.1");
	ms_standing_clear(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transaction),
		cmocka_unit_test(test_recipient_first),
		cmocka_unit_test(test_chunks),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
