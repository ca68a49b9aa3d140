#include "capture/smell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <glib.h>

#define HELLO "\x16\x03\x01\x00\xa5\x01\x00"
#define ANSWER "\x16\x03\x03\x00\xa5\x02\x00"

/* What ends 0 and 1 said; SMTP with 0 or 1 as the client, TLS likewise. */
enum want { UNSURE, OTHER, SMTP0, SMTP1, TLS0, TLS1 };

static const struct {
	const char *said[2];
	uint16_t port[2];
	int client;
	bool begun, over;
	enum want want;
} cases[] = {
	{ { "", "" }, { 40000, 25 }, 0, true, false, UNSURE },
	{ { "", "" }, { 40000, 25 }, 0, true, true, OTHER },
	{ { "", "220 a\r\n" }, { 40000, 25 }, 0, true, false, SMTP0 },
	{ { "x", "" }, { 40000, 25 }, -1, false, false, SMTP0 },
	{ { "", "whatever" }, { 587, 40000 }, -1, false, false, SMTP1 },
	{ { "250 ok\r\n", "" }, { 40000, 25 }, -1, false, false, SMTP1 },
	{ { "", "220 a ESMTP x\r\n" }, { 9, 9999 }, 0, true, false, SMTP0 },
	{ { "", "220 a lmtp\r\n" }, { 9, 9999 }, 0, true, false, SMTP0 },
	{ { "", "220 a\r\nSMTP" }, { 9, 9999 }, 0, true, false, UNSURE },
	{ { "", "220-a" }, { 9, 9999 }, 0, true, false, UNSURE },
	{ { "", "22" }, { 9, 9999 }, 0, true, false, UNSURE },
	{ { "", "+OK" }, { 9, 9999 }, 0, true, false, OTHER },
	{ { "", "220 a\r\n" }, { 9, 9999 }, 0, true, true, OTHER },
	{ { "EHLO a\r\n", "220 a\r\n" }, { 9, 9999 }, 0, true, false, SMTP0 },
	{ { "ehlo a\r\n", "" }, { 9, 9999 }, 0, true, false, SMTP0 },
	{ { "lhlo a\r\n", "" }, { 9, 9999 }, -1, false, false, SMTP0 },
	{ { "220 a\r\n", "HELO a\r\n" }, { 9, 9999 }, -1, true, false,
	    SMTP1 },
	{ { "junk\r\nHELO a\r\n", "220 a\r\n" }, { 9, 9999 }, 0, true, false,
	    SMTP0 },
	{ { "jnk\r\nHELO", "" }, { 9, 9999 }, 0, true, false, UNSURE },
	{ { "some junk that is long\r\nHELO a\r\n", "" }, { 9, 9999 }, 0,
	    true, false, SMTP0 },
	{ { "NOOP and long\r\n", "" }, { 9, 9999 }, 0, true, false,
	    UNSURE },
	{ { "USER a\r\n", "220 a\r\n" }, { 9, 9999 }, 0, true, false,
	    UNSURE },
	{ { "USER a\r\n", "220 a\r\n331 b\r\n" }, { 9, 9999 }, 0, true,
	    false, OTHER },
	{ { "USER a\r\n", "220 a\r\n500 b\r\n" }, { 9, 9999 }, 0, true,
	    false, UNSURE },
	{ { "PROXY TCP4 1.2.3.4 1.2.3.4 5 6\r\nEHLO a\r\n", "" },
	    { 9, 9999 }, 0, true, false, SMTP0 },
	{ { "PROXY TCP4 1.2.3.4 1.2.3.4 5 6", "" }, { 9, 9999 }, 0, true,
	    false, UNSURE },
	{ { "GET / HTTP/1.1\r\n", "" }, { 9, 9999 }, 0, true, false,
	    UNSURE },
	{ { "GET / HTTP/1.1\r\n", "" }, { 9, 9999 }, 0, true, true, OTHER },
	{ { "GET / HTTP/1.1\r\n", "HTTP/1.1 200 OK\r\n" }, { 9, 9999 }, 0,
	    true, false, OTHER },
	{ { "GET / HTTP/1.1\r\nEHLO a\r\n", "" }, { 9, 9999 }, 0, true,
	    false, UNSURE },
	{ { "xx\r\nMAIL FROM:<a>\r\n", "" }, { 9, 9999 }, -1, false, false,
	    SMTP0 },
	{ { "in the middle\r\n", "" }, { 9, 9999 }, -1, false, false,
	    UNSURE },
	{ { HELLO, "" }, { 9, 465 }, 0, true, false, TLS0 },
	{ { "", HELLO }, { 465, 9 }, -1, false, false, TLS1 },
	{ { "", ANSWER }, { 9, 465 }, -1, false, false, TLS0 },
	{ { HELLO, "" }, { 9, 443 }, 0, true, false, OTHER },
	{ { "\x16", "" }, { 9, 465 }, 0, true, false, UNSURE },
	{ { "\x16", "" }, { 9, 465 }, 0, true, true, SMTP0 },
};

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_smell_case c = {
			.port = { cases[i].port[0], cases[i].port[1] },
			.client = cases[i].client, .begun = cases[i].begun,
			.over = cases[i].over,
		};
		enum want got;
		int client = -2;

		for (int k = 0; k < 2; k++) {
			const char *text = cases[i].said[k];

			c.size[k] = *text == 0x16 && text[1] ? 7 :
			    strlen(text);
			c.data[k] = g_memdup2(text, c.size[k]);
		}
		switch (ms_smell(&c, &client)) {
		case MS_SMELL_UNSURE: got = UNSURE; break;
		case MS_SMELL_OTHER: got = OTHER; break;
		case MS_SMELL_SMTP: got = client ? SMTP1 : SMTP0; break;
		default: got = client ? TLS1 : TLS0; break;
		}
		if (got != cases[i].want)
			fail_msg("case %zu: %d", i, (int)got);
		g_free((void *)c.data[0]);
		g_free((void *)c.data[1]);
	}
}

/* No beginning of anything makes it read further than it is. */
static void
test_cut(void **state)
{
	static const char text[] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\2ab"
	    "EHLO x\r\n";
	struct ms_smell_case c = { .port = { 9, 9999 }, .client = 0,
		.begun = true };
	enum ms_smell smell = MS_SMELL_UNSURE;
	int client;

	(void)state;
	for (size_t size = 0; size < sizeof text; size++) {
		unsigned char *exact = g_memdup2(text, size);

		c.data[0] = exact;
		c.size[0] = size;
		smell = ms_smell(&c, &client);
		assert_true(size >= sizeof text - 4 ||
		    smell == MS_SMELL_UNSURE);
		g_free(exact);
	}
	assert_int_equal(MS_SMELL_SMTP, smell);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
