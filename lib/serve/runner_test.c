#include "serve/runner.h"

#include "base/clock.h"
#include "serve/tasks_test.h"

#include <stdlib.h>

#define BODY "Subject: x\r\n\r\nbad\r\n"

/* Run SCRIPT once: how it ended, and what is in the file OUT then. */
static char *
run(const char *script, const struct ms_task_words *words, int64_t timeout_ms,
    bool *good, char **out)
{
	char path[] = "/tmp/mailscan-runner-XXXXXX";
	const int fd = mkstemp(path);
	const char *argv[] = { "/bin/sh", "-c", script, "hook", path, NULL };
	struct ms_runner_config config = { .argv = argv,
		.environment = { "/tmp", "/q" }, .timeout_ms = timeout_ms };
	struct ms_outcome *outcome = tasks_outcome(BODY);
	struct tasks t;
	char *text;

	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(tasks_begin(&t, ms_runner_run, &config),
	    MS_CONTROL_READY);
	tasks_introduce(&t);
	tasks_ask(&t, 1, NULL, outcome, words);
	text = tasks_answer(&t, 1, good);
	assert_int_equal(tasks_end(&t), 0);
	if (out)
		assert_true(g_file_get_contents(path, out, NULL, NULL));
	(void)unlink(path);
	ms_outcome_free(outcome);
	return text;
}

static void
test_tells(void **state)
{
	static char client[] = "192.0.2.1";
	const struct ms_task_words words = { .client = client };
	bool good;
	char *out, *text = run("env > $1; cat >> $1", &words, 20000, &good,
	    &out);

	(void)state;
	assert_true(good);
	assert_string_equal(text, "program: exit status 0");
	assert_non_null(strstr(out, "CLIENT=192.0.2.1\n"));
	assert_non_null(strstr(out, "SENDER=a@example.org\n"));
	assert_non_null(strstr(out, "RECIPIENTS=b@example.org\n"));
	assert_non_null(strstr(out, "VIRUS=Bad.One\n"));
	assert_non_null(strstr(out, "\"name\":\"Bad.One\""));
	assert_null(strstr(out, "HOME="));
	g_free(text);
	g_free(out);
}

static void
test_ends(void **state)
{
	static const struct {
		const char *script;
		const char *said;
	} rows[] = {
		{ "exit 0", "exit status 0" },
		{ "exit 3", "exit status 3" },
		{ "echo why >&2; exit 255", "exit status 255: why" },
		{ "kill -9 $$", "signal 9" },
		{ "exec <&-; exit 1", "exit status 1" },
		{ "head -c 10000000 /dev/zero; exit 4", "exit status 4" },
	};
	static const struct ms_task_words none = { .server = NULL };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		bool good;
		char *text = run(rows[i].script, &none, 20000, &good, NULL);

		assert_true(good == (i == 0));
		if (!strstr(text, rows[i].said))
			fail_msg("%s: %s", rows[i].script, text);
		g_free(text);
	}
}

static void
test_late(void **state)
{
	static const struct ms_task_words none = { .server = NULL };
	const int64_t began = ms_clock_ms();
	bool good;
	char *text = run("exec sleep 100", &none, 200, &good, NULL);

	(void)state;
	assert_false(good);
	assert_non_null(strstr(text, "not done"));
	assert_true(ms_clock_ms() - began < 5000);
	g_free(text);
}

static void
test_missing(void **state)
{
	const char *argv[] = { "/nonexistent/program", NULL };
	struct ms_runner_config config = { .argv = argv,
		.timeout_ms = 1000 };
	static const struct ms_task_words none = { .server = NULL };
	struct ms_outcome *outcome = tasks_outcome(BODY);
	struct tasks t;
	bool good;

	(void)state;
	assert_int_equal(tasks_begin(&t, ms_runner_run, &config),
	    MS_CONTROL_READY);
	tasks_introduce(&t);
	tasks_ask(&t, 1, NULL, outcome, &none);
	g_free(tasks_answer(&t, 1, &good));
	assert_false(good);
	/* It goes on. */
	tasks_send(&t, ms_task_note(2, 2, &none), tasks_bytes("no", 2));
	g_free(tasks_answer(&t, 2, &good));
	assert_false(good);
	assert_int_equal(tasks_end(&t), 0);
	ms_outcome_free(outcome);
}

/* More than may run at once; all are run, some of them together. */
static void
test_many(void **state)
{
	const char *argv[] = { "/bin/sleep", "0.05", NULL };
	struct ms_runner_config config = { .argv = argv,
		.timeout_ms = 20000 };
	static const struct ms_task_words none = { .server = NULL };
	struct ms_outcome *outcome = tasks_outcome(BODY);
	const unsigned count = 3 * MS_RUNNER_MAX;
	unsigned seen = 0;
	struct tasks t;

	(void)state;
	assert_int_equal(tasks_begin(&t, ms_runner_run, &config),
	    MS_CONTROL_READY);
	tasks_introduce(&t);
	for (unsigned i = 0; i < count; i++)
		tasks_ask(&t, i + 1, NULL, outcome, &none);
	for (unsigned i = 0; i < count; i++) {
		const size_t got = tasks_hear(&t, t.front);
		uint64_t id;
		char *text;
		bool good;

		assert_int_equal(ms_task_read_done(t.block, got, &id, &good,
		    &text), MS_OK);
		assert_true(good);
		assert_false(seen & 1u << id);
		seen |= 1u << id;
		g_free(text);
	}
	assert_int_equal(tasks_end(&t), 0);
	ms_outcome_free(outcome);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tells),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
