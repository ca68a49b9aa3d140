#include "serve/landing.h"

#include "net/timer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib.h>

/* One landing, and what came of it. */
struct bench {
	struct ms_loop *loop;
	struct ms_landing *landing;
	struct ms_timer *timer;
	int balancer;		/* its end */
	int fd;			/* ours, when it is over */
	char *client, *why;
	const char *rest;	/* to be said yet, byte by byte */
};

static void
on_done(void *arg, struct ms_landing *landing, int fd,
    const struct ms_endpoint *client, const char *why)
{
	struct bench *b = arg;

	assert_ptr_equal(landing, b->landing);
	assert_true(!client == (why != NULL));
	b->fd = fd;
	b->client = client ? ms_endpoint_print(client) : NULL;
	b->why = g_strdup(why);
	ms_landing_free(landing);
	b->landing = NULL;
	ms_loop_stop(b->loop);
}

static void
on_time(void *arg)
{
	struct bench *b = arg;

	if (*b->rest == '\0')
		return;
	assert_int_equal(write(b->balancer, b->rest++, 1), 1);
	ms_timer_set(b->timer, 0);
}

static void
set_up(struct bench *b, int64_t ms)
{
	static const struct ms_endpoint peer = {
		.size = sizeof peer.u.in,
		.u.in = { .sin_family = AF_INET, .sin_port = 0x0100 },
	};
	struct ms_error err;
	int pair[2];

	*b = (struct bench){ .fd = -1 };
	assert_int_equal(ms_loop_new(&b->loop, &err), MS_OK);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    pair), 0);
	b->balancer = pair[0];
	b->timer = ms_timer_new(b->loop, on_time, b);
	b->landing = ms_landing_new(b->loop, pair[1], &peer, ms, on_done, b);
}

static void
tear_down(struct bench *b)
{
	ms_landing_free(b->landing);
	ms_timer_free(b->timer);
	ms_loop_free(b->loop);
	(void)close(b->balancer);
	if (b->fd >= 0)
		(void)close(b->fd);
	g_free(b->client);
	g_free(b->why);
}

/* Not a byte behind the preamble is taken, be it said at once or not. */
static void
test_rest_stays(void **state)
{
	static const char line[] = "PROXY TCP4 192.0.2.1 192.0.2.2 1025 25\r\n"
	    "\x16\x03\x01 hello";

	(void)state;
	for (int slow = 0; slow < 2; slow++) {
		struct ms_error err;
		struct bench b;
		char got[64];

		set_up(&b, 10000);
		b.rest = line;
		if (slow)
			ms_timer_set(b.timer, 0);
		else
			assert_int_equal(write(b.balancer, line,
			    sizeof line - 1), sizeof line - 1);
		assert_int_equal(ms_loop_run(b.loop, &err), MS_OK);
		assert_string_equal(b.client, "192.0.2.1:1025");
		if (slow)
			assert_int_equal(write(b.balancer, b.rest,
			    strlen(b.rest)), strlen(b.rest));
		assert_int_equal(read(b.fd, got, sizeof got), 9);
		assert_memory_equal(got, "\x16\x03\x01 hello", 9);
		tear_down(&b);
	}
}

static void
test_own(void **state)
{
	struct ms_error err;
	struct bench b;

	(void)state;
	set_up(&b, 10000);
	assert_int_equal(write(b.balancer, "PROXY UNKNOWN\r\n", 15), 15);
	assert_int_equal(ms_loop_run(b.loop, &err), MS_OK);
	assert_string_equal(b.client, "0.0.0.0:1");
	tear_down(&b);
}

static void
test_wrong(void **state)
{
	static const struct {
		const char *said, *why;
		bool closes;
	} rows[] = {
		{ "EHLO a\r\n", "PROXY protocol: it does not begin so",
		    false },
		{ "PROXY TC", "closed", true },
		{ "", "closed", true },
		{ "PROXY TC", "no PROXY protocol in time", false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_error err;
		struct bench b;

		set_up(&b, rows[i].closes ? 10000 : 50);
		assert_int_equal(write(b.balancer, rows[i].said,
		    strlen(rows[i].said)), strlen(rows[i].said));
		if (rows[i].closes)
			assert_int_equal(shutdown(b.balancer, SHUT_WR), 0);
		assert_int_equal(ms_loop_run(b.loop, &err), MS_OK);
		assert_null(b.client);
		assert_string_equal(b.why, rows[i].why);
		assert_true(b.fd >= 0);
		tear_down(&b);
	}
}

/* Whoever is not waited for is hung up on. */
static void
test_freed(void **state)
{
	struct bench b;
	char got;

	(void)state;
	set_up(&b, 10000);
	ms_landing_free(b.landing);
	b.landing = NULL;
	assert_int_equal(read(b.balancer, &got, 1), 0);
	tear_down(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rest_stays),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
