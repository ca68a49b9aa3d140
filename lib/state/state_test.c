#include "state/state.h"

#include "state/judged.h"
#include "state/upkeep.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <utime.h>

#include <cmocka.h>

/* Whole runs, with a scanner that finds the word "bad", and fails at "die". */

#define LONG_AGO 1700000000

static char *dir;
static time_t stamp;

static int
setup(void **state)
{
	(void)state;
	dir = g_strdup("/tmp/mailscan-state-XXXXXX");
	stamp = LONG_AGO;
	return g_mkdtemp(dir) && chdir(dir) == 0 ? 0 : -1;
}

static int
teardown(void **state)
{
	char *argv[] = { g_strdup("rm"), g_strdup("-rf"), dir, NULL };

	(void)state;
	if (chdir("/") != 0)
		return -1;
	(void)g_spawn_sync("/", argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
	    NULL, NULL, NULL, NULL);
	g_free(argv[0]);
	g_free(argv[1]);
	g_free(dir);
	return 0;
}

static void
age(const char *path)
{
	struct utimbuf times = { stamp, stamp };

	stamp++;
	assert_int_equal(0, utime(path, &times));
}

static void
put(const char *path, const char *text)
{
	char *up = g_path_get_dirname(path);

	assert_int_equal(0, g_mkdir_with_parents(up, 0700));
	assert_true(g_file_set_contents(path, text, -1, NULL));
	age(path);
	age(up);
	g_free(up);
}

struct run {
	struct ms_state *state;
	GString *log;
};

static void
tell(void *arg, struct ms_outcome *outcome, bool fresh)
{
	struct run *run = arg;

	g_string_append_printf(run->log, "%s %s#%d%s\n", fresh ? "new" :
	    "known", outcome->origin.source, (int)outcome->origin.index,
	    outcome->facts.findings->len == 1 ? "" : "?");
}

/* What a scan makes of MESSAGE. */
static void
scan(struct run *run, const struct ms_message *message)
{
	struct ms_outcome *outcome = ms_outcome_new(message);
	const unsigned char *data;
	size_t size = (size_t)ms_spool_size(message->body);
	bool fresh;

	assert_int_equal(MS_OK, ms_spool_map(message->body, &data, NULL));
	if (memmem(data, size, "bad", 3))
		ms_facts_finding(&outcome->facts, "test", "Bad", "");
	if (memmem(data, size, "die", 3))
		ms_facts_gap(&outcome->facts, MS_REASON_WORKER_DIED, "", "x");
	outcome->verdict = ms_verdict_of(&outcome->facts);
	fresh = ms_state_scanned(run->state, outcome);
	g_string_append_printf(run->log, "scan %s#%d%s\n",
	    message->origin.source, (int)message->origin.index,
	    outcome->verdict == MS_VERDICT_CLEAN ? "" : fresh ? " new" :
	    " old");
	ms_outcome_free(outcome);
}

static void
handle(struct run *run, struct ms_source_item *item)
{
	struct ms_state_known known;
	struct ms_outcome *outcome;

	if (item->kind != MS_SOURCE_MESSAGE) {
		ms_state_see(run->state, item);
		ms_state_item(run->state, item, tell, run);
	} else if (ms_state_knows(run->state, item->message, &known)) {
		outcome = ms_outcome_new(item->message);
		ms_state_recall(run->state, &known, outcome, tell, run);
		ms_outcome_free(outcome);
	} else {
		scan(run, item->message);
	}
	ms_source_item_clear(item);
}

struct how {
	enum ms_runs_rescan rescan;
	unsigned char database;
	unsigned act_on;
	int64_t policy;
	int stop_after;		/* items; 0: at the end */
	bool resume;
	bool fails;		/* for a message without an outcome */
};

/* Scan "mail"; what was done, and how many messages were passed. */
static void
check(const struct how *how, const char *want)
{
	struct ms_state_config config = {
		.path = "state", .act_on = how->act_on, .policy = how->policy,
		.runs = { .rescan = how->rescan, .engine = "test",
		    .database = { { how->database + 1 } },
		    .options = { { 1 } }, .resume = how->resume },
	};
	struct ms_source_config source = {
		.recurse = true, .cross_fs = true, .since = INT64_MIN,
		.until = INT64_MAX, .message_max = 1 << 20,
		.spool = { .heap_max = 1 << 16, .memfd_max = 1 << 20 },
	};
	struct run run = { .log = g_string_new(NULL) };
	struct ms_source_item item;
	struct ms_source *mail;
	int left = how->stop_after;
	struct ms_error err = { "" };

	assert_int_equal(MS_OK, ms_state_open(&config, &run.state, NULL));
	ms_state_watch(run.state, &source);
	mail = ms_source_new(&source);
	ms_source_add(mail, "mail");
	while (ms_source_next(mail, &item, NULL) == MS_OK) {
		handle(&run, &item);
		if (left > 0 && --left == 0)
			break;
	}
	g_string_append_printf(run.log, "passed %d\n",
	    (int)ms_state_passed(run.state));
	ms_source_free(mail);
	assert_int_equal(how->fails ? MS_E_IO : MS_OK, ms_state_end(run.state,
	    how->stop_after == 0, &err));
	assert_int_equal(how->fails, strstr(err.text, "without an outcome") !=
	    NULL);
	ms_state_close(run.state);
	if (strcmp(want, run.log->str) != 0)
		print_message("%s", run.log->str);
	assert_string_equal(want, run.log->str);
	g_string_free(run.log, TRUE);
}

static const struct how again;

#define MAIL "Subject: x\n\n"
#define FROM "From a@b Mon Mar  2 09:14:07 2026\n" MAIL

static void
test_maildir(void **state)
{
	const struct how other = { .database = 1 };

	(void)state;
	put("mail/new/1.a", MAIL "bad 1\n");
	put("mail/cur/2.b:2,S", MAIL "fine\n");
	check(&again, "scan mail/new/1.a#1 new\nscan mail/cur/2.b:2,S#1\n"
	    "passed 0\n");
	check(&again, "known mail/new/1.a#1\npassed 2\n");
	assert_int_equal(0, rename("mail/new/1.a", "mail/cur/1.a:2,S"));
	age("mail/new");
	age("mail/cur");
	check(&again, "known mail/cur/1.a:2,S#1\npassed 2\n");
	assert_int_equal(0, rename("mail/cur/1.a:2,S", "mail/cur/1.a:2,RS"));
	age("mail/cur");
	check(&again, "known mail/cur/1.a:2,RS#1\npassed 2\n");
	check(&again, "known mail/cur/1.a:2,RS#1\npassed 2\n");
	check(&other, "scan mail/cur/1.a:2,RS#1 old\n"
	    "scan mail/cur/2.b:2,S#1\npassed 0\n");
	assert_int_equal(0, unlink("mail/cur/1.a:2,RS"));
	age("mail/cur");
	check(&other, "passed 1\n");
}

static void
test_mbox(void **state)
{
	(void)state;
	put("mail/box", FROM "one\n\n" FROM "bad\n\n" FROM "three\n\n");
	check(&again, "scan mail/box#1\nscan mail/box#2 new\n"
	    "scan mail/box#3\npassed 0\n");
	check(&again, "known mail/box#2\npassed 3\n");
	put("mail/box", FROM "one\n\n" FROM "bad\n\n" FROM "three\n\n"
	    FROM "four\n\n" FROM "bad 5\n\n");
	check(&again, "known mail/box#2\nscan mail/box#4\n"
	    "scan mail/box#5 new\npassed 3\n");
	check(&again, "known mail/box#2\nknown mail/box#5\npassed 5\n");
	/* Written anew: read, but only what is new is scanned. */
	put("mail/box", FROM "bad 5\n\n" FROM "three\n\n" FROM "six\n\n");
	check(&again, "known mail/box#1\nscan mail/box#3\npassed 2\n");
	check(&again, "known mail/box#1\npassed 3\n");
}

/* What may come out otherwise is scanned each time, and nothing else. */
static void
test_chance(void **state)
{
	(void)state;
	put("mail/new/1.a", MAIL "die\n");
	put("mail/cur/2.b:2,", MAIL "fine\n");
	check(&again, "scan mail/new/1.a#1 new\nscan mail/cur/2.b:2,#1\n"
	    "passed 0\n");
	check(&again, "scan mail/new/1.a#1 old\npassed 1\n");
	check(&again, "scan mail/new/1.a#1 old\npassed 1\n");
}

/* What is to be acted on is read, whatever is known of it. */
static void
test_act(void **state)
{
	const struct how act = { .policy = 7,
		.act_on = 1u << MS_VERDICT_INFECTED };

	(void)state;
	put("mail/new/1.a", MAIL "bad\n");
	put("mail/cur/2.b:2,", MAIL "fine\n");
	put("mail/box", FROM "one\n\n" FROM "bad 2\n\n" FROM "three\n\n");
	check(&again, "scan mail/new/1.a#1 new\nscan mail/cur/2.b:2,#1\n"
	    "scan mail/box#1\nscan mail/box#2 new\nscan mail/box#3\n"
	    "passed 0\n");
	check(&act, "known mail/new/1.a#1\nknown mail/box#2\npassed 5\n");
}

static void
test_resume(void **state)
{
	const struct how cut = { .rescan = MS_RUNS_ALL, .stop_after = 4 };
	const struct how on = { .rescan = MS_RUNS_ALL, .resume = true };

	(void)state;
	put("mail/cur/1.a:2,", MAIL "1\n");
	put("mail/cur/2.b:2,", MAIL "bad 2\n");
	put("mail/cur/3.c:2,", MAIL "3\n");
	assert_int_equal(0, g_mkdir("mail/new", 0700));
	age("mail/new");
	check(&cut, "scan mail/cur/1.a:2,#1\nscan mail/cur/2.b:2,#1 new\n"
	    "passed 0\n");
	/* Nobody was told at the end of a run. */
	check(&on, "new mail/cur/2.b:2,#1\nscan mail/cur/3.c:2,#1\n"
	    "passed 2\n");
	check(&again, "known mail/cur/2.b:2,#1\npassed 3\n");
}

/* What was found, and is lost, does not pass for clean: neither in a list that
 * has not changed nor in a message that is known. */
static void
test_damaged(void **state)
{
	const struct how fails = { .fails = true };
	const char *const losses[] = { "DELETE FROM outcome",
		"DELETE FROM found", "DELETE FROM entry",
		"DELETE FROM folder" };
	struct ms_store *store;

	(void)state;
	put("mail/cur/1.a:2,", MAIL "bad\n");
	check(&again, "scan mail/cur/1.a:2,#1 new\npassed 0\n");
	for (size_t i = 0; i < G_N_ELEMENTS(losses); i++) {
		assert_int_equal(MS_OK, ms_store_open("state", MS_STORE_WRITE,
		    &store, NULL));
		assert_int_equal(MS_OK, ms_store_do(store, losses[i], 0,
		    NULL));
		ms_store_close(store);
		if (i == 0 || i == 3)
			check(&fails, "passed 1\n");
	}
}

static void
count_found(void *arg, struct ms_outcome *outcome,
    const struct ms_found_kept *kept)
{
	(void)kept;
	g_string_append_printf(arg, "%s\n", outcome->origin.source);
}

static void
test_upkeep(void **state)
{
	struct ms_upkeep_pruned pruned;
	struct ms_upkeep_info info;
	struct ms_store *store;
	GString *out = g_string_new(NULL);
	char *want = g_strdup_printf("%s/mail/new/1.a\n", dir);

	(void)state;
	put("mail/new/1.a", MAIL "bad 1\n");
	put("mail/cur/2.b:2,S", MAIL "fine\n");
	check(&again, "scan mail/new/1.a#1 new\nscan mail/cur/2.b:2,S#1\n"
	    "passed 0\n");
	assert_int_equal(MS_OK, ms_store_open("state", MS_STORE_WRITE,
	    &store, NULL));
	assert_int_equal(MS_OK, ms_upkeep_tell(store, count_found, out,
	    NULL));
	assert_string_equal(want, out->str);
	assert_int_equal(MS_OK, ms_upkeep_info(store, &info, NULL));
	assert_int_equal(2, info.messages);
	assert_int_equal(1, info.found);
	assert_int_equal(2, info.digests);
	assert_true(info.whole);
	ms_upkeep_info_clear(&info);
	assert_int_equal(MS_OK, ms_upkeep_prune(store, LONG_AGO, &pruned,
	    NULL));
	assert_int_equal(0, pruned.digests + pruned.folders);
	assert_int_equal(MS_OK, ms_upkeep_prune(store, INT64_MAX, &pruned,
	    NULL));
	assert_int_equal(2, pruned.digests);
	assert_int_equal(2, pruned.folders);
	ms_store_close(store);
	g_string_free(out, TRUE);
	g_free(want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_maildir, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mbox, setup, teardown),
		cmocka_unit_test_setup_teardown(test_chance, setup, teardown),
		cmocka_unit_test_setup_teardown(test_act, setup, teardown),
		cmocka_unit_test_setup_teardown(test_resume, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged, setup, teardown),
		cmocka_unit_test_setup_teardown(test_upkeep, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
