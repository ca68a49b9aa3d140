#ifndef MS_TASKS_TEST_H
#define MS_TASKS_TEST_H

#include "pool/child.h"
#include "report/jsonl.h"
#include "serve/control.h"
#include "serve/task.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* A process that does tasks, and its master and front, which are the test. */
struct tasks {
	int pid, control, front;
	unsigned char block[MS_FRAME_MAX];
};

static size_t
tasks_hear(struct tasks *t, int socket)
{
	struct pollfd wait = { .fd = socket, .events = POLLIN };
	size_t got;
	int fd;

	assert_int_equal(poll(&wait, 1, 20000), 1);
	assert_int_equal(ms_frame_receive(socket, t->block, sizeof t->block,
	    &got, &fd), MS_OK);
	assert_int_equal(fd, -1);
	return got;
}

/* What it says first. */
static enum ms_control
tasks_begin(struct tasks *t, int (*body)(void *arg, int control), void *arg)
{
	const struct ms_child child = { .body = body, .arg = arg, .log = -1 };
	enum ms_control order;
	struct ms_error err;
	size_t got;
	char *text;

	t->front = -1;
	assert_int_equal(ms_child_start(&child, &t->control, &t->pid, &err),
	    MS_OK);
	got = tasks_hear(t, t->control);
	assert_int_equal(ms_control_read(t->block, got, &order, &text), MS_OK);
	g_free(text);
	return order;
}

static void
tasks_introduce(struct tasks *t)
{
	struct ms_error err;
	int pair[2];

	assert_int_equal(ms_child_pair(pair, &err), MS_OK);
	if (t->front >= 0)
		(void)close(t->front);
	t->front = pair[0];
	assert_int_equal(ms_control_send(t->control, MS_CONTROL_PEER, "front",
	    pair[1]), MS_OK);
	(void)close(pair[1]);
}

/* Its exit status. */
static int
tasks_end(struct tasks *t)
{
	int status;

	(void)ms_control_send(t->control, MS_CONTROL_END, NULL, -1);
	if (t->front >= 0)
		(void)close(t->front);
	assert_int_equal(waitpid(t->pid, &status, 0), t->pid);
	(void)close(t->control);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
tasks_bytes(const char *text, size_t size)
{
	const int fd = memfd_create("test", MFD_CLOEXEC);

	assert_int_equal(write(fd, text, size), size);
	return fd;
}

static void
tasks_send(struct tasks *t, GByteArray *frame, int fd)
{
	struct ms_error err;

	assert_int_equal(ms_frame_send(t->front, frame, fd, &err), MS_OK);
	g_byte_array_unref(frame);
	(void)close(fd);
}

/* Ask for something with the message BODY (NULL: none) of OUTCOME. */
static void
tasks_ask(struct tasks *t, uint64_t id, const char *body,
    const struct ms_outcome *outcome, const struct ms_task_words *words)
{
	static const struct ms_report_options options = { .parts = false };
	struct ms_error err;
	char *note = ms_jsonl_line(outcome, &options, &err);

	if (body)
		tasks_send(t, ms_task_body(id, strlen(body)),
		    tasks_bytes(body, strlen(body)));
	tasks_send(t, ms_task_note(id, strlen(note), words),
	    tasks_bytes(note, strlen(note)));
	g_free(note);
}

/* The text of the answer to ID, for g_free(). */
static char *
tasks_answer(struct tasks *t, uint64_t id, bool *good)
{
	const size_t got = tasks_hear(t, t->front);
	uint64_t number;
	char *text;

	assert_int_equal(ms_task_read_done(t->block, got, &number, good,
	    &text), MS_OK);
	assert_int_equal(number, id);
	return text;
}

/* An outcome for the message BODY. */
static struct ms_outcome *
tasks_outcome(const char *body)
{
	struct ms_message message = {
		.origin = { .format = "smtp", .delivered = -1 },
		.size = strlen(body),
		.sha256 = ms_hash_of(body, strlen(body)),
	};
	struct ms_outcome *outcome;

	message.origin.source = g_strdup("smtp");
	outcome = ms_outcome_new(&message);
	g_free(message.origin.source);
	outcome->envelope = ms_envelope_new("a@example.org");
	ms_envelope_add(outcome->envelope, "b@example.org");
	ms_facts_finding(&outcome->facts, "clamav", "Bad.One", "1");
	outcome->verdict = ms_verdict_of(&outcome->facts);
	return outcome;
}

#endif
