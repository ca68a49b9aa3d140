#include "source/depot.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "source/queue_test.h"

#define CYRUS_HEADER "\241\002\213\015Cyrus mailbox header\n"

static enum ms_depot
kind(const char *path, enum ms_source_format format)
{
	const struct ms_source_config config = { .format = format };
	int dir = open(path, O_RDONLY | O_DIRECTORY);
	enum ms_depot depot = ms_depot_kind(&config, dir);

	(void)close(dir);
	return depot;
}

static void
test_kinds(void **state)
{
	static const struct {
		const char *path;
		enum ms_source_format asked;
		enum ms_depot want;
	} cases[] = {
		{ "pf", MS_SOURCE_AUTO, MS_DEPOT_POSTFIX },
		{ "pf", MS_SOURCE_POSTFIX, MS_DEPOT_POSTFIX },
		{ "pf", MS_SOURCE_EML, MS_DEPOT_NONE },
		{ "pf/active", MS_SOURCE_AUTO, MS_DEPOT_NONE },
		{ "exim", MS_SOURCE_AUTO, MS_DEPOT_EXIM },
		{ "exim/input", MS_SOURCE_AUTO, MS_DEPOT_NONE },
		{ "qm", MS_SOURCE_AUTO, MS_DEPOT_QMAIL },
		{ "qm/mess/1", MS_SOURCE_AUTO, MS_DEPOT_QMAIL_MESS },
		{ "qm/mess/1", MS_SOURCE_MBOX, MS_DEPOT_NONE },
		{ "qm/mess", MS_SOURCE_AUTO, MS_DEPOT_NONE },
		{ "cy", MS_SOURCE_AUTO, MS_DEPOT_CYRUS },
		{ "false", MS_SOURCE_AUTO, MS_DEPOT_NONE },
		{ "false", MS_SOURCE_CYRUS, MS_DEPOT_CYRUS },
		{ "db", MS_SOURCE_AUTO, MS_DEPOT_DBOX },
		{ "db/mailboxes", MS_SOURCE_AUTO, MS_DEPOT_NONE },
		{ "db/storage", MS_SOURCE_DBOX, MS_DEPOT_DBOX },
		{ "db/storage", MS_SOURCE_EXIM, MS_DEPOT_NONE },
	};
	static const char *const directories[] = {
		"pf/active", "pf/incoming", "pf/deferred", "pf/hold",
		"exim/input", "exim/msglog", "qm/mess/1", "qm/info",
		"qm/local", "qm/remote", "db/mailboxes",
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(directories); i++)
		queue_put(directories[i], NULL);
	queue_put("cy/cyrus.header", CYRUS_HEADER);
	queue_put("false/cyrus.header", "text");
	queue_put("db/dovecot.list.index.log", "");
	queue_put("db/storage/dovecot.map.index.log", "");
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_int_equal(cases[i].want, kind(cases[i].path,
		    cases[i].asked));
}

static void
test_names(void **state)
{
	static const struct {
		enum ms_depot depot;
		const char *name;
		bool ignored;
		const char *format;
	} cases[] = {
		{ MS_DEPOT_NONE, "12.", false, NULL },
		{ MS_DEPOT_POSTFIX, "active", false, NULL },
		{ MS_DEPOT_POSTFIX, "maildrop", false, NULL },
		{ MS_DEPOT_POSTFIX, "private", true, NULL },
		{ MS_DEPOT_EXIM, "dir", false, NULL },
		{ MS_DEPOT_EXIM, "msglog", true, NULL },
		{ MS_DEPOT_EXIM, "file", true, NULL },
		{ MS_DEPOT_QMAIL, "mess", false, NULL },
		{ MS_DEPOT_QMAIL, "lock", true, NULL },
		{ MS_DEPOT_QMAIL_MESS, "12", false, "qmail" },
		{ MS_DEPOT_QMAIL_MESS, "12a", false, NULL },
		{ MS_DEPOT_CYRUS, "12.", false, "cyrus" },
		{ MS_DEPOT_CYRUS, "12", false, NULL },
		{ MS_DEPOT_CYRUS, ".", false, NULL },
		{ MS_DEPOT_CYRUS, "12.x", false, NULL },
		{ MS_DEPOT_CYRUS, "cyrus.index", true, NULL },
		{ MS_DEPOT_DBOX, "u.1", false, NULL },
		{ MS_DEPOT_DBOX, "dovecot.index.log", true, NULL },
	};
	int dir = open(".", O_RDONLY | O_DIRECTORY);

	(void)state;
	queue_put("dir", NULL);
	queue_put("msglog", NULL);
	queue_put("file", "text");
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *format = ms_depot_format(cases[i].depot,
		    cases[i].name);

		assert_int_equal(cases[i].ignored, ms_depot_ignores(
		    cases[i].depot, dir, cases[i].name));
		assert_string_equal(cases[i].format ? cases[i].format : "",
		    format ? format : "");
	}
	(void)close(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kinds, queue_setup,
		    queue_teardown),
		cmocka_unit_test_setup_teardown(test_names, queue_setup,
		    queue_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
