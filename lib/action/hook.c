#include "action/hook.h"

#include "base/clock.h"
#include "base/write.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of complaints, so much is kept. */
#define ERRORS_MAX ((size_t)2048)

/* Who is asked to end has so long to do it. */
#define GRACE_MS 1000

/* How often to look for the end of the program where the kernel has no
 * descriptor for that (before Linux 5.3). */
#define TICK_MS 20

/* A program that runs. */
struct hook_run {
	pid_t pid;
	int end;		/* is readable when it ended; or -1 */
	int out, errors;	/* what it prints; -1: closed */
	int64_t deadline_ms;
	bool asked;		/* to end */
	bool ended;
	int status;		/* then, as of waitpid() */
	GString *output, *complaints;
	size_t output_max;
};

static void
close_pair(int pair[2])
{
	for (int i = 0; i < 2; i++)
		if (pair[i] >= 0)
			(void)close(pair[i]);
}

/* In the child, before it is another program: only what signals allow. Does not
 * come back; errno goes through FAILED. */
static void
become(const struct ms_hook *hook, const int fds[3], int failed)
{
	static const char *const least[] = { MS_HOOK_PATH, NULL };
	const char *const *environment = hook->environment ?
	    hook->environment : least;
	sigset_t none;
	int error;

	(void)setpgid(0, 0);
	(void)sigemptyset(&none);
	for (int number = 1; number < NSIG; number++)
		(void)signal(number, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	for (int i = 0; i < 3; i++)
		if (dup2(fds[i], i) < 0)
			goto out;
	/* FAILED closes when all went well, and is none of the first three. */
	if (dup2(failed, 3) < 0 || fcntl(3, F_SETFD, FD_CLOEXEC) != 0)
		goto out;
	failed = 3;
	if (syscall(SYS_close_range, 4, ~0U, 0) != 0)
		for (int fd = 4; fd < 65536; fd++)
			(void)close(fd);
	if (chdir("/") == 0)
		(void)execve(hook->argv[0], (char **)(uintptr_t)hook->argv,
		    (char **)(uintptr_t)environment);
out:
	error = errno;
	(void)ms_write(failed, &error, sizeof error);
	_exit(127);
}

/* Did the child become the program? Its errno comes if not. */
static enum ms_status
wait_for_start(const struct ms_hook *hook, pid_t pid, int failed,
    struct ms_error *err)
{
	int error = 0;
	ssize_t n;

	do
		n = read(failed, &error, sizeof error);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof error)
		return MS_OK;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	errno = error;
	return ms_error_errno(err, "cannot run %s", hook->argv[0]);
}

/* All descriptors are above those that the child replaces. */
static int
raised(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 10);

	(void)close(fd);
	return copy;
}

static bool
make_pipe(int pair[2])
{
	if (pipe2(pair, O_CLOEXEC) != 0)
		return false;
	pair[0] = raised(pair[0]);
	pair[1] = raised(pair[1]);
	return pair[0] >= 0 && pair[1] >= 0;
}

static enum ms_status
start(const struct ms_hook *hook, struct hook_run *run, struct ms_error *err)
{
	int in = hook->input >= 0 ? fcntl(hook->input, F_DUPFD_CLOEXEC, 10) :
	    raised(open("/dev/null", O_RDONLY | O_CLOEXEC));
	int out[2] = { -1, -1 }, errors[2] = { -1, -1 };
	int failed[2] = { -1, -1 };
	enum ms_status status = MS_OK;

	if (in < 0 || !make_pipe(out) || !make_pipe(errors) ||
	    !make_pipe(failed) || (run->pid = fork()) < 0)
		status = ms_error_errno(err, "cannot run %s", hook->argv[0]);
	else if (run->pid == 0)
		become(hook, (const int[]){ in, out[1], errors[1] },
		    failed[1]);
	if (in >= 0)
		(void)close(in);
	if (status == MS_OK) {
		(void)close(failed[1]);
		failed[1] = -1;
		status = wait_for_start(hook, run->pid, failed[0], err);
	}
	if (status == MS_OK) {
		run->out = out[0];
		run->errors = errors[0];
		out[0] = errors[0] = -1;
		run->end = (int)syscall(SYS_pidfd_open, run->pid, 0);
	}
	close_pair(out);
	close_pair(errors);
	close_pair(failed);
	return status;
}

/* Read what is there from *FD, keeping MAX bytes in all; false: no more will
 * come, and it is closed, or nothing is there now. */
static bool
drain(int *fd, GString *into, size_t max)
{
	char block[4096];
	ssize_t n;

	do
		n = read(*fd, block, sizeof block);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return false;
	if (n <= 0) {
		(void)close(*fd);
		*fd = -1;
		return false;
	}
	if (into->len < max)
		g_string_append_len(into, block, (gssize)MIN((size_t)n,
		    max - into->len));
	return true;
}

/* Ask the group to end, and after a while do not ask. */
static void
end_group(struct hook_run *run)
{
	(void)kill(-run->pid, run->asked ? SIGKILL : SIGTERM);
	run->deadline_ms = ms_clock_ms() + GRACE_MS;
	run->asked = true;
}

static void
look_for_end(struct hook_run *run)
{
	pid_t pid = waitpid(run->pid, &run->status, WNOHANG);

	/* A caller that does not want to know of its children is told no
	 * status. */
	if (pid < 0 && errno != EINTR)
		run->status = -1;
	run->ended = pid == run->pid || (pid < 0 && errno != EINTR);
}

/* One round: wait for something, and take it. */
static void
step(struct hook_run *run)
{
	struct pollfd fds[] = {
		{ .fd = run->out, .events = POLLIN },
		{ .fd = run->errors, .events = POLLIN },
		{ .fd = run->end, .events = POLLIN },
	};
	int64_t left = run->deadline_ms - ms_clock_ms();

	if (left <= 0) {
		end_group(run);
		return;
	}
	if (run->end < 0)
		left = MIN(left, TICK_MS);
	if (poll(fds, 3, (int)MIN(left, INT_MAX)) < 0)
		return;
	if (fds[0].revents)
		(void)drain(&run->out, run->output, run->output_max);
	if (fds[1].revents)
		(void)drain(&run->errors, run->complaints, ERRORS_MAX);
	if (run->end < 0 || fds[2].revents)
		look_for_end(run);
}

/* What it wrote before it ended; whoever else has the pipes is not waited
 * for. */
static void
finish(int *fd, GString *into, size_t max)
{
	if (*fd < 0)
		return;
	if (fcntl(*fd, F_SETFL, O_NONBLOCK) == 0)
		/* A pipe's worth: others may write for ever. */
		for (int i = 0; i < 16 && drain(fd, into, max); i++)
			;
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static void
take(struct hook_run *run, struct ms_hook_result *result)
{
	finish(&run->out, run->output, run->output_max);
	finish(&run->errors, run->complaints, ERRORS_MAX);
	if (run->end >= 0)
		(void)close(run->end);
	result->timed_out = run->asked;
	result->exit_status = run->status != -1 && WIFEXITED(run->status) ?
	    WEXITSTATUS(run->status) : -1;
	result->signal = run->status != -1 && WIFSIGNALED(run->status) ?
	    WTERMSIG(run->status) : 0;
	result->output_size = run->output->len;
	result->output = g_string_free(run->output, FALSE);
	result->errors = g_string_free(run->complaints, FALSE);
}

enum ms_status
ms_hook_run(const struct ms_hook *hook, struct ms_hook_result *result,
    struct ms_error *err)
{
	struct hook_run run = { .out = -1, .errors = -1, .end = -1,
		.output_max = hook->output_max };
	enum ms_status status;

	*result = (struct ms_hook_result){ .exit_status = -1 };
	if (!g_path_is_absolute(hook->argv[0]))
		return ms_error_set(err, MS_E_USAGE, "%s: the whole path of "
		    "the program is wanted", hook->argv[0]);
	run.deadline_ms = ms_clock_ms() + hook->timeout_ms;
	status = start(hook, &run, err);
	if (status != MS_OK)
		return status;
	run.output = g_string_new(NULL);
	run.complaints = g_string_new(NULL);
	while (!run.ended)
		step(&run);
	take(&run, result);
	return MS_OK;
}

void
ms_hook_result_clear(struct ms_hook_result *result)
{
	g_clear_pointer(&result->output, g_free);
	g_clear_pointer(&result->errors, g_free);
}

enum ms_status
ms_hook_succeeded(const struct ms_hook *hook,
    const struct ms_hook_result *result, struct ms_error *err)
{
	const char *program = hook->argv[0];
	char **lines;

	if (result->exit_status == 0 && !result->timed_out)
		return MS_OK;
	if (result->timed_out)
		(void)ms_error_set(err, MS_E_PEER, "%s: not done after "
		    "%" G_GINT64_FORMAT " s", program,
		    hook->timeout_ms / 1000);
	else if (result->signal != 0)
		(void)ms_error_set(err, MS_E_PEER, "%s: ended by signal %d",
		    program, result->signal);
	else
		(void)ms_error_set(err, MS_E_PEER, "%s: exit status %d",
		    program, result->exit_status);
	lines = g_strsplit(result->errors ? result->errors : "", "\n", 2);
	if (err && lines[0] && lines[0][0] != '\0') {
		size_t used = strlen(err->text);

		(void)g_snprintf(err->text + used, sizeof err->text - used,
		    ": %s", lines[0]);
	}
	g_strfreev(lines);
	return MS_E_PEER;
}

enum ms_status
ms_hook_input(const void *data, size_t size, int *fd, struct ms_error *err)
{
	*fd = memfd_create("mailscan-input", MFD_CLOEXEC);
	if (*fd >= 0 && ms_write(*fd, data, size) == MS_OK &&
	    lseek(*fd, 0, SEEK_SET) == 0)
		return MS_OK;
	(void)ms_error_errno(err, "what a program is to read");
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	return MS_E_IO;
}
