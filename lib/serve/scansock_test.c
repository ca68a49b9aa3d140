#include "serve/scansock.h"

#include "net/listen.h"
#include "net/timer.h"
#include "pool/child.h"
#include "pool/errand.h"

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
	const struct ms_inquiry_config config = { 100, 10000, 10000 };
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
	assert_false(ms_inquiry_is_answered(b->inquiry));
	assert_int_equal(ms_child_pair(pair, &err), MS_OK);
	ms_inquiry_peer(b->inquiry, pair[1]);
	assert_true(ms_inquiry_is_answered(b->inquiry));
	b->scanner = pair[0];
	b->sock = ms_scansock_new(b->loop, g_array_index(b->fds, int, 0),
	    &(struct ms_scansock_config){ b->inquiry, NULL, b->metrics });
	b->client = knock(b);
}

static void
tear_down(struct bench *b)
{
	ms_scansock_free(b->sock);
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
		GByteArray *frame = ms_errand_envelope(&asked);

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
	int fds[70];
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scan),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_keep),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_objection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
