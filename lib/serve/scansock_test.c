#include "serve/scansock.h"

#include "net/listen.h"
#include "net/timer.h"
#include "pool/child.h"
#include "pool/errand.h"
#include "serve/poison.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* A scan socket, its client, and the scanner, both of which the test is. */
struct bench {
	struct ms_loop *loop;
	struct ms_inquiry *inquiry;
	struct ms_metrics *metrics;
	struct ms_rules rules;
	struct ms_poison *poison;
	char **names;
	struct ms_case_config config;
	struct ms_scansock *sock;
	char dir[64], address[100];
	GArray *fds;
	int client, scanner;
	unsigned char block[MS_FRAME_MAX];
};

static int
knock(const struct bench *b)
{
	const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
	struct ms_endpoint there;

	ms_endpoint_ask(&there, g_array_index(b->fds, int, 0), false);
	assert_int_equal(connect(fd, &there.u.any, there.size), 0);
	return fd;
}

static void
set_up(struct bench *b)
{
	const struct ms_inquiry_config config = { 100, 10000, 10000,
		false };
	struct ms_listen_config listen = { .mode = 0660, .packets = true };
	struct ms_error err = { "" };
	struct stat st;
	int pair[2];

	*b = (struct bench){ .fds = g_array_new(FALSE, FALSE, sizeof(int)) };
	(void)g_strlcpy(b->dir, "/tmp/mailscan-scansock-XXXXXX",
	    sizeof b->dir);
	assert_non_null(mkdtemp(b->dir));
	(void)snprintf(b->address, sizeof b->address, "unix:%s/s", b->dir);
	listen.address = b->address;
	assert_int_equal(ms_loop_new(&b->loop, &err), MS_OK);
	if (ms_listen_open(&listen, b->fds, &err) != MS_OK)
		fail_msg("%s", err.text);
	assert_int_equal(stat(b->address + 5, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_int_equal(ms_metrics_new(&b->metrics, &err), MS_OK);
	b->inquiry = ms_inquiry_new(b->loop, &config);
	b->poison = ms_poison_new();
	assert_false(ms_inquiry_is_answered(b->inquiry));
	assert_int_equal(ms_child_pair(pair, &err), MS_OK);
	ms_inquiry_peer(b->inquiry, pair[1]);
	assert_true(ms_inquiry_is_answered(b->inquiry));
	b->scanner = pair[0];
	ms_decide_init(&b->rules);
	b->config = (struct ms_case_config){ .loop = b->loop,
		.inquiry = b->inquiry, .poison = b->poison,
		.ruling = { .rules = &b->rules, .hostname = "gate.test",
		    .marking = { MS_MARKING_USUAL, true,
		    MS_MARKING_MODERN } },
		.metrics = b->metrics };
	b->names = ms_marking_names(&b->config.ruling.marking);
	b->config.ruling.names = (const char *const *)b->names;
	b->sock = ms_scansock_new(&b->config, g_array_index(b->fds, int, 0));
	b->client = knock(b);
}

static void
tear_down(struct bench *b)
{
	ms_scansock_free(b->sock);
	ms_poison_free(b->poison);
	ms_decide_clear(&b->rules);
	g_strfreev(b->names);
	ms_inquiry_free(b->inquiry);
	ms_loop_free(b->loop);
	ms_metrics_free(b->metrics);
	(void)close(b->client);
	(void)close(b->scanner);
	(void)close(g_array_index(b->fds, int, 0));
	ms_listen_remove(b->address);
	g_array_unref(b->fds);
	assert_int_equal(rmdir(b->dir), 0);
}

static void
on_stop(void *arg)
{
	ms_loop_stop(arg);
}

static void
settle(struct bench *b)
{
	struct ms_timer *timer = ms_timer_new(b->loop, on_stop, b->loop);
	struct ms_error err;

	ms_timer_set(timer, 30);
	assert_int_equal(ms_loop_run(b->loop, &err), MS_OK);
	ms_timer_free(timer);
}

static void
ask(const struct bench *b, uint64_t id, uint64_t size, bool with)
{
	const struct ms_errand_scan scan = { .id = id, .size = size };
	GByteArray *frame = ms_errand_scan(&scan);
	const int fd = memfd_create("test", MFD_CLOEXEC);
	struct ms_error err;

	assert_int_equal(write(fd, "mail", 4), 4);
	assert_int_equal(ms_frame_send(b->client, frame, with ? fd : -1,
	    &err), MS_OK);
	(void)close(fd);
	g_byte_array_unref(frame);
}

/* The type of what came over SOCKET, into BLOCK; 0: nothing. */
static enum ms_errand_type
hear(struct bench *b, int socket, size_t *got)
{
	int fd;

	if (ms_frame_receive(socket, b->block, sizeof b->block, got, &fd) !=
	    MS_OK)
		return 0;
	if (fd >= 0)
		(void)close(fd);
	return ms_errand_type(b->block, *got);
}

static void
say(const struct bench *b, GByteArray *frame)
{
	struct ms_error err;

	assert_int_equal(ms_frame_send(b->scanner, frame, -1, &err), MS_OK);
	g_byte_array_unref(frame);
}

/* The number under which the scanner gets the next message. */
static uint64_t
scanner_gets(struct bench *b)
{
	struct ms_errand_scan scan;
	size_t got;

	assert_int_equal(hear(b, b->scanner, &got), MS_ERRAND_SCAN);
	assert_int_equal(ms_errand_read_scan(b->block, got, &scan), MS_OK);
	assert_int_equal(scan.size, 4);
	return scan.id;
}

static void
scanner_says(struct bench *b, uint64_t number, const char *name)
{
	struct ms_errand_done done = { .id = number, .deaths = 1,
		.verdict = name ? MS_VERDICT_INFECTED : MS_VERDICT_CLEAN };
	GByteArray *frame;

	done.sha256.bytes[0] = 7;
	if (name) {
		frame = ms_frame_finding(MS_FINDING_MALWARE, "test", name, "2");
		say(b, ms_errand_fact(number, frame));
		g_byte_array_unref(frame);
	}
	say(b, ms_errand_done(&done));
}

static void
test_scan(void **state)
{
	struct bench b;
	struct ms_facts facts;
	struct ms_errand_done done;
	const unsigned char *frame;
	uint64_t id, first, second;
	size_t got, size;

	(void)state;
	set_up(&b);
	ask(&b, 55, 4, true);
	ask(&b, 66, 4, true);
	settle(&b);
	first = scanner_gets(&b);
	second = scanner_gets(&b);
	scanner_says(&b, second, "Bad.One");
	scanner_says(&b, first, NULL);
	settle(&b);
	ms_facts_init(&facts);
	while (hear(&b, b.client, &got) == MS_ERRAND_FACT) {
		assert_int_equal(ms_errand_read_fact(b.block, got, &id,
		    &frame, &size), MS_OK);
		assert_int_equal(id, 66);
		assert_int_equal(ms_frame_read_fact(frame, size, &facts),
		    MS_OK);
	}
	assert_int_equal(facts.findings->len, 1);
	ms_facts_clear(&facts);
	assert_int_equal(ms_errand_read_done(b.block, got, &done), MS_OK);
	assert_int_equal(done.id, 66);
	assert_int_equal(done.verdict, MS_VERDICT_INFECTED);
	assert_int_equal(done.deaths, 1);
	assert_int_equal(done.sha256.bytes[0], 7);
	do
		assert_int_not_equal(hear(&b, b.client, &got), 0);
	while (ms_errand_type(b.block, got) == MS_ERRAND_FACT);
	assert_int_equal(ms_errand_read_done(b.block, got, &done), MS_OK);
	assert_int_equal(done.id, 55);
	assert_int_equal(done.verdict, MS_VERDICT_CLEAN);
	tear_down(&b);
}

static void
on_gone(void *arg)
{
	(*(unsigned *)arg)++;
}

/* What was sent is answered, nothing more is taken, and who waits for nothing
 * is let go. */
static void
test_retires(void **state)
{
	struct bench b;
	unsigned gone = 0;
	uint64_t first, second;
	size_t got;
	int idle;

	(void)state;
	set_up(&b);
	idle = knock(&b);
	ask(&b, 55, 4, true);
	settle(&b);
	first = scanner_gets(&b);
	/* It is in the socket. */
	ask(&b, 66, 4, true);
	ms_scansock_retire(b.sock, on_gone, &gone);
	settle(&b);
	second = scanner_gets(&b);
	assert_int_equal(read(idle, b.block, 1), 0);
	(void)close(idle);
	assert_int_equal(send(b.client, "x", 1, MSG_NOSIGNAL), -1);
	scanner_says(&b, second, NULL);
	settle(&b);
	assert_false(ms_scansock_is_empty(b.sock));
	assert_int_equal(gone, 0);
	scanner_says(&b, first, NULL);
	settle(&b);
	for (unsigned done = 0; done < 2; )
		done += hear(&b, b.client, &got) == MS_ERRAND_DONE;
	assert_int_equal(read(b.client, b.block, 1), 0);
	assert_true(ms_scansock_is_empty(b.sock));
	assert_int_equal(gone, 1);
	tear_down(&b);
}

/* What is asked wrongly is refused, and the next question is not. */
static void
test_refused(void **state)
{
	struct bench b;
	uint64_t id;
	size_t got;
	char *why;

	(void)state;
	set_up(&b);
	ask(&b, 1, 4, false);
	ask(&b, 2, 5, true);
	ask(&b, 3, 4, true);
	settle(&b);
	say(&b, ms_errand_refused(scanner_gets(&b), "no"));
	settle(&b);
	for (uint64_t want = 1; want <= 3; want++) {
		assert_int_equal(hear(&b, b.client, &got),
		    MS_ERRAND_REFUSED);
		assert_int_equal(ms_errand_read_refused(b.block, got, &id,
		    &why), MS_OK);
		assert_int_equal(id, want);
		g_free(why);
	}
	tear_down(&b);
}

/* An envelope belongs to the message that comes next; where there is no
 * quarantine that is said, and the verdict as well. */
static void
test_keep(void **state)
{
	struct bench b;
	struct ms_envelope *envelope = ms_envelope_new("a@b");
	struct ms_error err;
	unsigned kept = 0, done = 0;
	size_t got;

	(void)state;
	set_up(&b);
	ms_envelope_add(envelope, "c@d");
	for (uint64_t id = 1; id <= 3; id++) {
		const struct ms_errand_envelope asked = { .keep = true,
			.id = id == 2 ? 99 : id, .envelope = envelope };
		uint32_t told;
		GByteArray *frame = ms_errand_envelope(&asked, &told);

		assert_int_equal(ms_frame_send(b.client, frame, -1, &err),
		    MS_OK);
		g_byte_array_unref(frame);
		ask(&b, id, 4, true);
		settle(&b);
		scanner_says(&b, scanner_gets(&b), id == 3 ? NULL : "Bad");
		settle(&b);
	}
	for (;;) {
		const enum ms_errand_type type = hear(&b, b.client, &got);
		uint64_t id;
		bool good;
		char *text;

		if (type == 0)
			break;
		done += type == MS_ERRAND_DONE;
		if (type != MS_ERRAND_KEPT)
			continue;
		kept++;
		assert_int_equal(ms_errand_read_kept(b.block, got, &id,
		    &good, &text), MS_OK);
		assert_int_equal(id, 1);
		assert_false(good);
		assert_string_equal(text, "there is no quarantine");
		g_free(text);
	}
	assert_int_equal(kept, 1);
	assert_int_equal(done, 3);
	ms_envelope_free(envelope);
	tear_down(&b);
}

/* Hand in a message that came to a door. */
static void
ask_at_door(const struct bench *b, uint64_t id, const char *door)
{
	const struct ms_errand_envelope asked = { .id = id,
		.door = (char *)(uintptr_t)door,
		.envelope = ms_envelope_new("a@b") };
	GByteArray *frame;
	struct ms_error err;
	uint32_t told;

	asked.envelope->client_address = g_strdup("192.0.2.1");
	frame = ms_errand_envelope(&asked, &told);
	assert_int_equal(ms_frame_send(b->client, frame, -1, &err), MS_OK);
	g_byte_array_unref(frame);
	ms_envelope_free(asked.envelope);
	ask(b, id, 4, true);
}

/* Facts, if FACTS are to come, DONE, and the ruling, for the caller to
 * clear. */
static void
hear_ruling(struct bench *b, bool done, struct ms_errand_ruling *ruling)
{
	enum ms_errand_type type;
	size_t got;

	while ((type = hear(b, b->client, &got)) == MS_ERRAND_FACT)
		;
	if (done) {
		assert_int_equal(type, MS_ERRAND_DONE);
		type = hear(b, b->client, &got);
	}
	assert_int_equal(type, MS_ERRAND_RULING);
	assert_int_equal(ms_errand_read_ruling(b->block, got, ruling), MS_OK);
}

/* A message that came to a door is ruled about, whatever becomes of it. */
static void
test_door(void **state)
{
	static const char scanned[] = "X-Virus-Scanned: mailscan " MS_VERSION
	    " at gate.test";
	struct ms_errand_ruling ruling;
	struct bench b;

	(void)state;
	set_up(&b);
	ask_at_door(&b, 1, "queue");
	settle(&b);
	scanner_says(&b, scanner_gets(&b), NULL);
	settle(&b);
	hear_ruling(&b, true, &ruling);
	assert_int_equal(ruling.id, 1);
	assert_int_equal(ruling.action, MS_ACTION_PASS);
	assert_int_equal(g_strv_length(ruling.names), 2);
	assert_string_equal(ruling.names[0], "X-Virus-Scanned");
	assert_int_equal(g_strv_length(ruling.fields), 2);
	assert_string_equal(ruling.fields[0], scanned);
	assert_string_equal(ruling.fields[1], "X-Virus-Status: Clean");
	ms_errand_ruling_clear(&ruling);
	ask_at_door(&b, 2, "queue");
	settle(&b);
	scanner_says(&b, scanner_gets(&b), "Bad.One");
	settle(&b);
	hear_ruling(&b, true, &ruling);
	assert_int_equal(ruling.action, MS_ACTION_REJECT);
	assert_string_equal(ruling.reply, "550 5.7.1 Message refused: "
	    "Bad.One");
	assert_int_equal(g_strv_length(ruling.fields), 0);
	ms_errand_ruling_clear(&ruling);
	/* What was not scanned is deferred. */
	ask_at_door(&b, 3, "queue");
	settle(&b);
	say(&b, ms_errand_refused(scanner_gets(&b), "no"));
	settle(&b);
	hear_ruling(&b, false, &ruling);
	assert_int_equal(ruling.action, MS_ACTION_DEFER);
	assert_string_equal(ruling.what, "no");
	assert_memory_equal(ruling.reply, "451 ", 4);
	ms_errand_ruling_clear(&ruling);
	tear_down(&b);
}

/* What takes a message's place comes along, if the message goes on, and what
 * does not come is nonsense. */
static void
test_rewritten(void **state)
{
	struct ms_errand_done done = { .rewritten = true, .rewritten_size = 3,
		.verdict = MS_VERDICT_CLEAN };
	const int body = memfd_create("test", MFD_CLOEXEC);
	struct ms_errand_ruling ruling;
	struct bench b;
	struct ms_error err;
	char text[4] = "";
	bool seen = false;
	size_t got;
	int fd;

	(void)state;
	set_up(&b);
	assert_int_equal(write(body, "new", 3), 3);
	for (uint64_t i = 1; i <= 2; i++) {
		GByteArray *frame;

		ask_at_door(&b, i, "queue");
		settle(&b);
		done.id = scanner_gets(&b);
		frame = ms_errand_done(&done);
		assert_int_equal(ms_frame_send(b.scanner, frame, i == 1 ?
		    body : -1, &err), MS_OK);
		g_byte_array_unref(frame);
		settle(&b);
		if (i == 2)
			break;
		while (!seen) {
			assert_int_equal(ms_frame_receive(b.client, b.block,
			    sizeof b.block, &got, &fd), MS_OK);
			seen = ms_errand_type(b.block, got) ==
			    MS_ERRAND_RULING;
			assert_int_equal(fd >= 0, seen);
		}
		assert_int_equal(ms_errand_read_ruling(b.block, got, &ruling),
		    MS_OK);
		assert_true(ruling.rewritten);
		assert_int_equal(ruling.size, 3);
		assert_int_equal(pread(fd, text, 3, 0), 3);
		assert_string_equal(text, "new");
		(void)close(fd);
		ms_errand_ruling_clear(&ruling);
	}
	hear_ruling(&b, false, &ruling);
	assert_int_equal(ruling.action, MS_ACTION_DEFER);
	assert_string_equal(ruling.what, "the scanner talks nonsense");
	ms_errand_ruling_clear(&ruling);
	(void)close(body);
	tear_down(&b);
}

/* A policy says who has nothing scanned, and who gets it otherwise. */
static void
test_policy(void **state)
{
	static const char *const from[] = { "a@b", NULL };
	static const char *const lines[] = {
		"b:on-infected=drop,next=/usr/bin/other", NULL };
	const struct ms_policy_config skipping = { .allow_from = from };
	const struct ms_policy_config dropping = { .lines = lines };
	struct ms_policy *policy = NULL, *other = NULL;
	struct ms_errand_ruling ruling;
	struct ms_error err = { "" };
	struct bench b;
	size_t got;

	(void)state;
	set_up(&b);
	if (ms_policy_open(&skipping, &policy, &err) != MS_OK ||
	    ms_policy_open(&dropping, &other, &err) != MS_OK)
		fail_msg("%s", err.text);
	b.config.policy = policy;
	ask_at_door(&b, 1, "queue");
	settle(&b);
	assert_int_equal(hear(&b, b.scanner, &got), 0);
	hear_ruling(&b, false, &ruling);
	assert_int_equal(ruling.action, MS_ACTION_PASS);
	assert_int_equal(ruling.verdict, MS_VERDICT_SKIPPED);
	ms_errand_ruling_clear(&ruling);
	b.config.policy = other;
	ask_at_door(&b, 2, "queue");
	settle(&b);
	scanner_says(&b, scanner_gets(&b), "Bad.One");
	settle(&b);
	hear_ruling(&b, true, &ruling);
	assert_int_equal(ruling.action, MS_ACTION_DROP);
	assert_string_equal(ruling.next, "/usr/bin/other");
	ms_errand_ruling_clear(&ruling);
	tear_down(&b);
	ms_policy_free(policy);
	ms_policy_free(other);
}

/* A door has a name that can stand in a log. */
static void
test_odd_door(void **state)
{
	struct bench b;
	size_t got;

	(void)state;
	set_up(&b);
	ask_at_door(&b, 1, "a=b\n");
	settle(&b);
	assert_int_equal(hear(&b, b.client, &got), 0);
	assert_int_equal(hear(&b, b.scanner, &got), 0);
	tear_down(&b);
}

/* Who talks nonsense is shown the door; who goes away is forgotten, and so is
 * what it asked. */
static void
test_gone(void **state)
{
	struct bench b;
	uint64_t number;
	size_t got;
	int fd;

	(void)state;
	set_up(&b);
	ask(&b, 1, 4, true);
	settle(&b);
	number = scanner_gets(&b);
	assert_int_equal(send(b.client, "nonsense", 8, 0), 8);
	settle(&b);
	assert_int_equal(ms_frame_receive(b.client, b.block, sizeof b.block,
	    &got, &fd), MS_END);
	scanner_says(&b, number, NULL);
	settle(&b);
	(void)close(b.client);
	b.client = knock(&b);
	ask(&b, 2, 4, true);
	settle(&b);
	number = scanner_gets(&b);
	(void)close(b.client);
	b.client = -1;
	settle(&b);
	scanner_says(&b, number, NULL);
	settle(&b);
	tear_down(&b);
}

/* A client that asks too much has to wait, and there are not too many. */
static void
test_many(void **state)
{
	struct bench b;
	uint64_t first = 0;
	int fds[518];
	size_t got;
	unsigned n = 0;

	(void)state;
	set_up(&b);
	for (uint64_t i = 1; i <= 40; i++)
		ask(&b, i, 4, true);
	settle(&b);
	settle(&b);
	while (hear(&b, b.scanner, &got) == MS_ERRAND_SCAN)
		if (n++ == 0) {
			struct ms_errand_scan scan;

			assert_int_equal(ms_errand_read_scan(b.block, got,
			    &scan), MS_OK);
			first = scan.id;
		}
	assert_int_equal(n, 32);
	scanner_says(&b, first, NULL);
	settle(&b);
	(void)scanner_gets(&b);
	assert_int_equal(hear(&b, b.scanner, &got), 0);
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
		fds[i] = knock(&b);
	settle(&b);
	n = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		int fd;

		n += ms_frame_receive(fds[i], b.block, sizeof b.block, &got,
		    &fd) == MS_END;
		(void)close(fds[i]);
	}
	assert_int_equal(n, 7);
	settle(&b);
	tear_down(&b);
}

static void
test_objection(void **state)
{
	int pair[2], memfd = memfd_create("test", MFD_CLOEXEC);

	(void)state;
	assert_int_equal(pipe(pair), 0);
	assert_non_null(ms_scansock_objection(pair[0], 0));
	assert_non_null(ms_scansock_objection(-1, 0));
	assert_null(ms_scansock_objection(memfd, 0));
	assert_non_null(ms_scansock_objection(memfd, 1));
	(void)close(pair[0]);
	(void)close(pair[1]);
	(void)close(memfd);
}

/* An answer comes at once, to who has named a door; others talk nonsense. */
static void
test_gate(void **state)
{
	static const char *const doors[] = { "milter", "milter", NULL };
	static const char *const lines[] = { "b:clam=yes", NULL };
	const struct ms_policy_config odd = { .lines = lines,
		.block_address_chars = "|" };
	struct ms_policy *policy = NULL;
	struct bench b;
	struct ms_error err = { "" };

	(void)state;
	set_up(&b);
	assert_int_equal(ms_policy_open(&odd, &policy, &err), MS_OK);
	b.config.policy = policy;
	for (uint64_t i = 0; i < G_N_ELEMENTS(doors); i++) {
		const struct ms_errand_gate gate = { i == 1 ? 99 : i,
			MS_ERRAND_RECIPIENT };
		const struct ms_errand_envelope asked = { .id = i,
			.door = (char *)(uintptr_t)doors[i],
			.envelope = ms_envelope_new("a@b") };
		GByteArray *frames[2];
		struct ms_errand_gated gated;
		uint32_t told;
		size_t got;

		ms_envelope_add(asked.envelope, "a|b@c");
		frames[0] = ms_errand_envelope(&asked, &told);
		frames[1] = ms_errand_gate(&gate);
		for (size_t k = 0; k < G_N_ELEMENTS(frames); k++) {
			assert_int_equal(ms_frame_send(b.client, frames[k],
			    -1, &err), MS_OK);
			g_byte_array_unref(frames[k]);
		}
		ms_envelope_free(asked.envelope);
		settle(&b);
		if (i > 0) {
			assert_int_equal(hear(&b, b.client, &got), 0);
			(void)close(b.client);
			b.client = knock(&b);
			continue;
		}
		assert_int_equal(hear(&b, b.client, &got), MS_ERRAND_GATED);
		assert_int_equal(ms_errand_read_gated(b.block, got, &gated),
		    MS_OK);
		assert_memory_equal(gated.reply, "554 ", 4);
		g_free(gated.reply);
	}
	tear_down(&b);
	ms_policy_free(policy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scan),
		cmocka_unit_test(test_door),
		cmocka_unit_test(test_rewritten),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_odd_door),
		cmocka_unit_test(test_gate),
		cmocka_unit_test(test_retires),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_keep),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_objection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
