#include "source/sendmail.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "source/entry_test.h"

static char *
read_texts(const char *control, const char *data)
{
	struct entry_file c = entry_file_new(control, strlen(control));
	struct entry_file d = entry_file_new(data ? data : "",
	    data ? strlen(data) : 0);
	struct ms_intake *intake = entry_intake();
	struct ms_entry entry;
	char *got;

	ms_entry_begin(&entry, intake);
	got = entry_describe(&entry, ms_sendmail_read(c.cursor,
	    data ? d.cursor : NULL, &entry, NULL));
	ms_entry_clear(&entry);
	ms_intake_free(intake);
	entry_file_free(&c);
	entry_file_free(&d);
	return got;
}

static void
test_files(void **state)
{
	static const struct {
		const char *control, *data, *want;
	} cases[] = {
		{ "V8\nT1700000000\nK0\nN0\nP30\nFbs\n"
		    "$_h.example [192.0.2.1] (may be forged)\n$rESMTP\n"
		    "$sclient\n${daemon_flags}\nS<a@example.org>\n"
		    "Qrfc822;o@x\nrRFC822; b@x\nRPFD:<b@x>\nRPN:c@x\n"
		    "H?P?Return-Path: <\201g>\nH??Received: by x;\n\tlater\n"
		    "H?D?Date: x\nH?${m}?X: y\nHZ: z\n.\n", "text\n",
		  "a@example.org>b@x,c@x@1700000000 192.0.2.1 h.example "
		  "client|Received: by x;\n\tlater\nDate: x\nX: y\nZ: z\n\n"
		  "text\n" },
		/* No body; a forged field with more lines. */
		{ "V8\nT1\nS<>\nRPFD:<b@x>\nH??return-path: <f@x>\n more\n"
		    "H??A: b\n.\nRPFD:<after@x>\n", NULL,
		  ">b@x@1 ? ? ?|A: b\n\n" },
		/* Old ones. */
		{ "T1\nSa@x\nRb@x\nHA: b\n", "t",
		  "a@x>b@x@1 ? ? ?|A: b\n\nt" },
		/* Clients. */
		{ "V8\nT1\n$_[IPv6:2001:db8::1]\nS<>\n.\n", "",
		  ">@1 2001:db8::1 ? ?|\n" },
		{ "V8\nT1\n$_user@localhost\nS<>\n.\n", "", ">@1 ? ? ?|\n" },
		{ "V8\nT1\n$_x [1.2.3.4\nS<>\n.\n", "", ">@1 ? x ?|\n" },
		/* Damage. */
		{ "V8\nT1\nS<>\nH??A: b\n", "text",
		  ">@1 ? ? ?|A: b\n\ntext!-2" },
		{ "V8\nT1\nS<>\nH?A: b\n.\n", "text", ">@1 ? ? ?|\ntext!-2" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *got = read_texts(cases[i].control, cases[i].data);

		assert_string_equal(cases[i].want, got);
		g_free(got);
	}
}

/* A header line that does not fit into memory at once. */
static void
test_long_line(void **state)
{
	char *text = g_strnfill(150000, 'R');
	char *control = g_strconcat("V8\nT1\nS<>\nH??A: ", text, "\n ", text,
	    "\n.\n", NULL);
	char *want = g_strconcat(">@1 ? ? ?|A: ", text, "\n ", text, "\n\n",
	    NULL);
	char *got = read_texts(control, NULL);

	(void)state;
	assert_string_equal(want, got);
	g_free(got);
	g_free(want);
	g_free(control);
	g_free(text);
}

static void
test_is(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} cases[] = {
		{ "V8\nT1\n", true }, { "V8\nT17\nK0\n", true },
		{ "V8\nT1", false }, { "V\nT1\n", false }, { "", false },
		{ "V8\nX1\n", false }, { "V", false }, { "T1\nSa\n", false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_int_equal(cases[i].want, ms_sendmail_is(
		    (const unsigned char *)cases[i].text,
		    strlen(cases[i].text)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
