#include "message/header.h"

#include "message/mime.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *in;
	const char *out;	/* id, subject, from, to, date; NULL: not read
				 */
} rows[] = {
	{ "", "-|-|-|-|-" },
	{ "Subject: a\n", "-|a|-|-|-" },
	{ "Subject: a", "-|a|-|-|-" },
	{ "Subject:\n", "-||-|-|-" },
	{ "sUBJECT: a \r\nTo: b\r\nFrom:c <d@e>\r\n", "-|a|c <d@e>|b|-" },
	{ "To: b\n\tFrom: no\n From: no\nSubject: a\n  more\n\tand\n"
	  "Cc: d\n e\n", "-|a  more\tand|-|b\tFrom: no From: no|-" },
	{ "Subject: a\nSubject: b\n", "-|a|-|-|-" },
	{ "Subjects: a\nSubjec: b\nX-Subject: c\n", "-|-|-|-|-" },
	{ "Message-ID: <1@a>\nDate: Mon, 02 Mar 2026 09:14:07 +0100\n",
	  "<1@a>|-|-|-|2026-03-02T09:14:07+01:00" },
	{ "Date: yesterday\n", "-|-|-|-|yesterday" },
	{ "Date: Mon, 02 Mar 2026 09:14:07 +0100\nDate: Tue, 03 Mar 2026 "
	  "09:14:07 +0100\n", "-|-|-|-|2026-03-03T09:14:07+01:00" },
	{ "Date: Mon, 02 Mar 2026 09:14:07 +0100\nDate: today\n",
	  "-|-|-|-|Mon, 02 Mar 2026 09:14:07 +0100" },
	{ "Subject: =?utf-8?q?=C3=A4?= =?iso-8859-1?b?5A==?=\n",
	  "-|\xc3\xa4\xc3\xa4|-|-|-" },
	{ "Content-Type: text/plain; name=a\n", "-|-|-|-|-" },
	{ "Content-Type: Message/Partial; id=a\n", NULL },
	{ "Content-Type: message\n /partial; id=a\n", NULL },
	{ "Subject: a\nno field\nFrom: b\n", NULL },
	{ " Subject: a\n", NULL },
	{ "Subject : a\n", NULL },
	{ "Subject: a\n\nFrom: b\n", NULL },
	{ "Subj\xe4t: a\n", NULL },
	{ ": a\n", NULL },
	{ "Subject", NULL },
};

static const char *
shown(const char *text)
{
	return text ? text : "-";
}

static void
test_rows(void **state)
{
	(void)state;
	ms_mime_start();
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		size_t size = strlen(rows[i].in);
		/* Memory that ends where it says. */
		unsigned char *in = g_memdup2(rows[i].in, size);
		struct ms_header header;
		bool read = ms_header_read(in, size, &header);
		char *out = g_strdup_printf("%s|%s|%s|%s|%s",
		    shown(header.message_id), shown(header.subject),
		    shown(header.from), shown(header.to),
		    shown(header.date));

		print_message("  %s\n", rows[i].in);
		assert_int_equal(rows[i].out != NULL, read);
		assert_string_equal(read ? rows[i].out : "-|-|-|-|-", out);
		g_free(out);
		g_free(header.message_id);
		g_free(header.subject);
		g_free(header.from);
		g_free(header.to);
		g_free(header.date);
		g_free(in);
	}
}

static void
test_nul(void **state)
{
	static const unsigned char text[] = "Subject: a\0b\n";
	struct ms_header header;

	(void)state;
	assert_false(ms_header_read(text, sizeof text - 1, &header));
	assert_null(header.subject);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
