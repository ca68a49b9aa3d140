#include "milter/milterd.h"

#include "milter/mta_test.h"
#include "pool/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* A filter in a process that the test has started, and who starts another one.
 * What it says goes into the file "log". */
struct bench {
	int pid;
	char dir[40], listen[80], path[70], log[70];
};

/* The terms that are in force after SIGHUP: those of the file "terms". */
static enum ms_status
on_reload(void *arg, struct ms_milter_terms *terms, struct ms_error *err)
{
	const struct bench *b = arg;
	char *path = g_strconcat(b->dir, "/terms", NULL), *text = NULL;
	const bool good = g_file_get_contents(path, &text, NULL, NULL);

	*terms = (struct ms_milter_terms){ .service = "unix:/nowhere",
		.answer_ms = 5000, .on_error = good && strcmp(text,
		"reject") == 0 ? MS_ACTION_REJECT : MS_ACTION_DEFER };
	g_free(text);
	g_free(path);
	return good ? MS_OK : ms_error_set(err, MS_E_USAGE, "no such terms");
}

/* The exit status is the status, and the last line of the log why. */
static void
run(struct bench *b, const char *tempdir)
{
	static const struct ms_milterd_events events = { on_reload };
	const struct ms_milterd_config config = {
		.milter = { .listen = b->listen, .mode = 0600,
		    .silence_s = 20 },
		.terms = { .service = "unix:/nowhere", .answer_ms = 5000,
		    .on_error = MS_ACTION_DEFER,
		    .spool = { 1000, 2000, tempdir } },
		.grace_ms = 1000,
	};
	const int log = open(b->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	struct ms_error err = { "" };
	enum ms_status status;

	(void)dup2(log, STDERR_FILENO);
	status = ms_milterd_run(&config, &events, b, &err);
	(void)dprintf(STDERR_FILENO, "%s\n", err.text);
	_exit((int)status & 0xff);
}

/* NULL: as usual. */
static void
start(struct bench *b, const char *listen, const char *tempdir)
{
	*b = (struct bench){ .dir = "/tmp/mailscan-milterd-XXXXXX" };
	assert_non_null(mkdtemp(b->dir));
	(void)g_snprintf(b->path, sizeof b->path, "%s/s", b->dir);
	(void)g_snprintf(b->listen, sizeof b->listen, "%s%s", listen ? listen :
	    "unix:", listen ? "" : b->path);
	(void)g_snprintf(b->log, sizeof b->log, "%s/log", b->dir);
	b->pid = fork();
	assert_true(b->pid >= 0);
	if (b->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		run(b, tempdir ? tempdir : b->dir);
	}
}

static bool
is_logged(const struct bench *b, const char *words)
{
	char *text = NULL;
	const bool found = g_file_get_contents(b->log, &text, NULL, NULL) &&
	    strstr(text, words);

	g_free(text);
	return found;
}

static void
wait_for(const struct bench *b, const char *words)
{
	for (unsigned i = 0; i < 2000 && !is_logged(b, words); i++)
		g_usleep(10000);
	assert_true(is_logged(b, words));
}

static void
tell(const struct bench *b, const char *name, const char *text)
{
	char *path = g_strconcat(b->dir, "/", name, NULL);

	assert_true(g_file_set_contents(path, text, -1, NULL));
	g_free(path);
}

/* The second process. */
static int
second_of(const struct bench *b)
{
	char *path = g_strdup_printf("/proc/%d/task/%d/children", b->pid,
	    b->pid), *text = NULL;
	int pid;

	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	pid = (int)g_ascii_strtoll(text, NULL, 10);
	assert_true(pid > 0);
	g_free(text);
	g_free(path);
	return pid;
}

/* A line of /proc/PID/status, for g_free(). */
static char *
status_of(int pid, const char *name)
{
	char *path = g_strdup_printf("/proc/%d/status", pid), *text = NULL;
	char *line = NULL;

	if (g_file_get_contents(path, &text, NULL, NULL)) {
		const char *at = strstr(text, name);

		assert_non_null(at);
		at += strlen(name);
		line = g_strstrip(g_strndup(at, strcspn(at, "\n")));
	}
	g_free(text);
	g_free(path);
	return line;
}

static int
end(struct bench *b)
{
	static const char *const names[] = { "terms", "log", "s" };
	int status;

	assert_int_equal(waitpid(b->pid, &status, 0), b->pid);
	assert_true(WIFEXITED(status));
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		char *path = g_strconcat(b->dir, "/", names[i], NULL);

		(void)unlink(path);
		g_free(path);
	}
	assert_int_equal(rmdir(b->dir), 0);
	return (int)(signed char)WEXITSTATUS(status);
}

/* One message: the reply to its end. */
static char
mail(const struct bench *b, struct mta *mta)
{
	char letter;

	assert_true(mta_begin(mta, b->path));
	letter = mta_envelope(mta);
	if (letter == 'c')
		letter = mta_rest(mta);
	mta_end(mta);
	return letter;
}

static void
test_serves(void **state)
{
	struct bench b;
	struct mta mta;

	(void)state;
	start(&b, NULL, NULL);
	wait_for(&b, "ready: ");
	assert_int_equal(mail(&b, &mta), 'y');
	assert_true(g_str_has_prefix(mta.text, "451 "));
	/* Nothing there to be read: all stays as it was. */
	(void)kill(b.pid, SIGHUP);
	wait_for(&b, "not reloaded: no such terms");
	assert_int_equal(mail(&b, &mta), 'y');
	assert_true(g_str_has_prefix(mta.text, "451 "));
	tell(&b, "terms", "reject");
	(void)kill(b.pid, SIGHUP);
	wait_for(&b, "mailscan: reloaded");
	assert_int_equal(mail(&b, &mta), 'y');
	assert_true(g_str_has_prefix(mta.text, "554 "));
	(void)kill(b.pid, SIGTERM);
	wait_for(&b, "mailscan: ended");
	assert_int_equal(access(b.path, F_OK), -1);
	assert_int_equal(end(&b), MS_OK);
}

/* Who reads what servers say is boxed, and only that one. */
static void
test_box(void **state)
{
	struct bench b;

	(void)state;
	if (!ms_sandbox_is_complete())
		skip();
	start(&b, NULL, NULL);
	wait_for(&b, "ready: ");
	for (int boxed = 0; boxed < 2; boxed++) {
		const int pid = boxed ? second_of(&b) : b.pid;
		char *seccomp = status_of(pid, "\nSeccomp:");
		char *privs = status_of(pid, "\nNoNewPrivs:");

		if (boxed) {
			assert_string_equal(seccomp, "2");
			assert_string_equal(privs, "1");
		} else {
			/* Whatever is around the test. */
			char *own = status_of(getpid(), "\nNoNewPrivs:");

			assert_string_equal(privs, own);
			g_free(own);
		}
		g_free(seccomp);
		g_free(privs);
	}
	(void)kill(b.pid, SIGTERM);
	assert_int_equal(end(&b), MS_OK);
}

/* When either process ends, so does the other one. */
static void
test_deaths(void **state)
{
	struct bench b;
	char *state_of;
	int pid;

	(void)state;
	start(&b, NULL, NULL);
	wait_for(&b, "ready: ");
	(void)kill(second_of(&b), SIGKILL);
	wait_for(&b, "the process of libmilter was ended by signal 9");
	assert_int_equal(end(&b), MS_E_PEER);

	start(&b, NULL, NULL);
	wait_for(&b, "ready: ");
	pid = second_of(&b);
	(void)kill(b.pid, SIGKILL);
	assert_int_equal(waitpid(b.pid, NULL, 0), b.pid);
	for (unsigned i = 0; i < 2000; i++) {
		state_of = status_of(pid, "\nState:");
		if (!state_of || *state_of == 'Z')
			break;
		g_free(state_of);
		g_usleep(10000);
		assert_true(i < 1999);
	}
	g_free(state_of);
	(void)unlink(b.path);
	(void)unlink(b.log);
	assert_int_equal(rmdir(b.dir), 0);
}

/* It cannot begin, and says why. */
static void
test_failures(void **state)
{
	static const struct {
		const char *tempdir, *listen;
		const char *words;
	} cases[] = {
		{ "/nowhere", NULL, "/nowhere: No such file or directory" },
		{ NULL, "nonsense", "nonsense" },
		{ NULL, "unix:/nowhere/s", "cannot listen on" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct bench b;

		if (!cases[i].listen && !ms_sandbox_is_complete())
			continue;
		start(&b, cases[i].listen, cases[i].tempdir);
		wait_for(&b, cases[i].words);
		assert_true(end(&b) < 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_serves),
		cmocka_unit_test(test_box),
		cmocka_unit_test(test_deaths),
		cmocka_unit_test(test_failures),
	};
	char *version = ms_milter_version();

	if (!version)
		return 0;
	g_free(version);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
