#include "serve/hops.h"

#include "net/listen.h"
#include "net/timer.h"
#include "pool/child.h"
#include "pool/frame.h"
#include "serve/lookup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NAME "hop.example.org:25"

struct bench {
	struct ms_loop *loop;
	struct ms_hops *hops;
	struct ms_timer *timer;
	char *found;
};

static void
on_time(void *arg)
{
	ms_loop_stop(((struct bench *)arg)->loop);
}

static void
set_up(struct bench *b)
{
	static const char *const targets[] = { NAME, NULL };
	static const struct ms_hops_config config = { .targets = targets,
		.connect_ms = 1000 };
	struct ms_error err;

	*b = (struct bench){ .found = NULL };
	assert_int_equal(ms_loop_new(&b->loop, &err), MS_OK);
	b->hops = ms_hops_new(b->loop, &config, NULL);
	b->timer = ms_timer_new(b->loop, on_time, b);
}

static void
tear_down(struct bench *b)
{
	ms_timer_free(b->timer);
	ms_hops_free(b->hops);
	ms_loop_free(b->loop);
	g_free(b->found);
}

static void
run(struct bench *b, int64_t ms)
{
	struct ms_error err;

	ms_timer_set(b->timer, ms);
	assert_int_equal(ms_loop_run(b->loop, &err), MS_OK);
}

static void
on_done(void *arg, const struct ms_reached *reached)
{
	struct bench *b = arg;

	b->found = g_strdup(reached->talk ? reached->hop->host :
	    reached->why);
	ms_talk_free(reached->talk);
	ms_loop_stop(b->loop);
}

static void
on_accepted(void *arg, int fd, const struct ms_endpoint *peer)
{
	(void)arg;
	(void)peer;
	assert_int_equal(write(fd, "220", 3), 3);
	(void)close(fd);
}

static void
send_frame(int socket, const struct ms_endpoint *endpoint, bool cut)
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof *endpoint);
	struct ms_error err;
	GByteArray *frame;

	if (endpoint)
		g_array_append_vals(list, endpoint, 1);
	frame = ms_lookup_frame(NAME, list, NULL);
	if (cut)
		g_byte_array_set_size(frame, frame->len - 1);
	assert_int_equal(ms_frame_send(socket, frame, -1, &err), MS_OK);
	g_byte_array_unref(frame);
	g_array_unref(list);
}

/* A client that comes a moment too early waits for the answer. */
static void
test_learns(void **state)
{
	static const struct ms_listen_events events = {
		.accepted = on_accepted };
	const struct ms_listen_config config = { .address = "127.0.0.1:0" };
	const struct ms_endpoint client = { .size = 0 };
	GArray *fds = g_array_new(FALSE, FALSE, sizeof(int));
	struct ms_listen *listen;
	struct ms_reach *reach;
	struct ms_endpoint at;
	struct ms_error err;
	struct bench b;
	int pair[2];

	(void)state;
	set_up(&b);
	assert_int_equal(ms_listen_open(&config, fds, &err), MS_OK);
	ms_endpoint_ask(&at, g_array_index(fds, int, 0), false);
	listen = ms_listen_new(b.loop, g_array_index(fds, int, 0), &events,
	    NULL);
	assert_int_equal(ms_child_pair(pair, &err), MS_OK);
	ms_hops_peer(b.hops, pair[1]);
	reach = ms_hops_reach(b.hops, &client, -1, on_done, &b);
	run(&b, 50);
	assert_null(b.found);
	send_frame(pair[0], &at, false);
	/* An answer without addresses takes nothing away. */
	send_frame(pair[0], NULL, false);
	run(&b, 20000);
	assert_string_equal(b.found, "hop.example.org");
	ms_reach_free(reach);
	ms_listen_free(listen);
	(void)close(g_array_index(fds, int, 0));
	g_array_unref(fds);
	(void)close(pair[0]);
	tear_down(&b);
}

static void
test_nothing_known(void **state)
{
	const struct ms_endpoint client = { .size = 0 };
	struct ms_reach *reach;
	struct bench b;

	(void)state;
	set_up(&b);
	reach = ms_hops_reach(b.hops, &client, -1, on_done, &b);
	run(&b, 20000);
	assert_string_equal(b.found, "no address of hop.example.org is known");
	ms_reach_free(reach);
	tear_down(&b);
}

/* Who talks nonsense, or is gone, is left; another one may come. */
static void
test_peers_change(void **state)
{
	struct ms_error err;
	struct bench b;
	char got;

	(void)state;
	set_up(&b);
	for (int i = 0; i < 4; i++) {
		int pair[2];

		assert_int_equal(ms_child_pair(pair, &err), MS_OK);
		ms_hops_peer(b.hops, pair[1]);
		if (i % 2 == 0) {
			send_frame(pair[0], NULL, true);
			run(&b, 30);
			assert_int_equal(read(pair[0], &got, 1), 0);
		}
		(void)close(pair[0]);
		run(&b, 10);
	}
	tear_down(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_learns),
		cmocka_unit_test(test_nothing_known),
		cmocka_unit_test(test_peers_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
