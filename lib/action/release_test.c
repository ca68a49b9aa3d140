#include "action/release.h"

#include "base/clock.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "action/quarantine_test.h"

/* A way that writes a line into a file for each delivery, and dies or fails
 * when it is told to. */
enum death { NEVER, BEFORE, AFTER };
struct mule {
	const char *file;
	enum death death;
	enum ms_status answer;
	bool uncertain;
	int64_t mark;
};

static unsigned
deliveries(const struct mule *mule)
{
	gsize size = 0;
	char *text = NULL;

	(void)g_file_get_contents(mule->file, &text, &size, NULL);
	g_free(text);
	return (unsigned)size;
}

static enum ms_status
prepare(void *arg, const struct ms_custody *custody, int64_t *mark,
    struct ms_error *err)
{
	struct mule *mule = arg;

	(void)custody, (void)err;
	*mark = mule->mark = deliveries(mule);
	return MS_OK;
}

static enum ms_status
look(void *arg, const struct ms_release_message *message, int64_t mark,
    struct ms_error *err)
{
	(void)message, (void)err;
	return deliveries(arg) > mark ? MS_OK : MS_END;
}

static enum ms_status
deliver(void *arg, const struct ms_release_message *message, char **answer,
    bool *uncertain, struct ms_error *err)
{
	const struct mule *mule = arg;
	int fd;

	if (mule->death == BEFORE)
		(void)raise(SIGKILL);
	assert_int_equal(strlen(QUARANTINE_TEXT), message->size);
	if (mule->answer != MS_OK) {
		*uncertain = mule->uncertain;
		return ms_error_set(err, mule->answer, "the mule says no");
	}
	fd = open(mule->file, O_WRONLY | O_CREAT | O_APPEND, 0600);
	assert_int_equal(1, write(fd, "x", 1));
	assert_int_equal(0, close(fd));
	if (mule->death == AFTER)
		(void)raise(SIGKILL);
	*answer = g_strdup("250 ok");
	return MS_OK;
}

static struct ms_release_way
way_of(struct mule *mule)
{
	return (struct ms_release_way){ .to = mule->file, .arg = mule,
		.prepare = prepare, .look = look, .deliver = deliver };
}

static enum ms_status
release(struct ms_quarantine *q, const char *id,
    const struct ms_release_way *way, bool again,
    enum ms_release_result *result)
{
	struct ms_holding *holding;
	struct ms_error err = { "" };
	enum ms_status status;

	assert_int_equal(MS_OK, ms_holding_open(q, id, true, &holding,
	    &err));
	status = ms_release(holding, way, again, result, &err);
	ms_holding_close(holding);
	return status;
}

/* The state of the last try, as it is on disk. */
static enum ms_custody_state
last_state(struct ms_quarantine *q, const char *id, unsigned tries)
{
	struct ms_holding *holding;
	enum ms_custody_state state;

	assert_int_equal(MS_OK, ms_holding_open(q, id, false, &holding,
	    NULL));
	assert_int_equal(tries, holding->custody->releases->len);
	state = ((const struct ms_custody_release *)g_ptr_array_index(
	    holding->custody->releases, tries - 1))->state;
	ms_holding_close(holding);
	return state;
}

/* Released once, however often it is asked for. */
static void
test_once(void **state)
{
	struct ms_quarantine *q = quarantine_open("once");
	struct mule mule = { .file = "one" }, other = { .file = "two" };
	struct ms_release_way way = way_of(&mule), there = way_of(&other);
	enum ms_release_result result;
	char id[MS_QUARANTINE_ID_MAX];

	(void)state;
	quarantine_put_text(q, "inbox", id);
	assert_int_equal(MS_OK, release(q, id, &way, false, &result));
	assert_int_equal(MS_RELEASE_DONE, result);
	assert_int_equal(MS_OK, release(q, id, &way, false, &result));
	assert_int_equal(MS_RELEASE_BEFORE, result);
	assert_int_equal(1, deliveries(&mule));
	assert_int_equal(MS_CUSTODY_RELEASED, last_state(q, id, 1));
	/* Elsewhere is another matter, and so is an order. */
	assert_int_equal(MS_OK, release(q, id, &there, false, &result));
	assert_int_equal(MS_RELEASE_DONE, result);
	assert_int_equal(MS_OK, release(q, id, &way, true, &result));
	assert_int_equal(MS_RELEASE_DONE, result);
	assert_int_equal(2, deliveries(&mule));
	assert_int_equal(1, deliveries(&other));
	assert_int_equal(MS_CUSTODY_RELEASED, last_state(q, id, 3));
	ms_quarantine_close(q);
}

static void
die(struct ms_quarantine *q, const char *id, struct mule *mule,
    enum death death)
{
	struct ms_release_way way = way_of(mule);
	enum ms_release_result result;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		mule->death = death;
		(void)release(q, id, &way, false, &result);
		_exit(0);
	}
	assert_int_equal(pid, waitpid(pid, &status, 0));
	assert_true(WIFSIGNALED(status));
}

static void
test_killed(void **state)
{
	struct ms_quarantine *q = quarantine_open("killed");
	struct mule mule = { .file = "three" };
	struct ms_release_way way = way_of(&mule);
	enum ms_release_result result;
	char id[MS_QUARANTINE_ID_MAX];

	(void)state;
	quarantine_put_text(q, "inbox", id);
	die(q, id, &mule, BEFORE);
	assert_int_equal(MS_CUSTODY_RELEASING, last_state(q, id, 1));
	die(q, id, &mule, AFTER);
	assert_int_equal(MS_CUSTODY_RELEASING, last_state(q, id, 2));
	assert_int_equal(1, deliveries(&mule));
	/* It is found, and not delivered again. */
	assert_int_equal(MS_OK, release(q, id, &way, false, &result));
	assert_int_equal(MS_RELEASE_FOUND, result);
	assert_int_equal(1, deliveries(&mule));
	assert_int_equal(MS_CUSTODY_RELEASED, last_state(q, id, 2));
	assert_int_equal(MS_OK, release(q, id, &way, false, &result));
	assert_int_equal(MS_RELEASE_BEFORE, result);
	ms_quarantine_close(q);
}

/* Where nobody can look, twice is better than never. */
static void
test_killed_blind(void **state)
{
	struct ms_quarantine *q = quarantine_open("blind");
	struct mule mule = { .file = "four" };
	struct ms_release_way way = way_of(&mule);
	enum ms_release_result result;
	char id[MS_QUARANTINE_ID_MAX];

	(void)state;
	quarantine_put_text(q, "inbox", id);
	die(q, id, &mule, AFTER);
	way.look = NULL;
	assert_int_equal(MS_OK, release(q, id, &way, false, &result));
	assert_int_equal(MS_RELEASE_REPEATED, result);
	assert_int_equal(2, deliveries(&mule));
	assert_int_equal(MS_OK, release(q, id, &way, false, &result));
	assert_int_equal(MS_RELEASE_BEFORE, result);
	ms_quarantine_close(q);
}

static void
test_refused(void **state)
{
	struct ms_quarantine *q = quarantine_open("refused");
	struct mule mule = { .file = "five", .answer = MS_E_PEER };
	struct ms_release_way way = way_of(&mule);
	enum ms_release_result result;
	char id[MS_QUARANTINE_ID_MAX];

	(void)state;
	quarantine_put_text(q, "inbox", id);
	assert_int_equal(MS_E_PEER, release(q, id, &way, false, &result));
	assert_int_equal(MS_CUSTODY_FAILED, last_state(q, id, 1));
	mule.uncertain = true;
	assert_int_equal(MS_E_PEER, release(q, id, &way, false, &result));
	assert_int_equal(MS_CUSTODY_RELEASING, last_state(q, id, 2));
	mule.answer = MS_OK;
	assert_int_equal(MS_OK, release(q, id, &way, false, &result));
	assert_int_equal(MS_RELEASE_DONE, result);
	assert_int_equal(1, deliveries(&mule));
	ms_quarantine_close(q);
}

/* What is damaged is not given to anybody. */
static void
test_damaged(void **state)
{
	struct ms_quarantine *q = quarantine_open("damaged");
	struct mule mule = { .file = "six" };
	struct ms_release_way way = way_of(&mule);
	enum ms_release_result result;
	char id[MS_QUARANTINE_ID_MAX];
	char *path;

	(void)state;
	quarantine_put_text(q, "inbox", id);
	path = quarantine_path("damaged", id, ".eml");
	assert_true(g_file_set_contents(path, "evil", -1, NULL));
	assert_int_equal(MS_E_FORMAT, release(q, id, &way, false, &result));
	assert_int_equal(0, deliveries(&mule));
	g_free(path);
	path = quarantine_path("damaged", id, ".json");
	assert_true(g_file_set_contents(path, "{}", -1, NULL));
	assert_int_equal(MS_E_FORMAT, release(q, id, &way, false, &result));
	assert_int_equal(0, deliveries(&mule));
	g_free(path);
	ms_quarantine_close(q);
}

/* A record that cannot be written: nothing is delivered that could not be
 * noted. */
static void
test_no_record(void **state)
{
	struct ms_quarantine *q = quarantine_open("norecord");
	struct mule mule = { .file = "seven" };
	struct ms_release_way way = way_of(&mule);
	enum ms_release_result result;
	char id[MS_QUARANTINE_ID_MAX];
	char *path;

	(void)state;
	quarantine_put_text(q, "inbox", id);
	path = g_strdup_printf("norecord/%.9s.%s.json.new", id, id + 9);
	assert_int_equal(0, mkdir(path, 0700));
	assert_int_equal(MS_E_IO, release(q, id, &way, false, &result));
	assert_int_equal(0, deliveries(&mule));
	assert_int_equal(0, rmdir(path));
	assert_int_equal(MS_OK, release(q, id, &way, false, &result));
	assert_int_equal(1, deliveries(&mule));
	g_free(path);
	ms_quarantine_close(q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_killed_blind),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_no_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
