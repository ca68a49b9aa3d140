#include "pool/counter.h"

#include "base/clock.h"
#include "net/listen.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* The service that the test is, in a thread of its own: it says for each
 * message what its size stands for. */
enum {
	PASSES = 1, REJECTS, REWRITES, REFUSES, FORGETS, STRANGE, UNSEEN,
	SKIPS, OF_ANOTHER, SILENT
};

struct service {
	char dir[64], address[100];
	unsigned forgotten;	/* messages */
	GArray *fds;
	pthread_t thread;
};

static void
send_to(int fd, GByteArray *frame, int beside)
{
	struct ms_error err;

	(void)ms_frame_send(fd, frame, beside, &err);
	g_byte_array_unref(frame);
}

static void
send_facts(int fd, uint64_t id)
{
	const struct ms_errand_done done = { .id = id,
		.verdict = MS_VERDICT_INFECTED };
	GByteArray *finding = ms_frame_finding(
	    MS_FINDING_MALWARE, "clamav", "Bad", "1");

	send_to(fd, ms_errand_fact(id, finding), -1);
	g_byte_array_unref(finding);
	send_to(fd, ms_errand_done(&done), -1);
}

static void
rule(int fd, uint64_t id, uint64_t how)
{
	char *none[] = { NULL };
	struct ms_errand_ruling ruling = { .id = how == OF_ANOTHER ? id + 1 :
		id, .names = none, .fields = none,
		.verdict = how == SKIPS ? MS_VERDICT_SKIPPED :
		MS_VERDICT_CLEAN };
	int body = -1;

	if (how != UNSEEN && how != SKIPS)
		send_facts(fd, id);
	if (how == REJECTS) {
		ruling.action = MS_ACTION_REJECT;
		ruling.reply = (char *)(uintptr_t)"550 no";
	}
	if (how == REWRITES) {
		body = memfd_create("test", MFD_CLOEXEC);
		assert_int_equal(write(body, "new", 3), 3);
		ruling.rewritten = true;
		ruling.size = 3;
	}
	send_to(fd, ms_errand_ruling(&ruling), body);
	if (body >= 0)
		(void)close(body);
}

/* About senders something is known, about recipients nothing is said, and the
 * rest is nonsense. */
static bool
answer_gate(int fd, const struct ms_errand_gate *gate)
{
	const struct ms_errand_gated gated = {
		.id = gate->whom == MS_ERRAND_NOBODY ? 99 : gate->id,
		.senders = true,
		.reply = (char *)(uintptr_t)"550 no",
	};

	if (gate->whom == MS_ERRAND_RECIPIENT)
		return false;
	send_to(fd, ms_errand_gated(&gated), -1);
	return true;
}

/* One client. */
static void
attend(struct service *s, int fd)
{
	static unsigned char block[MS_FRAME_MAX];
	struct ms_errand_gate gate;
	struct ms_errand_scan scan;
	size_t got;
	int body;

	while (ms_frame_receive(fd, block, sizeof block, &got, &body) ==
	    MS_OK) {
		if (body >= 0)
			(void)close(body);
		if (ms_errand_read_gate(block, got, &gate) == MS_OK &&
		    !answer_gate(fd, &gate))
			break;
		if (ms_errand_read_scan(block, got, &scan) != MS_OK)
			continue;
		if (scan.size == FORGETS && s->forgotten++ != 2)
			break;
		if (scan.size == FORGETS)
			scan.size = PASSES;
		if (scan.size == REFUSES)
			send_to(fd, ms_errand_refused(scan.id, "busy"), -1);
		else if (scan.size == STRANGE)
			send_to(fd, ms_errand_kept(scan.id, true, "x"), -1);
		else if (scan.size != SILENT)
			rule(fd, scan.id, scan.size);
	}
	(void)close(fd);
}

static void *
serve(void *arg)
{
	struct service *s = arg;
	int fd;

	/* It ends when the test closes the listener. */
	while ((fd = accept(g_array_index(s->fds, int, 0), NULL, NULL)) >= 0)
		attend(s, fd);
	return NULL;
}

static void
set_up(struct service *s)
{
	struct ms_listen_config listen = { .mode = 0600, .packets = true };
	struct ms_error err = { "" };
	int fd, flags;

	s->forgotten = 0;
	s->fds = g_array_new(FALSE, FALSE, sizeof(int));
	(void)g_strlcpy(s->dir, "/tmp/mailscan-counter-XXXXXX",
	    sizeof s->dir);
	assert_non_null(mkdtemp(s->dir));
	(void)snprintf(s->address, sizeof s->address, "unix:%s/s", s->dir);
	listen.address = s->address;
	assert_int_equal(ms_listen_open(&listen, s->fds, &err), MS_OK);
	fd = g_array_index(s->fds, int, 0);
	flags = fcntl(fd, F_GETFL);
	assert_int_equal(fcntl(fd, F_SETFL, flags & ~O_NONBLOCK), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void
tear_down(struct service *s)
{
	const int fd = g_array_index(s->fds, int, 0);

	(void)shutdown(fd, SHUT_RDWR);
	assert_int_equal(pthread_join(s->thread, NULL), 0);
	(void)close(fd);
	g_array_unref(s->fds);
	ms_listen_remove(s->address);
	assert_int_equal(rmdir(s->dir), 0);
}

/* Ask about a message that stands for HOW. */
static enum ms_status
ask(struct ms_counter *counter, uint64_t how, struct ms_counter_reply *reply,
    struct ms_error *err)
{
	struct ms_envelope *envelope = ms_envelope_new("a@b");
	const struct ms_counter_question question = {
		.fd = memfd_create("test", MFD_CLOEXEC),
		.size = how,
		.door = "test",
		.envelope = envelope,
		.deadline_ms = ms_clock_ms() + (how == SILENT ? 50 : 5000),
	};
	const enum ms_status status = ms_counter_ask(counter, &question,
	    reply, err);

	(void)close(question.fd);
	ms_envelope_free(envelope);
	return status;
}

static void
test_rulings(void **state)
{
	struct ms_counter_reply reply;
	struct ms_counter *counter;
	struct service s;
	struct ms_error err = { "" };
	char text[4] = "";

	(void)state;
	set_up(&s);
	assert_int_equal(ms_counter_open(s.address, ms_clock_ms() + 5000,
	    &counter, &err), MS_OK);
	assert_int_equal(ask(counter, PASSES, &reply, &err), MS_OK);
	assert_int_equal(reply.ruling.action, MS_ACTION_PASS);
	assert_true(reply.scanned);
	assert_int_equal(reply.facts.findings->len, 1);
	assert_int_equal(reply.rewritten, -1);
	ms_counter_reply_clear(&reply);
	assert_int_equal(ask(counter, REJECTS, &reply, &err), MS_OK);
	assert_string_equal(reply.ruling.reply, "550 no");
	ms_counter_reply_clear(&reply);
	assert_int_equal(ask(counter, SKIPS, &reply, &err), MS_OK);
	assert_false(reply.scanned);
	ms_counter_reply_clear(&reply);
	assert_int_equal(ask(counter, REWRITES, &reply, &err), MS_OK);
	assert_int_equal(reply.ruling.size, 3);
	assert_int_equal(pread(reply.rewritten, text, 3, 0), 3);
	assert_string_equal(text, "new");
	ms_counter_reply_clear(&reply);
	ms_counter_close(counter);
	tear_down(&s);
}

/* Nothing that goes wrong is leave to deliver a message. */
static void
test_failures(void **state)
{
	static const struct {
		uint64_t how;
		const char *why;
	} rows[] = {
		{ REFUSES, "the service does not take the message: busy" },
		{ FORGETS, "the service went away" },
		{ STRANGE, "nonsense" },
		{ UNSEEN, "nonsense" },
		{ OF_ANOTHER, "nonsense" },
		{ SILENT, "takes too long" },
	};
	struct ms_counter_reply reply;
	struct ms_counter *counter;
	struct service s;
	struct ms_error err = { "" };

	(void)state;
	set_up(&s);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		assert_int_equal(ms_counter_open(s.address,
		    ms_clock_ms() + 5000, &counter, &err), MS_OK);
		assert_int_equal(ask(counter, rows[i].how, &reply, &err),
		    MS_E_PEER);
		if (!strstr(err.text, rows[i].why))
			fail_msg("%s: %s", rows[i].why, err.text);
		ms_counter_close(counter);
	}
	tear_down(&s);
}

/* Who is forgotten comes again. */
static void
test_again(void **state)
{
	struct ms_envelope *envelope = ms_envelope_new("a@b");
	struct ms_counter_question question = {
		.fd = memfd_create("test", MFD_CLOEXEC), .size = FORGETS,
		.door = "test", .envelope = envelope,
		.deadline_ms = ms_clock_ms() + 10000 };
	struct ms_counter_reply reply;
	struct service s;
	struct ms_error err = { "" };

	(void)state;
	set_up(&s);
	assert_int_equal(ms_counter_once(s.address, &question, &reply, &err),
	    MS_OK);
	assert_int_equal(s.forgotten, 3);
	assert_int_equal(reply.ruling.action, MS_ACTION_PASS);
	ms_counter_reply_clear(&reply);
	/* But not what was refused. */
	question.size = REFUSES;
	assert_int_equal(ms_counter_once(s.address, &question, &reply, &err),
	    MS_E_PEER);
	tear_down(&s);
	question.size = PASSES;
	assert_int_equal(ms_counter_once(s.address, &question, &reply, &err),
	    MS_E_PEER);
	(void)close(question.fd);
	ms_envelope_free(envelope);
}

static void
test_gate(void **state)
{
	struct ms_envelope *envelope = ms_envelope_new("a@b");
	const struct ms_counter_question question = { .fd = -1,
		.door = "test", .envelope = envelope,
		.deadline_ms = ms_clock_ms() + 10000 };
	struct ms_errand_gated gated;
	struct service s;
	struct ms_error err = { "" };

	(void)state;
	set_up(&s);
	assert_int_equal(ms_counter_gate(s.address, &question,
	    MS_ERRAND_SENDER, &gated, &err), MS_OK);
	assert_true(gated.senders);
	assert_string_equal(gated.reply, "550 no");
	g_free(gated.reply);
	assert_int_equal(ms_counter_gate(s.address, &question,
	    MS_ERRAND_RECIPIENT, &gated, &err), MS_E_PEER);
	assert_int_equal(ms_counter_gate(s.address, &question,
	    MS_ERRAND_NOBODY, &gated, &err), MS_E_PEER);
	assert_null(gated.reply);
	tear_down(&s);
	assert_int_equal(ms_counter_gate(s.address, &question,
	    MS_ERRAND_SENDER, &gated, &err), MS_E_PEER);
	ms_envelope_free(envelope);
}

static void
test_nobody(void **state)
{
	struct ms_counter *counter;
	struct ms_error err;

	(void)state;
	assert_int_equal(ms_counter_open("unix:/nowhere/at/all",
	    ms_clock_ms() + 50, &counter, &err), MS_E_PEER);
	assert_int_equal(ms_counter_open("127.0.0.1:1", ms_clock_ms() + 50,
	    &counter, &err), MS_E_USAGE);
	assert_int_equal(ms_counter_open("", ms_clock_ms() + 50, &counter,
	    &err), MS_E_USAGE);
	ms_counter_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rulings),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_gate),
		cmocka_unit_test(test_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
