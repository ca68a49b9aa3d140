#include "source/kin.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "source/queue_test.h"

#define ID "1abcde-000001-2B"
#define CONTROL "V8\nT1\nS<>\n.\n"

struct kin_case {
	const char *path;
	const char *format;	/* of the origin */
	enum ms_source_format asked;
	enum ms_kin want;
	const char *main;
};

static void
check(const struct kin_case *c)
{
	const struct ms_source_config source = { .format = c->asked };
	const struct ms_origin origin = { .format = c->format };
	const struct ms_queue_config config = {
		.source = &source, .origin = &origin,
		.place = { AT_FDCWD, c->path },
	};
	char *text, *main;
	gsize size;

	assert_true(g_file_get_contents(c->path, &text, &size, NULL));
	assert_int_equal(c->want, ms_kin_of(&config,
	    (const unsigned char *)text, size, &main));
	if (c->main)
		assert_string_equal(c->main, main);
	else
		assert_null(main);
	g_free(main);
	g_free(text);
}

static void
test_exim(void **state)
{
	static const struct kin_case cases[] = {
		{ ID "-H", NULL, MS_SOURCE_AUTO, MS_KIN_EXIM, NULL },
		{ ID "-D", NULL, MS_SOURCE_AUTO, MS_KIN_COMPANION, ID "-H" },
		{ ID "-J", NULL, MS_SOURCE_AUTO, MS_KIN_NONE, NULL },
		{ ID "-J", NULL, MS_SOURCE_EXIM, MS_KIN_COMPANION, ID "-H" },
		{ ID "-K", NULL, MS_SOURCE_AUTO, MS_KIN_NONE, NULL },
		{ "hdr.1", NULL, MS_SOURCE_AUTO, MS_KIN_COMPANION, ID "-H" },
		{ "copy/x", NULL, MS_SOURCE_AUTO, MS_KIN_EXIM, NULL },
		{ "lone/" ID "-D", NULL, MS_SOURCE_AUTO, MS_KIN_EARLY,
		  ID "-H" },
		{ "lone/" ID "-J", NULL, MS_SOURCE_AUTO, MS_KIN_NONE, NULL },
		/* The name alone says nothing. */
		{ "false/" ID "-D", NULL, MS_SOURCE_AUTO, MS_KIN_NONE, NULL },
		{ "false/" ID "-H", NULL, MS_SOURCE_AUTO, MS_KIN_NONE, NULL },
		{ "false/" ID "-J", NULL, MS_SOURCE_AUTO, MS_KIN_NONE, NULL },
		{ "false/" ID "-H", NULL, MS_SOURCE_EXIM, MS_KIN_FOREIGN,
		  NULL },
		{ ID "-H", NULL, MS_SOURCE_EML, MS_KIN_NONE, NULL },
		{ ID "-H", NULL, MS_SOURCE_POSTFIX, MS_KIN_FOREIGN, NULL },
		{ ID "-H", "maildir", MS_SOURCE_AUTO, MS_KIN_NONE, NULL },
		{ ID "-H", "qmail", MS_SOURCE_AUTO, MS_KIN_QMAIL, NULL },
		{ ID "-H", "cyrus", MS_SOURCE_AUTO, MS_KIN_CYRUS, NULL },
	};

	(void)state;
	queue_put(ID "-H", ID "-H\nmail 8 8\n");
	queue_put(ID "-D", ID "-D\nbody\n");
	queue_put(ID "-J", "");
	queue_put(ID "-K", "");
	queue_put("hdr.1", ID "-H\n");
	queue_put("copy/x", ID "-H\n");
	queue_put("lone/" ID "-D", ID "-D\n");
	queue_put("lone/" ID "-J", "a@x\n");
	queue_put("false/" ID "-H", "mail\n");
	queue_put("false/" ID "-D", "mail\n");
	queue_put("false/" ID "-J", "mail\n");
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		check(&cases[i]);
}

static void
test_sendmail(void **state)
{
	static const struct kin_case cases[] = {
		{ "qfA1", NULL, MS_SOURCE_AUTO, MS_KIN_SENDMAIL, NULL },
		{ "dfA1", NULL, MS_SOURCE_AUTO, MS_KIN_COMPANION, "qfA1" },
		{ "tfA1", NULL, MS_SOURCE_AUTO, MS_KIN_SENDMAIL, NULL },
		{ "xfA1", NULL, MS_SOURCE_AUTO, MS_KIN_NONE, NULL },
		{ "xfA1", NULL, MS_SOURCE_SENDMAIL, MS_KIN_COMPANION,
		  "qfA1" },
		{ "q/df/dfA2", NULL, MS_SOURCE_AUTO, MS_KIN_COMPANION,
		  "../qf/hfA2" },
		/* Its control file has another one beside it. */
		{ "q/df/dfA5", NULL, MS_SOURCE_AUTO, MS_KIN_NONE, NULL },
		{ "q/qf/hfA2", NULL, MS_SOURCE_SENDMAIL, MS_KIN_SENDMAIL,
		  NULL },
		{ "dfA3", NULL, MS_SOURCE_AUTO, MS_KIN_NONE, NULL },
		{ "tfA3", NULL, MS_SOURCE_AUTO, MS_KIN_SENDMAIL, NULL },
		{ "copy", NULL, MS_SOURCE_AUTO, MS_KIN_SENDMAIL, NULL },
		{ "dfA4", NULL, MS_SOURCE_AUTO, MS_KIN_NONE, NULL },
		{ "qfA4", NULL, MS_SOURCE_SENDMAIL, MS_KIN_FOREIGN, NULL },
	};

	(void)state;
	queue_put("qfA1", CONTROL);
	queue_put("dfA1", "");
	queue_put("tfA1", CONTROL);
	queue_put("q/qf/hfA2", CONTROL);
	queue_put("q/df/dfA2", "text");
	queue_put("xfA1", "text");
	queue_put("q/qf/qfA5", CONTROL);
	queue_put("q/qf/dfA5", "harmless");
	queue_put("q/df/dfA5", "text");
	queue_put("dfA3", "text");
	queue_put("tfA3", CONTROL);
	queue_put("copy", CONTROL);
	queue_put("qfA4", "text");
	queue_put("dfA4", "text");
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		check(&cases[i]);
}

static void
test_others(void **state)
{
	static const struct kin_case cases[] = {
		{ "pf", NULL, MS_SOURCE_AUTO, MS_KIN_POSTFIX, NULL },
		{ "pf", NULL, MS_SOURCE_POSTFIX, MS_KIN_POSTFIX, NULL },
		{ "pf", NULL, MS_SOURCE_RAW, MS_KIN_NONE, NULL },
		{ "u.1", NULL, MS_SOURCE_AUTO, MS_KIN_DBOX, NULL },
		{ "u.1", NULL, MS_SOURCE_DBOX, MS_KIN_DBOX, NULL },
		{ "12", NULL, MS_SOURCE_AUTO, MS_KIN_NONE, NULL },
		{ "12", NULL, MS_SOURCE_QMAIL, MS_KIN_QMAIL, NULL },
		{ "12", NULL, MS_SOURCE_DBOX, MS_KIN_FOREIGN, NULL },
		{ "12.", NULL, MS_SOURCE_CYRUS, MS_KIN_CYRUS, NULL },
		{ "12", NULL, MS_SOURCE_CYRUS, MS_KIN_FOREIGN, NULL },
	};

	(void)state;
	queue_put("pf", "T\x01" "1S\x01" "aR\x01" "b");
	queue_put("u.1", "2 M1e C1\n");
	queue_put("12", "text");
	queue_put("12.", "text");
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		check(&cases[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_exim, queue_setup,
		    queue_teardown),
		cmocka_unit_test_setup_teardown(test_sendmail, queue_setup,
		    queue_teardown),
		cmocka_unit_test_setup_teardown(test_others, queue_setup,
		    queue_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
