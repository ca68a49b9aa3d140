#include "action/putback.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "action/quarantine_test.h"

/* What a release does. */
struct order {
	struct ms_quarantine *q;
	const char *id, *into;
	bool die;		/* when it is delivered and not noted yet */
};

static const struct ms_release_way *real;

static enum ms_status
deliver_and_die(void *arg, const struct ms_release_message *message,
    char **answer, bool *uncertain, struct ms_error *err)
{
	enum ms_status status = real->deliver(arg, message, answer, uncertain,
	    err);

	assert_int_equal(MS_OK, status);
	(void)raise(SIGKILL);
	return status;
}

static enum ms_status
release(const struct order *order, enum ms_release_result *result,
    struct ms_error *err)
{
	struct ms_release_way way;
	struct ms_holding *holding;
	struct ms_putback *putback;
	enum ms_status status;

	assert_int_equal(MS_OK, ms_holding_open(order->q, order->id, true,
	    &holding, err));
	status = ms_putback_open(holding->custody, order->into,
	    &ms_lock_default, &putback, err);
	if (status == MS_OK) {
		real = ms_putback_way(putback);
		way = *real;
		if (order->die)
			way.deliver = deliver_and_die;
		status = ms_release(holding, &way, false, result, err);
		ms_putback_close(putback);
	}
	ms_holding_close(holding);
	return status;
}

static void
expect(const struct order *order, enum ms_release_result want)
{
	enum ms_release_result result;
	struct ms_error err = { "" };

	if (release(order, &result, &err) != MS_OK)
		fail_msg("%s", err.text);
	assert_int_equal(want, result);
}

static void
expect_failure(const struct order *order, enum ms_status want,
    const char *says)
{
	enum ms_release_result result;
	struct ms_error err = { "" };

	assert_int_equal(want, release(order, &result, &err));
	assert_non_null(strstr(err.text, says));
}

/* Be killed between delivering and noting that. */
static void
die(const struct order *order)
{
	struct order fatal = *order;
	enum ms_release_result result;
	struct ms_error err = { "" };
	int status;
	pid_t pid = fork();

	fatal.die = true;
	if (pid == 0) {
		(void)release(&fatal, &result, &err);
		_exit(0);
	}
	assert_int_equal(pid, waitpid(pid, &status, 0));
	assert_true(WIFSIGNALED(status));
}

static void
make_maildir(const char *path)
{
	static const char *const names[] = { "", "tmp", "new", "cur" };

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		char *dir = g_build_filename(path, names[i], NULL);

		assert_int_equal(0, mkdir(dir, 0700));
		g_free(dir);
	}
}

static unsigned
files_in(const char *path, const char *name)
{
	char *dir = g_build_filename(path, name, NULL);
	unsigned n = quarantine_files(dir);

	g_free(dir);
	return n;
}

/* The only file in PATH, whose name ends with END, is TEXT. */
static void
check_only(const char *path, const char *end, const char *text)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name = g_dir_read_name(dir);
	char *file, *got;
	struct stat st;

	assert_non_null(name);
	assert_true(g_str_has_suffix(name, end));
	file = g_build_filename(path, name, NULL);
	assert_true(g_file_get_contents(file, &got, NULL, NULL));
	assert_string_equal(text, got);
	assert_int_equal(0, stat(file, &st));
	assert_int_equal(0600, st.st_mode & 07777);
	g_free(got);
	g_free(file);
	assert_null(g_dir_read_name(dir));
	g_dir_close(dir);
}

/* As a mail program does with the only message in new. */
static void
read_it(const char *maildir)
{
	char *new = g_build_filename(maildir, "new", NULL);
	GDir *dir = g_dir_open(new, 0, NULL);
	const char *name = g_dir_read_name(dir);
	char *from = g_build_filename(new, name, NULL);
	char *to = g_strdup_printf("%s/cur/%s:2,RS", maildir, name);

	assert_int_equal(0, rename(from, to));
	g_dir_close(dir);
	g_free(to);
	g_free(from);
	g_free(new);
}

static void
test_maildir(void **state)
{
	struct order order = { .q = quarantine_open("q1") };
	char id[MS_QUARANTINE_ID_MAX];

	(void)state;
	make_maildir("Maildir");
	assert_int_equal(MS_OK, quarantine_put(order.q,
	    "Maildir/cur/1:2,FS", "maildir", "a\n", 2, id));
	order.id = id;
	die(&order);
	check_only("Maildir/cur", ":2,FS", "a\n");
	expect(&order, MS_RELEASE_FOUND);
	expect(&order, MS_RELEASE_BEFORE);
	check_only("Maildir/cur", ":2,FS", "a\n");
	assert_int_equal(0, files_in("Maildir", "tmp"));
	/* From new to new; and it is found when somebody has read it. */
	assert_int_equal(MS_OK, quarantine_put(order.q, "Maildir/new/2",
	    "maildir", "b\n", 2, id));
	die(&order);
	check_only("Maildir/new", ".mailscan_0", "b\n");
	read_it("Maildir");
	expect(&order, MS_RELEASE_FOUND);
	assert_int_equal(0, files_in("Maildir", "new"));
	assert_int_equal(2, files_in("Maildir", "cur"));
	ms_quarantine_close(order.q);
}

/* A record that came from who knows where does not lead out of it. */
static void
test_maildir_flags(void **state)
{
	struct order order = { .q = quarantine_open("q2") };
	struct ms_outcome *outcome = quarantine_outcome("Evil/cur/1",
	    "maildir", "a", 1);
	struct ms_quarantine_content content = {
		.fd = quarantine_bytes("a", 1), .offset = 3, .size = 1,
		.sha256 = outcome->sha256,
	};
	char id[MS_QUARANTINE_ID_MAX];

	(void)state;
	make_maildir("Evil");
	g_free(outcome->origin.flags);
	outcome->origin.flags = g_strdup("/../../x");
	assert_int_equal(MS_OK, ms_quarantine_put(order.q, &content, outcome,
	    "test", id, NULL));
	order.id = id;
	expect(&order, MS_RELEASE_DONE);
	check_only("Evil/cur", ":2,", "a");
	ms_outcome_free(outcome);
	assert_int_equal(0, close(content.fd));
	ms_quarantine_close(order.q);
}

static void
check_file(const char *path, const char *want)
{
	char *got;

	assert_true(g_file_get_contents(path, &got, NULL, NULL));
	assert_string_equal(want, got);
	g_free(got);
}

#define FIRST "From b@example.org Mon Mar  2 09:14:08 2026\nSubject: b\n\nb\n\n"
#define SECOND QUARANTINE_FROM "\n" QUARANTINE_TEXT "\n"

static void
test_mbox(void **state)
{
	struct order order = { .q = quarantine_open("q3") };
	char id[MS_QUARANTINE_ID_MAX];

	(void)state;
	assert_true(g_file_set_contents("mbox", FIRST, -1, NULL));
	quarantine_put_text(order.q, "mbox", id);
	order.id = id;
	die(&order);
	check_file("mbox", FIRST SECOND);
	/* Mail goes on to arrive. */
	assert_true(g_file_set_contents("mbox", FIRST SECOND FIRST, -1,
	    NULL));
	expect(&order, MS_RELEASE_FOUND);
	expect(&order, MS_RELEASE_BEFORE);
	check_file("mbox", FIRST SECOND FIRST);
	/* It is not at its place: then it is delivered. */
	quarantine_put_text(order.q, "mbox", id);
	die(&order);
	assert_true(g_file_set_contents("mbox", FIRST FIRST FIRST FIRST, -1,
	    NULL));
	expect(&order, MS_RELEASE_DONE);
	check_file("mbox", FIRST FIRST FIRST FIRST SECOND);
	/* The same bytes that were there before do not count. */
	assert_true(g_file_set_contents("mbox", SECOND, -1, NULL));
	quarantine_put_text(order.q, "mbox", id);
	expect(&order, MS_RELEASE_DONE);
	check_file("mbox", SECOND SECOND);
	assert_int_equal(0, unlink("mbox"));
	quarantine_put_text(order.q, "mbox", id);
	expect_failure(&order, MS_E_IO, "is not there");
	ms_quarantine_close(order.q);
}

/* What was not in an mbox gets a From_ line and quoting, and is found in
 * spite of that. */
static void
test_into_mbox(void **state)
{
	static const char text[] = "Subject: c\n\nFrom me\n>From you\nend";
	struct order order = { .q = quarantine_open("q4"), .into = "other" };
	char id[MS_QUARANTINE_ID_MAX];
	char *got;

	(void)state;
	assert_true(g_file_set_contents("other", FIRST, -1, NULL));
	assert_int_equal(MS_OK, quarantine_put(order.q, "x.eml", "eml", text,
	    strlen(text), id));
	order.id = id;
	die(&order);
	assert_true(g_file_get_contents("other", &got, NULL, NULL));
	assert_true(g_str_has_prefix(got, FIRST "From anna@example.org "));
	assert_non_null(strstr(got, "\n>From me\n>>From you\nend\n"));
	expect(&order, MS_RELEASE_FOUND);
	check_file("other", got);
	g_free(got);
	ms_quarantine_close(order.q);
}

/* From an mbox into a Maildir: without the mbox's quoting. */
static void
test_into_maildir(void **state)
{
	struct order order = { .q = quarantine_open("q5"), .into = "Other" };
	char id[MS_QUARANTINE_ID_MAX];

	(void)state;
	make_maildir("Other");
	quarantine_put_text(order.q, "mbox", id);
	order.id = id;
	expect(&order, MS_RELEASE_DONE);
	check_only("Other/new", ".mailscan_0", "Subject: x\n\nFrom here\n");
	ms_quarantine_close(order.q);
}

static void
test_file(void **state)
{
	struct order order = { .q = quarantine_open("q6") };
	char id[MS_QUARANTINE_ID_MAX];

	(void)state;
	assert_int_equal(MS_OK, quarantine_put(order.q, "sub/7", "mh", "a\n",
	    2, id));
	order.id = id;
	expect_failure(&order, MS_E_IO, "sub");
	assert_int_equal(0, mkdir("sub", 0700));
	die(&order);
	check_only("sub", "7", "a\n");
	expect(&order, MS_RELEASE_FOUND);
	/* Somebody else got the number meanwhile. */
	assert_int_equal(MS_OK, quarantine_put(order.q, "sub/7", "mh", "b\n",
	    2, id));
	expect_failure(&order, MS_E_USAGE, "something else");
	check_only("sub", "7", "a\n");
	ms_quarantine_close(order.q);
}

static void
test_nowhere(void **state)
{
	struct order order = { .q = quarantine_open("q7") };
	char id[MS_QUARANTINE_ID_MAX];

	(void)state;
	assert_int_equal(MS_OK, quarantine_put(order.q, "deferred/A/AB",
	    "postfix", "a", 1, id));
	order.id = id;
	expect_failure(&order, MS_E_UNSUPPORTED, "--smtp");
	ms_quarantine_close(order.q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_maildir),
		cmocka_unit_test(test_maildir_flags),
		cmocka_unit_test(test_mbox),
		cmocka_unit_test(test_into_mbox),
		cmocka_unit_test(test_into_maildir),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_nowhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
