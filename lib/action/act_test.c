#include "action/act.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Mailboxes of four messages of one size, "0" to "3". */
#define FROM "From a@example.org Mon Mar  2 09:14:07 2026\n"
#define BODY 700
#define COUNT 4

static char *
body_of(unsigned i)
{
	char *head = g_strdup_printf("Subject: %u\n\n", i);
	char *fill = g_strnfill(BODY - strlen(head) - 1, 'x');
	char *text = g_strconcat(head, fill, "\n", NULL);

	g_free(head);
	g_free(fill);
	return text;
}

/* The mailbox without the messages in WITHOUT, a bit each. */
static char *
mailbox(unsigned without)
{
	GString *out = g_string_new(NULL);

	for (unsigned i = 0; i < COUNT; i++) {
		char *body = body_of(i);

		if (!(without & 1u << i))
			g_string_append_printf(out, FROM "%s\n", body);
		g_free(body);
	}
	return g_string_free(out, FALSE);
}

static void
write_mailbox(const char *path)
{
	char *text = mailbox(0);

	assert_true(g_file_set_contents(path, text, -1, NULL));
	g_free(text);
}

static void
expect_mailbox(const char *path, unsigned without)
{
	char *want = mailbox(without), *got;

	assert_true(g_file_get_contents(path, &got, NULL, NULL));
	assert_string_equal(want, got);
	g_free(want);
	g_free(got);
}

/* The outcome for message I of the mailbox PATH. */
static struct ms_outcome *
outcome_of(const char *path, unsigned i)
{
	const size_t slice = strlen(FROM) + BODY + 1;
	char *body = body_of(i);
	struct ms_message message = { .origin = {
		.source = (char *)(uintptr_t)path, .format = "mbox",
		.many = true, .index = i + 1, .offset = i * slice,
		.length = slice }, .size = BODY,
		.sha256 = ms_hash_of(body, BODY) };
	struct ms_outcome *outcome;
	struct stat st;

	if (stat(path, &st) == 0) {
		message.origin.dev = st.st_dev;
		message.origin.ino = st.st_ino;
	}
	outcome = ms_outcome_new(&message);
	outcome->verdict = MS_VERDICT_INFECTED;
	g_free(body);
	return outcome;
}

static char *
describe(const GPtrArray *deeds)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < deeds->len; i++) {
		const struct ms_deed *deed = deeds->pdata[i];

		g_string_append_printf(text, "%s %s;", deed->action,
		    ms_outcome_deed_name(deed->state));
	}
	return g_string_free(text, FALSE);
}

/* Act on message I of PATH; what was done is WANT. */
static void
act_on(struct ms_act *act, const char *path, unsigned i, const char *want)
{
	struct ms_outcome *outcome = outcome_of(path, i);
	char *got;

	ms_act_message(act, outcome);
	got = describe(outcome->deeds);
	for (guint k = 0; k < outcome->deeds->len; k++) {
		const struct ms_deed *deed = outcome->deeds->pdata[k];

		if (deed->state == MS_DEED_FAILED)
			print_message("  %s\n", deed->detail);
	}
	assert_string_equal(want, got);
	g_free(got);
	ms_outcome_free(outcome);
}

static struct ms_act_config
config_for(GString *told)
{
	struct ms_act_config config = {
		.verdicts = 1u << MS_VERDICT_INFECTED,
		.locking = ms_lock_default,
		.arg = told,
	};

	config.locking.timeout_ms = 50;
	return config;
}

static void
note(void *arg, const struct ms_report_action *action)
{
	g_string_append_printf(arg, "%s %s %s %u;", action->source,
	    action->action, ms_outcome_deed_name(action->state),
	    (unsigned)action->messages);
}

static struct ms_act *
open_act(const struct ms_act_config *config)
{
	struct ms_act *act = NULL;
	struct ms_error err = { "" };

	if (ms_act_open(config, &act, &err) != MS_OK)
		print_message("  %s\n", err.text);
	assert_non_null(act);
	return act;
}

/* Each test has a directory of its own. */
static int
enter(void **state)
{
	static unsigned number;
	char *name = g_strdup_printf("%u", number++);

	(void)state;
	assert_int_equal(0, mkdir(name, 0700));
	assert_int_equal(0, chdir(name));
	g_free(name);
	return 0;
}

static int
leave(void **state)
{
	(void)state;
	return chdir("..");
}

static void
test_asked(void **state)
{
	const struct ms_act_config rows[] = {
		{ .copy = "q" }, { .move = "q" }, { .remove = true },
		{ .flag = 'F' }, { .folder = "Junk" },
	};
	const struct ms_act_config none = { .dry_run = true,
		.expunge = true, .zip = true, .verdicts = 1 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		assert_true(ms_act_is_asked(&rows[i]));
	assert_false(ms_act_is_asked(&none));
}

/* Other things to do are another policy; how they are done is not. */
static void
test_policy(void **state)
{
	struct ms_act_config rows[] = {
		{ .remove = true }, { .flag = 'F' }, { .flag = 'T' },
		{ .folder = "Junk" }, { .folder = "Junk", .flag = 'F' },
	};
	int64_t seen[G_N_ELEMENTS(rows)];

	(void)state;
	assert_int_equal(0, ms_act_policy(NULL));
	assert_int_equal(0, ms_act_verdicts(NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_act *act = open_act(&rows[i]);

		seen[i] = ms_act_policy(act);
		assert_true(seen[i] > 0);
		for (size_t k = 0; k < i; k++)
			assert_true(seen[k] != seen[i]);
		ms_act_close(act);
		rows[i].verdicts = 5;
		rows[i].expunge = rows[i].dry_run = true;
		act = open_act(&rows[i]);
		assert_int_equal(seen[i], ms_act_policy(act));
		assert_int_equal(5, ms_act_verdicts(act));
		ms_act_close(act);
	}
}

/* Messages wait until another mailbox, or the end, comes. */
static void
test_expunge(void **state)
{
	GString *told = g_string_new(NULL);
	struct ms_act_config config = config_for(told);
	const struct ms_report_actions *totals;
	struct ms_act *act;

	(void)state;
	config.remove = config.expunge = true;
	config.tell = note;
	write_mailbox("a");
	write_mailbox("b");
	act = open_act(&config);
	act_on(act, "a", 0, "remove pending;");
	act_on(act, "a", 2, "remove pending;");
	/* It was named twice. */
	act_on(act, "a", 2, "remove pending;");
	expect_mailbox("a", 0);
	assert_string_equal("", told->str);
	act_on(act, "b", 3, "remove pending;");
	assert_string_equal("a expunge done 2;", told->str);
	expect_mailbox("a", 1u << 0 | 1u << 2);
	ms_act_end(act, false);
	assert_string_equal("a expunge done 2;b expunge done 1;", told->str);
	expect_mailbox("b", 1u << 3);
	totals = ms_act_totals(act);
	assert_true(totals->asked);
	assert_int_equal(3, totals->removed);
	assert_int_equal(0, totals->failed + totals->moved);
	ms_act_end(act, false);
	ms_act_close(act);
	g_string_free(told, TRUE);
}

/* What has changed since stays, and is counted. */
static void
test_changed(void **state)
{
	GString *told = g_string_new(NULL);
	struct ms_act_config config = config_for(told);
	struct ms_act *act;
	int fd;

	(void)state;
	config.remove = config.expunge = true;
	config.tell = note;
	write_mailbox("a");
	act = open_act(&config);
	act_on(act, "a", 0, "remove pending;");
	act_on(act, "a", 1, "remove pending;");
	fd = open("a", O_WRONLY);
	assert_int_equal(1, pwrite(fd, "y", 1, (off_t)strlen(FROM) + 100));
	(void)close(fd);
	ms_act_end(act, false);
	assert_string_equal("a expunge done 1;a expunge failed 1;",
	    told->str);
	assert_int_equal(1, ms_act_totals(act)->failed);
	assert_int_equal(1, ms_act_totals(act)->removed);
	/* A stub is refused for the same reason. */
	ms_act_close(act);
	config.expunge = false;
	act = open_act(&config);
	act_on(act, "a", 0, "remove failed;");
	ms_act_close(act);
	g_string_free(told, TRUE);
}

static void
test_interrupted(void **state)
{
	GString *told = g_string_new(NULL);
	struct ms_act_config config = config_for(told);
	struct ms_act *act;

	(void)state;
	config.remove = config.expunge = true;
	config.tell = note;
	write_mailbox("a");
	act = open_act(&config);
	ms_act_end(act, true);
	act_on(act, "a", 1, "remove pending;");
	ms_act_end(act, true);
	assert_string_equal("a expunge failed 1;", told->str);
	expect_mailbox("a", 0);
	ms_act_close(act);
	g_string_free(told, TRUE);
}

/* A locked mailbox is waited for once, until messages of another come. */
static void
test_locked(void **state)
{
	struct ms_act_config config = config_for(NULL);
	char *lock = g_strdup_printf("%d:%s", getppid(), g_get_host_name());
	struct ms_act *act;

	(void)state;
	config.move = "q";
	write_mailbox("a");
	write_mailbox("b");
	assert_true(g_file_set_contents("a.lock", lock, -1, NULL));
	act = open_act(&config);
	act_on(act, "a", 0, "quarantine failed;");
	assert_int_equal(0, unlink("a.lock"));
	act_on(act, "a", 1, "quarantine failed;");
	act_on(act, "b", 1, "quarantine done;remove done;");
	act_on(act, "a", 2, "quarantine done;remove done;");
	assert_int_equal(2, ms_act_totals(act)->failed);
	assert_int_equal(2, ms_act_totals(act)->moved);
	ms_act_close(act);
	g_free(lock);
}

/* Nothing is made, nothing is changed, and what would fail says so. */
static void
test_dry_run(void **state)
{
	struct ms_act_config config = config_for(NULL);
	struct ms_act *act;

	(void)state;
	config.move = "q";
	config.dry_run = true;
	write_mailbox("a");
	act = open_act(&config);
	act_on(act, "a", 0, "quarantine would;remove would;");
	config.expunge = true;
	act_on(act, "a", 1, "quarantine would;remove would;");
	act_on(act, "gone", 1, "quarantine failed;");
	ms_act_end(act, false);
	expect_mailbox("a", 0);
	assert_int_not_equal(0, access("q", F_OK));
	assert_true(ms_act_totals(act)->dry_run);
	assert_int_equal(2, ms_act_totals(act)->moved);
	assert_int_equal(1, ms_act_totals(act)->failed);
	ms_act_close(act);
	config.move = NULL;
	config.flag = 'F';
	act = open_act(&config);
	act_on(act, "a", 0, "flag failed;");
	ms_act_close(act);
}

/* Only what was asked for, and nothing in the quarantine. */
static void
test_left_alone(void **state)
{
	struct ms_act_config config = config_for(NULL);
	struct ms_outcome *outcome;
	struct ms_act *act;

	(void)state;
	config.copy = "q";
	write_mailbox("a");
	act = open_act(&config);
	outcome = outcome_of("a", 0);
	outcome->verdict = MS_VERDICT_INCOMPLETE;
	ms_act_message(act, outcome);
	assert_int_equal(0, outcome->deeds->len);
	ms_outcome_free(outcome);
	assert_int_equal(0, mkdir("q/20261121", 0700));
	write_mailbox("q/20261121/x.eml");
	assert_int_equal(0, symlink("q", "link"));
	act_on(act, "q/20261121/x.eml", 0, "");
	act_on(act, "./link/20261121/x.eml", 0, "");
	act_on(act, "q/20261121/y.zip/member", 0, "");
	act_on(act, "a", 0, "copy done;");
	expect_mailbox("a", 0);
	assert_int_equal(1, ms_act_totals(act)->copied);
	ms_act_close(act);
}

/* A quarantine that is none is found out before anything is scanned. */
static void
test_does_not_open(void **state)
{
	struct ms_act_config config = config_for(NULL);
	struct ms_act *act = NULL;
	struct ms_error err = { "" };

	(void)state;
	write_mailbox("a");
	config.move = "a";
	assert_true(ms_act_open(&config, &act, &err) < 0);
	assert_true(*err.text != '\0');
	assert_null(act);
	ms_act_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_asked, enter,
		    leave),
		cmocka_unit_test(test_policy),
		cmocka_unit_test_setup_teardown(test_expunge, enter,
		    leave),
		cmocka_unit_test_setup_teardown(test_changed, enter,
		    leave),
		cmocka_unit_test_setup_teardown(test_interrupted, enter,
		    leave),
		cmocka_unit_test_setup_teardown(test_locked, enter,
		    leave),
		cmocka_unit_test_setup_teardown(test_dry_run, enter,
		    leave),
		cmocka_unit_test_setup_teardown(test_left_alone, enter,
		    leave),
		cmocka_unit_test_setup_teardown(test_does_not_open, enter,
		    leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
