#include "serve/runner.h"

#include "action/hook.h"
#include "base/clock.h"
#include "pool/child.h"
#include "report/readback.h"
#include "serve/clerk.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A program that runs, in the care of a process of its own. */
struct run {
	int pid;		/* 0: this place is free */
	int socket;
	uint64_t front, id;	/* who wants to know, and of what */
	bool answered;
};

struct runner {
	const struct ms_runner_config *config;
	struct ms_clerk *clerk;
	struct run runs[MS_RUNNER_MAX];
	unsigned running;
	unsigned char *block;	/* MS_FRAME_MAX bytes */
	struct ms_mailer_rate rate;
};

/* What that process is for. */
struct care {
	const struct ms_runner_config *config;
	const struct ms_task *task;
	bool mails;		/* notices may be sent */
};

static enum ms_status
run_program(const struct care *care, const struct ms_outcome *outcome,
    struct ms_error *err)
{
	char **environment = ms_hookenv(&care->config->environment, outcome,
	    &care->task->words);
	const struct ms_hook hook = {
		.argv = care->config->argv,
		.input = care->task->note,
		.timeout_ms = care->config->timeout_ms,
		.environment = (const char *const *)environment,
	};
	struct ms_hook_result result;
	enum ms_status status;

	(void)lseek(hook.input, 0, SEEK_SET);
	status = ms_hook_run(&hook, &result, err);
	if (status == MS_OK) {
		status = ms_hook_succeeded(&hook, &result, err);
		ms_hook_result_clear(&result);
	}
	g_strfreev(environment);
	return status;
}

/* Each of these: TEXT says how it has ended. */
static bool
tell_program(const struct care *care, const struct ms_outcome *outcome,
    GString *text)
{
	struct ms_error err = { "" };
	const bool good = run_program(care, outcome, &err) == MS_OK;

	g_string_append_printf(text, "program: %s%s", good ?
	    "exit status 0" : "failed: ", good ? "" : err.text);
	return good;
}

static bool
tell_people(const struct care *care, const struct ms_outcome *outcome,
    GString *text)
{
	const struct ms_mailer_config *mailer = &care->config->mailer;
	struct ms_error err = { "" };
	unsigned count = 0;
	bool good;

	if (!care->mails) {
		g_string_append_printf(text, "notices: not sent: more than %u "
		    "messages in a minute", mailer->minute_max);
		return false;
	}
	good = ms_mailer_send(mailer, care->task, outcome,
	    care->config->timeout_ms, &count, &err) == MS_OK;
	g_string_append_printf(text, "notices: %u sent%s%s", count,
	    good ? "" : ", failed: ", good ? "" : err.text);
	return good;
}

static bool
tell_listeners(const struct care *care, const char *note, size_t size,
    GString *text)
{
	struct ms_error err = { "" };
	const bool good = ms_herald_send(&care->config->herald, note, size,
	    &err) == MS_OK;

	g_string_append_printf(text, "datagram: %s%s", good ? "sent" :
	    "failed: ", good ? "" : err.text);
	return good;
}

/* One after the other. */
static bool
tell_of(const struct care *care, const struct ms_outcome *outcome,
    const char *note, size_t size, GString *text)
{
	bool good = true;

	if (care->config->argv)
		good &= tell_program(care, outcome, text);
	if (care->config->mailer.sendmail) {
		g_string_append(text, text->len > 0 ? "; " : "");
		good &= tell_people(care, outcome, text);
	}
	if (care->config->herald.address) {
		g_string_append(text, text->len > 0 ? "; " : "");
		good &= tell_listeners(care, note, size, text);
	}
	return good;
}

bool
ms_runner_tell(const struct ms_runner_config *config,
    const struct ms_task *task, bool mails, GString *text)
{
	const struct care care = { config, task, mails };
	struct ms_readback_item item = { .kind = MS_READBACK_NOTICE };
	struct ms_error err = { "" };
	bool good = false;
	char *note = NULL;
	size_t size;
	enum ms_status status = ms_clerk_read_note(task, &note, &size, &err);

	if (status == MS_OK) {
		status = ms_readback_parse(note, size, &item, &err);
		if (status >= 0 && item.kind != MS_READBACK_MESSAGE)
			status = ms_error_set(&err, MS_E_PEER, "the note says "
			    "nothing");
	}
	if (status == MS_OK)
		good = tell_of(&care, item.outcome, note, size, text);
	else
		g_string_append(text, err.text);
	ms_readback_item_clear(&item);
	g_free(note);
	return good;
}

/* Is the recipient one whose mail is thrown away? */
static bool
ask_about(const struct care *care, GString *text)
{
	struct ms_error err = { "there is no program to ask" };
	const enum ms_status status = !care->config->hole.argv ? MS_E_USAGE :
	    ms_hole(&care->config->hole, care->task->words.recipient, &err);

	if (status < 0)
		g_string_append(text, err.text);
	return status == MS_OK;
}

static int
take_care(void *arg, int socket)
{
	const struct care *care = arg;
	GString *text = g_string_new(NULL);
	struct ms_error err = { "" };
	const bool good = care->task->words.recipient ?
	    ask_about(care, text) :
	    ms_runner_tell(care->config, care->task, care->mails, text);
	GByteArray *frame = ms_task_done(care->task->id, good, text->str);
	const enum ms_status status = ms_frame_send(socket, frame, -1, &err);

	(void)g_string_free(text, TRUE);
	g_byte_array_unref(frame);
	return status == MS_OK ? 0 : 1;
}

static void
begin(struct runner *r, const struct ms_task *task)
{
	struct care care = { r->config, task, !task->words.recipient &&
		r->config->mailer.sendmail &&
		ms_mailer_may(&r->config->mailer, &r->rate, ms_clock_ms()) };
	const int fds[] = { task->note, task->body };
	const struct ms_child child = { take_care, &care, fds,
		task->body < 0 ? 1 : 2, -1 };
	struct run *run = r->runs;
	struct ms_error err;

	while (run->pid != 0)
		run++;
	*run = (struct run){ .front = ms_clerk_front(r->clerk),
		.id = task->id };
	if (ms_child_start(&child, &run->socket, &run->pid, &err) != MS_OK) {
		ms_clerk_answer(r->clerk, run->front, run->id, false,
		    err.text);
		run->pid = 0;
		return;
	}
	r->running++;
}

/* RUN has something to say, or is over. */
static void
hear(struct runner *r, struct run *run)
{
	size_t got;
	int fd;
	enum ms_status status = ms_frame_receive(run->socket, r->block,
	    MS_FRAME_MAX, &got, &fd);
	char *text;
	uint64_t id;
	bool good;

	if (fd >= 0)
		(void)close(fd);
	if (status == MS_E_IO && (errno == EAGAIN || errno == EINTR))
		return;
	if (status == MS_OK && ms_task_read_done(r->block, got, &id, &good,
	    &text) == MS_OK) {
		ms_clerk_answer(r->clerk, run->front, run->id, good, text);
		run->answered = true;
		g_free(text);
		return;
	}
	if (!run->answered)
		ms_clerk_answer(r->clerk, run->front, run->id, false,
		    "whoever was to run it died");
	(void)close(run->socket);
	while (waitpid(run->pid, NULL, 0) < 0 && errno == EINTR)
		;
	run->pid = 0;
	r->running--;
}

static void
list_runs(const struct runner *r, struct pollfd fds[MS_RUNNER_MAX])
{
	for (size_t i = 0; i < MS_RUNNER_MAX; i++)
		fds[i] = (struct pollfd){ .events = POLLIN,
			.fd = r->runs[i].pid != 0 ? r->runs[i].socket : -1 };
}

static void
hear_runs(struct runner *r, const struct pollfd fds[MS_RUNNER_MAX])
{
	for (size_t i = 0; i < MS_RUNNER_MAX; i++)
		if (fds[i].revents && r->runs[i].pid != 0)
			hear(r, &r->runs[i]);
}

/* Wait for what is next; false: nothing will be. */
static bool
step(struct runner *r)
{
	struct pollfd fds[MS_RUNNER_MAX];
	enum ms_status status;
	struct ms_task task;

	list_runs(r, fds);
	ms_task_init(&task);
	status = ms_clerk_wait(r->clerk, r->running < MS_RUNNER_MAX, fds,
	    MS_RUNNER_MAX, &task);
	if (task.id != 0)
		begin(r, &task);
	ms_task_clear(&task);
	hear_runs(r, fds);
	return status == MS_OK;
}

static void
finish(struct runner *r)
{
	struct pollfd fds[MS_RUNNER_MAX];

	while (r->running > 0) {
		list_runs(r, fds);
		if (poll(fds, MS_RUNNER_MAX, -1) > 0)
			hear_runs(r, fds);
	}
}

int
ms_runner_run(void *arg, int control)
{
	struct runner r = { .config = arg };

	r.block = g_malloc(MS_FRAME_MAX);
	r.clerk = ms_clerk_new(control, "");
	while (step(&r))
		;
	finish(&r);
	ms_clerk_free(r.clerk);
	g_free(r.block);
	return 0;
}
