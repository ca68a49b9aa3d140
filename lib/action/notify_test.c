#include "action/notify.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void
test_addresses(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {
		{ "root", true }, { "anna@example.org", true },
		{ "o'neil+x@sub.example.org", true }, { "a@[192.0.2.1]", true },
		{ "a@[IPv6:2001:db8::1]", true }, { "", false },
		{ "@example.org", false }, { "a@", false }, { "-f", false },
		{ "-oQ/tmp@example.org", false }, { "a b@example.org", false },
		{ "a@example.org, b", false }, { "a@b\nBcc: c@d", false },
		{ "Anna <a@b>", false }, { "a..b@c", false }, { ".a@b", false },
		{ "a@b.", false }, { "\"a\"@b", false }, { "a@b@c", false },
		{ "\303\244@b", false }, { "a@[]", false }, { "|prog", true },
		{ "a@-b", false }, { "(x)a", false }, { "a;b", false },
	};
	char much[300];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		print_message("  %s\n", cases[i].text);
		assert_int_equal(ms_notify_is_address(cases[i].text),
		    cases[i].good);
	}
	memset(much, 'a', sizeof much - 1);
	much[sizeof much - 1] = '\0';
	assert_false(ms_notify_is_address(much));
}

static char *
build(const char *subject, const char *text)
{
	static const char *const to[] = { "anna@example.org",
		"otto@example.org", NULL };
	const struct ms_notify notify = { .from = "root@mx.example.org",
		.to = to, .subject = subject, .text = text,
		.host = "mx.example.org", .time = 1772439247 };
	GString *out = g_string_new(NULL);

	assert_int_equal(ms_notify_build(&notify, out, NULL), MS_OK);
	return g_string_free(out, FALSE);
}

/* Message-ID out of the way, which is never the same. */
static void
test_whole(void **state)
{
	char *a = build("found 2", "one\ntwo"), *b = build("x", "");
	char *id = strstr(a, "Message-ID: <mailscan.");
	char *end;

	(void)state;
	assert_non_null(id);
	assert_null(strstr(b, "Message-ID: <mailscan.0000000000000000"));
	assert_true(strncmp(id, strstr(b, "Message-ID: "), 60) != 0);
	end = strstr(id, "@mx.example.org>\n");
	assert_int_equal(end - id, strlen("Message-ID: <mailscan.") + 32);
	memmove(id, strchr(id, '\n') + 1, strlen(strchr(id, '\n')));
	assert_string_equal(a, "From: root@mx.example.org\n"
	    "To: anna@example.org, otto@example.org\nSubject: found 2\n"
	    "Date: Mon, 02 Mar 2026 09:14:07 +0100\n"
	    "Auto-Submitted: auto-generated\nMIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=utf-8\n"
	    "Content-Transfer-Encoding: 7bit\n\none\ntwo\n");
	g_free(a);
	g_free(b);
}

static void
test_subjects(void **state)
{
	static const struct {
		const char *subject, *want;
	} cases[] = {
		{ "", "Subject: \n" },
		{ "a b", "Subject: a b\n" },
		{ "one two three four five six seven eight nine ten eleven "
		  "twelve thirteen", "Subject: one two three four five six "
		  "seven eight nine ten eleven twelve\n thirteen\n" },
		{ "gr\303\274n", "Subject: =?UTF-8?Q?gr=C3=BCn?=\n" },
		{ "a\nBcc: x", "Subject: =?UTF-8?Q?a=0ABcc=3A_x?=\n" },
		{ "=?x?q?y?=", "Subject: =?UTF-8?Q?=3D=3Fx=3Fq=3Fy=3F=3D?=\n" },
		{ "\303\274\303\274\303\274\303\274\303\274\303\274\303\274"
		  "\303\274\303\274\303\274\303\274", "Subject: =?UTF-8?Q?"
		  "=C3=BC=C3=BC=C3=BC=C3=BC=C3=BC=C3=BC=C3=BC=C3=BC=C3=BC"
		  "?=\n =?UTF-8?Q?=C3=BC=C3=BC?=\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *mail = build(cases[i].subject, "");

		print_message("  %s\n", cases[i].subject);
		assert_non_null(strstr(mail, cases[i].want));
		g_free(mail);
	}
}

static void
test_bodies(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "7bit\n\n" },
		{ "a\n\nFrom b\n.\n", "7bit\n\na\n\nFrom b\n.\n" },
		{ "gr\303\274n \nx=y\t\n", "quoted-printable\n\n"
		  "gr=C3=BCn=20\nx=3Dy=09\n" },
		{ "0123456789012345678901234567890123456789"
		  "0123456789012345678901234567890123456789",
		  "quoted-printable\n\n0123456789012345678901234567890123456789"
		  "01234567890123456789012345678901234=\n56789\n" },
		{ "a\rb", "quoted-printable\n\na=0Db\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *mail = build("s", cases[i].text);
		const char *got = strstr(mail, "Encoding: ");

		print_message("  %s\n", cases[i].text);
		assert_string_equal(got + strlen("Encoding: "),
		    cases[i].want);
		g_free(mail);
	}
}

/* No line of a header is longer than allowed, whatever comes. */
static void
test_long(void **state)
{
	const char *to[101] = { NULL };
	GString *subject = g_string_new(NULL), *out = g_string_new(NULL);
	struct ms_notify notify = { .from = "root", .to = to, .text = "x",
		.host = "not a host", .time = INT64_MAX };
	char **lines;

	(void)state;
	for (size_t i = 0; i < 100; i++)
		to[i] = "somebody@example.org";
	for (size_t i = 0; i < 2000; i++)
		g_string_append(subject, i % 7 ? "wort" : " gr\303\274n ");
	notify.subject = subject->str;
	assert_int_equal(ms_notify_build(&notify, out, NULL), MS_OK);
	lines = g_strsplit(out->str, "\n", -1);
	for (char **line = lines; *line; line++)
		assert_true(strlen(*line) <= 78);
	assert_non_null(strstr(out->str, "@localhost>\n"));
	assert_non_null(strstr(out->str, "Date: Thu, 01 Jan 1970 "));
	g_strfreev(lines);
	g_string_free(out, TRUE);
	g_string_free(subject, TRUE);
}

static void
test_refused(void **state)
{
	static const char *const to[] = { "a@b", "c@d\nBcc: e@f", NULL };
	struct ms_notify notify = { .from = "root", .to = to,
		.subject = "s", .text = "t", .host = "h" };
	GString *out = g_string_new(NULL);
	struct ms_error err;

	(void)state;
	assert_int_equal(ms_notify_build(&notify, out, &err), MS_E_USAGE);
	assert_string_equal(err.text, "c@d\nBcc: e@f is no mail address");
	notify.from = "a b";
	notify.to = to + 2;
	assert_int_equal(ms_notify_build(&notify, out, &err), MS_E_USAGE);
	g_string_free(out, TRUE);
}

static void
test_text(void **state)
{
	static const char all[] = "one\ntwo\nthree\nfour\n";
	static const struct {
		size_t max;
		const char *want;
		uint64_t omitted;
	} cases[] = {
		{ 100, all, 0 }, { 19, all, 0 }, { 18, "one\ntwo\nthree\n", 1 },
		{ 8, "one\ntwo\n", 2 }, { 7, "one\n", 3 }, { 3, "", 4 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t piece = 1; piece < sizeof all; piece++) {
			struct ms_notify_text text = {
				.text = g_string_new(NULL),
				.max = cases[i].max };

			for (size_t at = 0; at < sizeof all - 1; at += piece)
				ms_notify_text_add(&text, all + at,
				    MIN(piece, sizeof all - 1 - at));
			assert_string_equal(text.text->str, cases[i].want);
			assert_int_equal(text.omitted, cases[i].omitted);
			g_string_free(text.text, TRUE);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_subjects),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_text),
	};

	(void)setenv("TZ", "CET-1", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
