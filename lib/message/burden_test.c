#include "message/burden.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* BEFORE, then N times AGAIN, then AFTER. */
struct message {
	const char *before, *again;
	unsigned n;
	const char *after;
};

static GString *
made(const struct message *message)
{
	GString *out = g_string_new(message->before);

	for (unsigned i = 0; i < message->n; i++)
		g_string_append(out, message->again);
	return g_string_append(out, message->after);
}

static void
test_rows(void **state)
{
	static const struct {
		struct message message;
		bool addresses, headers;
	} rows[] = {
		{ { "", "", 0, "" }, false, false },
		{ { "From: a@b\nTo: c@d\n\nx\n", "", 0, "" }, false, false },
		{ { "From: ", "a:", 1000, "\n\nx\n" }, true, false },
		{ { "From: ", "a:", 999, "\n\nx\n" }, false, false },
		{ { "From: ", "a:", 600, "\nTo: a:\n\n" }, false, false },
		{ { "FROM \t:", "a:\n ", 1000, "\n\nx\n" }, true, false },
		{ { "rEPLY-tO: ", "\"a\",\r\n\t", 9000, "\r\n\r\nx" }, true,
		  false },
		{ { "To: ", "a,", 8000, "\n\nx" }, false, false },
		{ { "Tom: ", "a,", 80000, "\n\nx" }, false, false },
		{ { "Subject: ", "a:", 80000, "\n\nx" }, false, false },
		{ { "A: b\n\nFrom: ", "a,", 9000, "\n\nx" }, true, false },
		{ { "", "Cc: a@example.org, b@example.org\n", 16384, "\n" },
		  true, false },
		{ { "", "Cc: a@example.org, b@example.org\n", 9000, "\n" },
		  false, false },
		{ { "A: b\n\n", "a:\n", 300000, "" }, false, false },
		{ { "", "a:\n", 300000, "\n" }, false, true },
		{ { "A: b\n\n--b\n", "a:\n", 300000, "\n" }, false, true },
		{ { "A: b\n\n--b\n\n", "a:\n", 300000, "\n" }, false, false },
		{ { "A: multipart/digest\n\n--b\n\n", "a:\n", 300000, "\n" },
		  false, true },
		{ { "Content-Type: message/rfc822\r\n\r\n", "a:\r\n", 300000,
		  "\r\n" }, false, true },
		{ { "Content-Type:\n Message\n /rfc822\n\n", "a:\n", 300000,
		  "\n" }, false, true },
		{ { "Message-ID: <a@b>\n\n", "a:\n", 300000, "" }, false,
		  false },
		{ { "A: b\n\n", "--b\nA: 789\n\n", 300000, "" }, false,
		  true },
		{ { "A: b\n\n--b\nA: ", "0123456789", 420000, "" }, false,
		  true },
		{ { "A: b\n\n--b\nA: ", "0123456789", 419000, "" }, false,
		  false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		GString *text = made(&rows[i].message);
		const struct ms_burden burden = ms_burden(
		    (const unsigned char *)text->str, text->len);

		print_message("  %zu\n", i);
		assert_int_equal(rows[i].addresses, burden.addresses);
		assert_int_equal(rows[i].headers, burden.headers);
		g_string_free(text, TRUE);
	}
}

static void
test_hide(void **state)
{
	char text[] = "From: a\nfrom : b\nFrom\nTo: c\r\n Cc: d\nX-To: e\n"
	    "Sender:\n\nBCC: f";

	(void)state;
	ms_burden_hide((unsigned char *)text, strlen(text));
	assert_string_equal(text, "Xrom: a\nXrom : b\nFrom\nXo: c\r\n Cc: d\n"
	    "X-To: e\nXender:\n\nXCC: f");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_hide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
