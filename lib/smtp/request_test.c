#include "smtp/request_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define RFC822 "rfc822;"
#define NOT_KNOWN "500 5.5.2 Command not recognized"
#define MAIL_SYNTAX "501 5.5.4 Syntax: MAIL FROM:<address>"
#define BDAT_SYNTAX "521 5.5.4 Syntax: BDAT size [LAST]"
#define BAD(what) "501 5.5.4 Bad " what " parameter"

static const struct {
	const char *line, *says;
} cases[] = {
	/* verbs */
	{ "EHLO mx.example.org", "EHLO (mx.example.org)" },
	{ "ehlo [192.0.2.1]", "EHLO ([192.0.2.1])" },
	{ "HELO x", "HELO (x)" },
	{ "LHLO x", "LHLO (x)" },
	{ "EHLO", "EHLO 501 5.5.4 Syntax: EHLO name" },
	{ "EHLO  ", "EHLO 501 5.5.4 Syntax: EHLO name" },
	{ "RSET", "RSET" },
	{ "NOOP", "NOOP" },
	{ "NOOP all is well", "NOOP (all is well)" },
	{ "QUIT", "QUIT" },
	{ "QUIT now", "QUIT (now) 501 5.5.4 Syntax: QUIT" },
	{ "VRFY a@b", "VRFY (a@b)" },
	{ "VRFY", "VRFY 501 5.5.4 Syntax: VRFY address" },
	{ "EXPN staff", "EXPN (staff)" },
	{ "HELP", "HELP" },
	{ "ETRN example.org", "ETRN (example.org)" },
	{ "AUTH PLAIN AGEAYg==", "AUTH (PLAIN AGEAYg==)" },
	{ "AUTH", "AUTH 501 5.5.4 Syntax: AUTH mechanism" },
	{ "STARTTLS", "STARTTLS" },
	{ "STARTTLS x", "STARTTLS (x) 501 5.5.4 Syntax: STARTTLS" },
	{ "DATA", "DATA" },
	{ "data", "DATA" },
	{ " DATA", "DATA" },
	{ "DATA \t", "DATA" },
	{ "DATA x", "DATA (x) 501 5.5.4 Syntax: DATA" },
	{ "DATAx", "? " NOT_KNOWN },
	{ "", "? " NOT_KNOWN },
	{ "  ", "? " NOT_KNOWN },
	{ "BURL imap", "? (imap) " NOT_KNOWN },
	{ "GET / HTTP/1.1", "? (/ HTTP/1.1) " NOT_KNOWN },
	{ "NO\033OP", "? 500 5.5.2 Control characters in a command" },
	{ "NOOP \033[2J", "NOOP (\033[2J) 500 5.5.2 Control characters in a "
	    "command" },
	{ "HELO \xff", "HELO (\xff) 500 5.5.2 Bad UTF-8 in a command" },
	/* MAIL */
	{ "MAIL FROM:<a@b>", "MAIL <a@b>" },
	{ "mail from:<>", "MAIL <>" },
	{ "MAIL FROM: <a@b>", "MAIL <a@b>" },
	{ "MAIL FROM :<a@b>", "MAIL <a@b>" },
	{ "MAIL FROM:a@b", "MAIL <a@b>" },
	{ "MAIL  FROM:<@x:a@b>", "MAIL <a@b> route @x" },
	{ "MAIL FROM:<a@b> SIZE=1000 BODY=8BITMIME",
	    "MAIL <a@b> size 1000 body 2" },
	{ "MAIL FROM:a@b size=0", "MAIL <a@b> size 0" },
	{ "MAIL FROM:<a@b> SIZE=9000000000000000000",
	    "MAIL <a@b> size 9000000000000000000" },
	{ "MAIL FROM:<a@b> SIZE=99999999999999999999",
	    "MAIL <a@b> size 18446744073709551615" },
	{ "MAIL FROM:<a@b> SIZE=999999999999999999999",
	    "MAIL <a@b> " BAD("SIZE") },
	{ "MAIL FROM:<a@b> SIZE=-1", "MAIL <a@b> " BAD("SIZE") },
	{ "MAIL FROM:<a@b> SIZE=", "MAIL <a@b> " BAD("SIZE") },
	{ "MAIL FROM:<a@b> SIZE", "MAIL <a@b> " BAD("SIZE") },
	{ "MAIL FROM:<a@b> BODY=7bit", "MAIL <a@b> body 1" },
	{ "MAIL FROM:<a@b> BODY=BINARYMIME", "MAIL <a@b> body 3" },
	{ "MAIL FROM:<a@b> BODY=9BIT", "MAIL <a@b> " BAD("BODY") },
	{ "MAIL FROM:<\xc3\xa4@b> SMTPUTF8", "MAIL <\xc3\xa4@b> utf8" },
	{ "MAIL FROM:<a@b> SMTPUTF8=1", "MAIL <a@b> utf8 " BAD("SMTPUTF8") },
	{ "MAIL FROM:<a@b> RET=HDRS ENVID=QQ+2B1+3D",
	    "MAIL <a@b> ret 2 envid QQ+1=" },
	{ "MAIL FROM:<a@b> RET=full", "MAIL <a@b> ret 1" },
	{ "MAIL FROM:<a@b> RET=SOME", "MAIL <a@b> " BAD("RET") },
	{ "MAIL FROM:<a@b> ENVID=+0D+0AX", "MAIL <a@b> " BAD("ENVID") },
	{ "MAIL FROM:<a@b> ENVID=+4", "MAIL <a@b> " BAD("ENVID") },
	{ "MAIL FROM:<a@b> ENVID=+GG", "MAIL <a@b> " BAD("ENVID") },
	{ "MAIL FROM:<a@b> ENVID=+FF", "MAIL <a@b> " BAD("ENVID") },
	{ "MAIL FROM:<a@b> ENVID=a=b", "MAIL <a@b> " BAD("ENVID") },
	{ "MAIL FROM:<a@b> AUTH=<>", "MAIL <a@b> auth <>" },
	{ "MAIL FROM:<a@b> AUTH=e+3Dmc2@example.com",
	    "MAIL <a@b> auth <e=mc2@example.com>" },
	{ "MAIL FROM:<a@b> AUTH=", "MAIL <a@b> " BAD("AUTH") },
	{ "MAIL FROM:<a@b> X=y MT-PRIORITY=3 FLAG",
	    "MAIL <a@b> ?X=y ?MT-PRIORITY=3 ?FLAG" },
	{ "MAIL FROM:<a@b> SIZE=1 SIZE=2", "MAIL <a@b> size 1 ?SIZE=2 501 "
	    "5.5.4 Parameter stands twice" },
	{ "MAIL FROM:<a@b> NOTIFY=NEVER", "MAIL <a@b> ?NOTIFY=NEVER 555 5.5.4 "
	    "Parameter of another command" },
	{ "MAIL FROM:<a@b> =x", "MAIL <a@b> ?=x 501 5.5.4 Bad parameter" },
	{ "MAIL FROM:<a@b>SIZE=1", "MAIL <a@b> size 1 " MAIL_SYNTAX },
	{ "MAIL FROM:<a b@c>", "MAIL <a b@c> 501 5.1.7 Bad sender address" },
	{ "MAIL FROM:<a@b", "MAIL <a@b> 501 5.1.7 Bad sender address" },
	{ "MAIL FROM:", "MAIL (FROM:) 501 5.1.7 Bad sender address" },
	{ "MAIL FROM", "MAIL (FROM) " MAIL_SYNTAX },
	{ "MAIL", "MAIL " MAIL_SYNTAX },
	{ "MAIL TO:<a@b>", "MAIL (TO:<a@b>) " MAIL_SYNTAX },
	{ "MAIL FROMX:<a@b>", "MAIL (FROMX:<a@b>) " MAIL_SYNTAX },
	{ "MAIL <a@b>", "MAIL (<a@b>) " MAIL_SYNTAX },
	/* RCPT */
	{ "RCPT TO:<postmaster>", "RCPT <postmaster>" },
	{ "RCPT TO:<\"a\\\"b c\"@x>", "RCPT <\"a\\\"b c\"@x>" },
	{ "RCPT TO:<a@[IPv6:::1]>", "RCPT <a@[IPv6:::1]>" },
	{ "RCPT TO:<>", "RCPT <> 501 5.1.3 Bad recipient address" },
	{ "RCPT TO:<a@b> NOTIFY=SUCCESS,failure,DELAY",
	    "RCPT <a@b> notify 14" },
	{ "RCPT TO:<a@b> NOTIFY=NEVER", "RCPT <a@b> notify 1" },
	{ "RCPT TO:<a@b> NOTIFY=NEVER,DELAY", "RCPT <a@b> " BAD("NOTIFY") },
	{ "RCPT TO:<a@b> NOTIFY=", "RCPT <a@b> " BAD("NOTIFY") },
	{ "RCPT TO:<a@b> NOTIFY=DELAY,", "RCPT <a@b> " BAD("NOTIFY") },
	{ "RCPT TO:<a@b> ORCPT=rfc822;c+2Bd@e",
	    "RCPT <a@b> orcpt " RFC822 "c+d@e" },
	{ "RCPT TO:<a@b> ORCPT=rfc822;", "RCPT <a@b> " BAD("ORCPT") },
	{ "RCPT TO:<a@b> ORCPT=a@b", "RCPT <a@b> " BAD("ORCPT") },
	{ "RCPT TO:<a@b> ORCPT=rfc822;x+0AX", "RCPT <a@b> " BAD("ORCPT") },
	{ "RCPT FROM:<a@b>", "RCPT (FROM:<a@b>) 501 5.5.4 Syntax: RCPT "
	    "TO:<address>" },
	/* BDAT */
	{ "BDAT 0", "BDAT size 0" },
	{ "BDAT 10", "BDAT size 10" },
	{ "BDAT 0 LAST", "BDAT size 0 last" },
	{ "bdat 007  last ", "BDAT size 7 last" },
	{ "BDAT 4294967296", "BDAT size 4294967296" },
	{ "BDAT 9223372036854775808", "BDAT size 9223372036854775808" },
	{ "BDAT 9223372036854775809", "BDAT " BDAT_SYNTAX },
	{ "BDAT 99999999999999999999", "BDAT " BDAT_SYNTAX },
	{ "BDAT -1", "BDAT " BDAT_SYNTAX },
	{ "BDAT +1", "BDAT " BDAT_SYNTAX },
	{ "BDAT 1x", "BDAT " BDAT_SYNTAX },
	{ "BDAT 0x10", "BDAT " BDAT_SYNTAX },
	{ "BDAT", "BDAT " BDAT_SYNTAX },
	{ "BDAT LAST", "BDAT " BDAT_SYNTAX },
	{ "BDAT 1 LAST x", "BDAT " BDAT_SYNTAX },
	{ "BDAT 1 2", "BDAT " BDAT_SYNTAX },
	/* attributes */
	{ "XCLIENT NAME=mx.example.org ADDR=192.0.2.1",
	    "XCLIENT NAME=mx.example.org ADDR=192.0.2.1" },
	{ "xforward name=[UNAVAILABLE] addr=[tempunavail] ident=A+2BB",
	    "XFORWARD NAME= ADDR= IDENT=A+B" },
	{ "XFORWARD HELO=a+0D+0Ab", "XFORWARD HELO=a+0D+0Ab 501 5.5.4 Bad "
	    "attribute" },
	{ "XCLIENT FOO=x", "XCLIENT ?FOO=x 501 5.5.4 Bad attribute" },
	{ "XCLIENT NAME", "XCLIENT NAME 501 5.5.4 Bad attribute" },
	{ "XCLIENT", "XCLIENT 501 5.5.4 Syntax: XCLIENT attribute=value" },
};

static void
test_requests(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const size_t size = strlen(cases[i].line);
		char *line = g_memdup2(cases[i].line, size);
		GString *says = g_string_new(NULL), *again;
		struct ms_request request;

		ms_request_parse(&request, line, size);
		g_free(line);
		request_test_say(&request, says);
		assert_string_equal(cases[i].says, says->str);
		/* As it should be spelled it says the same. */
		if (request.problem.code == 0) {
			again = g_string_new(NULL);
			ms_request_append(&request, again);
			ms_request_clear(&request);
			ms_request_parse(&request, again->str, again->len);
			g_string_truncate(again, 0);
			request_test_say(&request, again);
			assert_string_equal(cases[i].says, again->str);
			assert_int_equal(0, request.flaws & MS_REQUEST_BLANKS);
			g_string_free(again, TRUE);
		}
		ms_request_clear(&request);
		g_string_free(says, TRUE);
	}
}

static void
test_spellings(void **state)
{
	static const struct {
		const char *line;
		unsigned flaws;
		const char *spelled;
	} lines[] = {
		{ "MAIL FROM:<a@b> SIZE=1", 0, "MAIL FROM:<a@b> SIZE=1" },
		{ "mail from: a@b  size=1", MS_REQUEST_BLANKS,
		    "MAIL FROM:<a@b> SIZE=1" },
		{ " RSET", MS_REQUEST_BLANKS, "RSET" },
		{ "RSET ", MS_REQUEST_BLANKS, "RSET" },
		{ "NOOP\ta", MS_REQUEST_BLANKS, "NOOP a" },
		{ "RCPT TO:<@a,@b:\xc3\xa4@c>", MS_REQUEST_EIGHT_BIT,
		    "RCPT TO:<@a,@b:\xc3\xa4@c>" },
		{ "bdat 05 last", 0, "BDAT 5 LAST" },
		{ "xclient helo=[x] name=[unavailable]", 0,
		    "XCLIENT HELO=+5Bx] NAME=[UNAVAILABLE]" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		GString *out = g_string_new(NULL);
		struct ms_request request;

		ms_request_parse(&request, lines[i].line,
		    strlen(lines[i].line));
		assert_int_equal(0, request.problem.code);
		assert_int_equal(lines[i].flaws, request.flaws);
		ms_request_append(&request, out);
		assert_string_equal(lines[i].spelled, out->str);
		ms_request_clear(&request);
		g_string_free(out, TRUE);
	}
}

static void
test_xtext(void **state)
{
	GString *coded = g_string_new(NULL), *plain = g_string_new("x");

	(void)state;
	ms_request_xtext("a+b=c d\xc3\xa4[", coded);
	assert_string_equal("a+2Bb+3Dc+20d+C3+A4+5B", coded->str);
	assert_true(ms_request_undo_xtext(coded->str, coded->len, plain));
	assert_string_equal("xa+b=c d\xc3\xa4[", plain->str);
	assert_false(ms_request_undo_xtext("+00", 3, plain));
	assert_false(ms_request_undo_xtext("a b", 3, plain));
	assert_false(ms_request_undo_xtext("+7F", 3, plain));
	g_string_free(coded, TRUE);
	g_string_free(plain, TRUE);
}

/* A line of nothing but parameters takes no time that anybody notices. */
static void
test_many(void **state)
{
	GString *line = g_string_new("MAIL FROM:<a@b>");
	const struct ms_keyword *keyword;
	struct ms_request request;

	(void)state;
	for (int i = 0; i < 600; i++)
		g_string_append_printf(line, " P%d=%d", i, i);
	ms_request_parse(&request, line->str, line->len);
	assert_int_equal(600, request.parameters->len);
	keyword = ms_request_find(&request, "P599");
	assert_non_null(keyword);
	assert_string_equal("599", keyword->value);
	assert_false(keyword->known);
	assert_null(ms_request_find(&request, "P600"));
	ms_request_clear(&request);
	g_string_free(line, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_spellings),
		cmocka_unit_test(test_xtext),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
