#include "source/store.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "source/queue_test.h"

#define CYRUS_HEADER "\241\002\213\015Cyrus mailbox header\n"

static enum ms_store
kind(const char *path, enum ms_source_format format)
{
	const struct ms_source_config config = { .format = format };
	int dir = open(path, O_RDONLY | O_DIRECTORY);
	enum ms_store store = ms_store_kind(&config, dir);

	(void)close(dir);
	return store;
}

static void
test_kinds(void **state)
{
	static const struct {
		const char *path;
		enum ms_source_format asked;
		enum ms_store want;
	} cases[] = {
		{ "pf", MS_SOURCE_AUTO, MS_STORE_POSTFIX },
		{ "pf", MS_SOURCE_POSTFIX, MS_STORE_POSTFIX },
		{ "pf", MS_SOURCE_EML, MS_STORE_NONE },
		{ "pf/active", MS_SOURCE_AUTO, MS_STORE_NONE },
		{ "exim", MS_SOURCE_AUTO, MS_STORE_EXIM },
		{ "exim/input", MS_SOURCE_AUTO, MS_STORE_NONE },
		{ "qm", MS_SOURCE_AUTO, MS_STORE_QMAIL },
		{ "qm/mess/1", MS_SOURCE_AUTO, MS_STORE_QMAIL_MESS },
		{ "qm/mess/1", MS_SOURCE_MBOX, MS_STORE_NONE },
		{ "qm/mess", MS_SOURCE_AUTO, MS_STORE_NONE },
		{ "cy", MS_SOURCE_AUTO, MS_STORE_CYRUS },
		{ "false", MS_SOURCE_AUTO, MS_STORE_NONE },
		{ "false", MS_SOURCE_CYRUS, MS_STORE_CYRUS },
		{ "db", MS_SOURCE_AUTO, MS_STORE_DBOX },
		{ "db/mailboxes", MS_SOURCE_AUTO, MS_STORE_NONE },
		{ "db/storage", MS_SOURCE_DBOX, MS_STORE_DBOX },
		{ "db/storage", MS_SOURCE_EXIM, MS_STORE_NONE },
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
		enum ms_store store;
		const char *name;
		bool ignored;
		const char *format;
	} cases[] = {
		{ MS_STORE_NONE, "12.", false, NULL },
		{ MS_STORE_POSTFIX, "active", false, NULL },
		{ MS_STORE_POSTFIX, "maildrop", false, NULL },
		{ MS_STORE_POSTFIX, "private", true, NULL },
		{ MS_STORE_EXIM, "dir", false, NULL },
		{ MS_STORE_EXIM, "msglog", true, NULL },
		{ MS_STORE_EXIM, "file", true, NULL },
		{ MS_STORE_QMAIL, "mess", false, NULL },
		{ MS_STORE_QMAIL, "lock", true, NULL },
		{ MS_STORE_QMAIL_MESS, "12", false, "qmail" },
		{ MS_STORE_QMAIL_MESS, "12a", false, NULL },
		{ MS_STORE_CYRUS, "12.", false, "cyrus" },
		{ MS_STORE_CYRUS, "12", false, NULL },
		{ MS_STORE_CYRUS, ".", false, NULL },
		{ MS_STORE_CYRUS, "12.x", false, NULL },
		{ MS_STORE_CYRUS, "cyrus.index", true, NULL },
		{ MS_STORE_DBOX, "u.1", false, NULL },
		{ MS_STORE_DBOX, "dovecot.index.log", true, NULL },
	};
	int dir = open(".", O_RDONLY | O_DIRECTORY);

	(void)state;
	queue_put("dir", NULL);
	queue_put("msglog", NULL);
	queue_put("file", "text");
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *format = ms_store_format(cases[i].store,
		    cases[i].name);

		assert_int_equal(cases[i].ignored, ms_store_ignores(
		    cases[i].store, dir, cases[i].name));
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
