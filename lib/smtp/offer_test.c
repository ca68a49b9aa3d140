#include "smtp/offer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char *const hidden[] = { "dsn", "CHUNKING", NULL };

static void
test_compose(void **state)
{
	static const char text[] = "hop\n8BITMIME\nDSN\nSIZE 50\nAUTH PLAIN\n"
	    "AUTH=PLAIN\nCHUNKING\nBINARYMIME\nXNEW thing\nSTARTTLS\n"
	    "PIPELINING\nXCLIENT NAME ADDR\nXEXCH50\n\nETRN";
	static const struct {
		struct ms_offer_own own;
		const char *want;
	} cases[] = {
		{ { .hostname = "me" },
		  "me\n8BITMIME\nDSN\nAUTH PLAIN\nAUTH=PLAIN\nETRN\n"
		  "PIPELINING\nSIZE 50\nCHUNKING\nBINARYMIME" },
		{ { .hostname = "me", .size_max = 20, .pass_unknown = true,
		    .hide = hidden, .refuse = 1 << MS_VERB_ETRN |
		    1 << MS_VERB_AUTH, .starttls = true },
		  "me\n8BITMIME\nXNEW thing\nPIPELINING\nSIZE 20\n"
		  "STARTTLS" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *out = g_string_new(NULL);
		struct ms_offer offer = { 0 };
		struct ms_reply reply;

		ms_reply_init(&reply);
		reply.code = 250;
		g_string_assign(reply.text, text);
		ms_offer_read(&offer, &reply, true, &cases[i].own);
		assert_true(offer.pipelining && offer.starttls);
		assert_string_equal(offer.xclient, "NAME ADDR");
		ms_offer_compose(&offer, &reply, &cases[i].own, out);
		assert_string_equal(out->str, cases[i].want);
		g_string_truncate(out, 0);
		ms_offer_read(&offer, &reply, false, &cases[i].own);
		ms_offer_compose(&offer, &reply, &cases[i].own, out);
		assert_string_equal(out->str, "me");
		ms_offer_clear(&offer);
		ms_reply_clear(&reply);
		g_string_free(out, TRUE);
	}
}

static void
test_xclient(void **state)
{
	const struct ms_keyword keywords[] = {
		{ .name = (char *)"NAME", .value = (char *)"a b+" },
		{ .name = (char *)"ADDR", .value = NULL },
		{ .name = (char *)"PORT", .value = (char *)"25" },
	};
	struct ms_offer offer = { .xclient = g_strdup("addr name") };
	GString *out = g_string_new(NULL);

	(void)state;
	ms_offer_xclient(&offer, keywords, 3, out);
	assert_string_equal(out->str,
	    "XCLIENT NAME=a+20b+2B ADDR=[UNAVAILABLE]");
	g_string_free(out, TRUE);
	ms_offer_clear(&offer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compose),
		cmocka_unit_test(test_xclient),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
