#include "action/posting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* The program gets the mail, and for whom it is; what it says if it does not
 * take it is told. */
static void
test_posting(void **state)
{
	static const char *const to[] = { "a@b.test", "c@d.test", NULL };
	char dir[] = "/tmp/mailscan-posting-XXXXXX";
	char *program, *got, *script, *text;
	struct ms_posting posting = { .to = to, .timeout_ms = 20000 };
	GString *mail = g_string_new("Subject: x\n\ny\n");
	struct ms_error err = { "" };

	(void)state;
	assert_non_null(mkdtemp(dir));
	program = g_build_filename(dir, "sendmail", NULL);
	got = g_build_filename(dir, "got", NULL);
	script = g_strdup_printf("#!/bin/sh\n{ echo \"$@\"; cat; } >%s\n"
	    "test $5 = a@b.test || { echo no >&2; exit 75; }\n", got);
	assert_true(g_file_set_contents(program, script, -1, NULL));
	assert_int_equal(chmod(program, 0755), 0);
	posting.sendmail = program;
	if (ms_posting(&posting, mail, &err) != MS_OK)
		fail_msg("%s", err.text);
	assert_true(g_file_get_contents(got, &text, NULL, NULL));
	assert_string_equal(text,
	    "-oi -f <> -- a@b.test c@d.test\nSubject: x\n\ny\n");
	posting.to = to + 1;
	assert_int_equal(ms_posting(&posting, mail, &err), MS_E_PEER);
	assert_non_null(strstr(err.text, "exit status 75: no"));
	posting.sendmail = got;
	assert_int_equal(ms_posting(&posting, mail, &err), MS_E_IO);
	assert_int_equal(unlink(got), 0);
	assert_int_equal(unlink(program), 0);
	assert_int_equal(rmdir(dir), 0);
	g_free(text);
	g_free(script);
	g_free(got);
	g_free(program);
	(void)g_string_free(mail, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_posting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
