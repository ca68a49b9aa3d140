#include "capture/conceal.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* "*" in "want" is any letter or digit: part of a pseudonym. */
static const struct {
	const char *name, *text, *want;
} cases[] = {
	{ "header", "From: Ann <ann@example.org>\n"
	  "X-Acme-7: secret\nReceived: from a.b (c [192.0.2.1])\n\tby d.e "
	  "with ESMTP id 4F; Mon, 1 Jan\n\n",
	  "From: xxx <***@*******.***>\nx-xxxx-0: xxxxxx\n"
	  "Received: from *.* (x [***.*.*.*])\n\tby *.* with ESMTP id 0x; "
	  "xxx, 0 xxx\n\n" },
	{ "no header", "\nhello\n", "\nxxxxx\n" },
	{ "no header at all", "hello there\nFrom: x\n",
	  "xxxxx xxxxx\nFrom: x\n" },
	{ "boundary that was not stated", "Subject: a\n\n--b c\nTo: d\n",
	  "Subject: x\n\n--x x\nxx: x\n" },
	{ "boundary in one line", "Content-Type: multipart/mixed; boundary=b1"
	  "; charset=x\n\n--b1\nTo: d\n\nd\n--b1--\nTo: d\n",
	  "Content-Type: multipart/mixed; boundary=**; charset=x\n\n--**\n"
	  "To: x\n\nx\n--**--\nxx: x\n" },
	{ "boundary with blanks", "Content-Type: multipart/x;\n"
	  " boundary = \"a b c\" \n\n--a b c\nTo: d\n\n",
	  "Content-Type: multipart/x;\n boundary = \"* * *\" \n\n--* * *\n"
	  "To: x\n\n" },
	{ "boundary that is longer", "Content-Type: a; boundary=b\n\n--bb\n"
	  "To: d\n", "Content-Type: x; boundary=*\n\n--xx\nxx: x\n" },
	{ "base64 until the next part", "Content-Type: multipart/mixed; "
	  "boundary=b\n\n--b\ncontent-transfer-encoding:BASE64\n\nYW+/ =\n"
	  "--b\n\nYW+/\n", "Content-Type: multipart/mixed; boundary=*\n\n"
	  "--*\ncontent-transfer-encoding:BASE64\n\nAAAA =\n--*\n\nxx+/\n" },
	{ "quoted-printable", "Content-Transfer-Encoding: quoted-printable\n"
	  "\na=3D=\nb=C3=A4=zz=1", "Content-Transfer-Encoding: "
	  "quoted-printable\n\nx=78=\nx=78=78=xx=0" },
	{ "encoded words", "Subject: =?utf-8?B?YWJj?= =?klingon?Q?a_=41b?=\n",
	  "Subject: =?utf-8?B?AAAA?= =?xxxxxxx?Q?x_=78x?=\n" },
	{ "no encoded words", "Subject: =?utf-8?B?YW c?= =?a?X?b?= =? =?a?b\n",
	  "Subject: =?xxx-0?x?xx x?= =?x?x?x?= =? =?x?x\n" },
	{ "date", "Date: Fri, 32 Jan 2024 10:20:30 +0100 (joe 12345)\n",
	  "Date: Fri, 32 Jan 2024 10:20:30 +0100 (xxx 00000)\n" },
	{ "names of files", "Content-Disposition: attachment;\n"
	  "\tfilename=\"plan.pdf\"\n", "Content-Disposition: attachment;\n"
	  "\tfilename=\"****.***\"\n" },
	{ "message in a message", "Content-Type: message/rfc822\n\n"
	  "Subject: a\n\nTo: d\n", "Content-Type: message/rfc822\n\n"
	  "Subject: x\n\nxx: x\n" },
};

static void
check(const char *want, const char *got)
{
	bool ok = strlen(want) == strlen(got);

	for (size_t i = 0; ok && want[i]; i++)
		ok = want[i] == got[i] || (want[i] == '*' &&
		    g_ascii_isalnum(got[i]));
	if (!ok)
		print_message("want\n%s\ngot\n%s\n", want, got);
	assert_true(ok);
}

static void
test_cases(void **state)
{
	struct ms_disguise *disguise = ms_disguise_new();
	struct ms_conceal *conceal = ms_conceal_new(disguise);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *text = g_strdup(cases[i].text), *line = text;

		print_message("  %s\n", cases[i].name);
		/* Nothing is left of the message before. */
		ms_conceal_begin(conceal);
		while (*line) {
			size_t size = strcspn(line, "\n") + 1;

			size = MIN(size, strlen(line));
			ms_conceal_line(conceal, (unsigned char *)line, size,
			    false);
			line += size;
		}
		check(cases[i].want, text);
		g_free(text);
	}
	ms_conceal_free(conceal);
	ms_conceal_free(NULL);
	ms_disguise_free(disguise);
}

/* A line in pieces, and what follows a gap. */
static void
test_pieces(void **state)
{
	struct ms_disguise *disguise = ms_disguise_new();
	struct ms_conceal *conceal = ms_conceal_new(disguise);
	char first[] = "Subject: very", rest[] = " long\n";
	char lost[] = "Subject: body\n";

	(void)state;
	ms_conceal_begin(conceal);
	ms_conceal_line(conceal, (unsigned char *)first, strlen(first),
	    false);
	ms_conceal_line(conceal, (unsigned char *)rest, strlen(rest), true);
	assert_string_equal("Subject: xxxx", first);
	assert_string_equal(" xxxx\n", rest);
	ms_conceal_gap(conceal);
	ms_conceal_line(conceal, (unsigned char *)lost, strlen(lost), true);
	assert_string_equal("xxxxxxx: xxxx\n", lost);
	ms_conceal_free(conceal);
	ms_disguise_free(disguise);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
