#include "serve/hops.h"

#include "net/listen.h"
#include "net/pair.h"
#include "net/timer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define HOPS_MAX 4

struct bench;

/* A next hop: it says GREETING to all, "" hangs up, NULL says nothing. */
struct hop {
	struct bench *bench;
	const char *greeting;
	GArray *fds;
	struct ms_listen *listen;
	int accepted[HOPS_MAX];
	unsigned count;
};

struct bench {
	struct ms_loop *loop;
	struct ms_hops *hops;
	struct ms_reach *reach;
	struct hop list[HOPS_MAX];
	unsigned count;
	char *targets[HOPS_MAX + 1];
	int client[2];
	char *found;		/* what it came to */
};

static void
on_accepted(void *arg, int fd, const struct ms_endpoint *peer)
{
	struct hop *hop = arg;

	(void)peer;
	assert_true(hop->count < HOPS_MAX);
	hop->accepted[hop->count++] = fd;
	if (!hop->greeting)
		return;
	if (*hop->greeting)
		assert_true(write(fd, hop->greeting, strlen(hop->greeting)) >
		    0);
	else
		assert_int_equal(shutdown(fd, SHUT_RDWR), 0);
}

static void
open_hop(struct bench *b, struct hop *hop, const char *greeting)
{
	static const struct ms_listen_events events = {
		.accepted = on_accepted };
	const struct ms_listen_config config = { .address = "127.0.0.1:0" };
	struct ms_error err;

	*hop = (struct hop){ .bench = b, .greeting = greeting,
		.fds = g_array_new(FALSE, FALSE, sizeof(int)) };
	assert_int_equal(ms_listen_open(&config, hop->fds, &err), MS_OK);
	hop->listen = ms_listen_new(b->loop, g_array_index(hop->fds, int, 0),
	    &events, hop);
}

static void
set_up(struct bench *b, const char *const *greetings, unsigned count)
{
	static struct ms_hops_config config;
	struct ms_error err;

	*b = (struct bench){ .count = count };
	assert_int_equal(ms_loop_new(&b->loop, &err), MS_OK);
	assert_int_equal(ms_pair_open(b->client, &err), MS_OK);
	for (unsigned i = 0; i < count; i++) {
		open_hop(b, &b->list[i], greetings[i]);
		b->targets[i] = ms_listen_name(g_array_index(b->list[i].fds,
		    int, 0));
	}
	config = (struct ms_hops_config){ .connect_ms = 100,
		.targets = count > 0 ? (const char *const *)b->targets :
		    NULL };
	b->hops = ms_hops_new(b->loop, &config, NULL);
}

static void
tear_down(struct bench *b)
{
	ms_reach_free(b->reach);
	ms_hops_free(b->hops);
	for (unsigned i = 0; i < b->count; i++) {
		struct hop *hop = &b->list[i];

		ms_listen_free(hop->listen);
		(void)close(g_array_index(hop->fds, int, 0));
		g_array_unref(hop->fds);
		for (unsigned n = 0; n < hop->count; n++)
			(void)close(hop->accepted[n]);
		g_free(b->targets[i]);
	}
	(void)close(b->client[0]);
	(void)close(b->client[1]);
	ms_loop_free(b->loop);
	g_free(b->found);
}

/* "0: 220 hi", by the number of the target, or why not. */
static void
on_done(void *arg, const struct ms_reached *reached)
{
	struct bench *b = arg;
	const char *said;
	char *name;
	size_t size;
	unsigned i = 0;

	assert_null(b->found);
	ms_loop_stop(b->loop);
	if (!reached->talk) {
		b->found = g_strdup_printf("%s: %s", reached->loop ? "loop" :
		    "none", reached->why);
		return;
	}
	said = (const char *)ms_talk_peek(reached->talk, &size);
	if (reached->hop) {
		name = ms_endpoint_print(&reached->hop->endpoint);
		while (i < b->count && strcmp(b->targets[i], name) != 0)
			i++;
		g_free(name);
		assert_string_equal(reached->hop->host, "127.0.0.1");
	}
	b->found = g_strdup_printf("%u: %.*s", i, (int)size, said);
	ms_talk_free(reached->talk);
}

/* What a client gets; the reach is left to be freed. */
static void
reach(struct bench *b, const char *expected)
{
	struct ms_endpoint client;
	struct ms_error err;

	g_clear_pointer(&b->found, g_free);
	ms_reach_free(b->reach);
	ms_endpoint_ask(&client, b->client[0], true);
	b->reach = ms_hops_reach(b->hops, &client, b->client[0], on_done, b);
	assert_int_equal(ms_loop_run(b->loop, &err), MS_OK);
	assert_string_equal(b->found, expected);
}

static void
test_first(void **state)
{
	static const char *const greetings[] = { "220 one", "220 two" };
	struct bench b;

	(void)state;
	set_up(&b, greetings, 2);
	reach(&b, "0: 220 one");
	reach(&b, "0: 220 one");
	assert_int_equal(b.list[1].count, 0);
	tear_down(&b);
}

/* The others are tried once, and then last. */
static void
test_passed_over(void **state)
{
	static const char *const rows[] = { "421 busy\r\n", "554", "SSH-2.0-x",
		"", NULL };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *greetings[] = { rows[i], "220 two" };
		struct bench b;

		set_up(&b, greetings, 2);
		reach(&b, "1: 220 two");
		reach(&b, "1: 220 two");
		assert_int_equal(b.list[0].count, 1);
		tear_down(&b);
	}
}

/* The last one's words are the client's to hear. */
static void
test_last(void **state)
{
	static const char *const greetings[] = { "", "421 busy",
		"554 go away\r\n" };
	struct bench b;

	(void)state;
	set_up(&b, greetings, 3);
	reach(&b, "2: 554 go away\r\n");
	tear_down(&b);
}

static void
test_nobody(void **state)
{
	static const char *const greetings[] = { "421 busy", "" };
	struct bench b;

	(void)state;
	set_up(&b, greetings, 2);
	reach(&b, "none: closed by the peer");
	ms_listen_free(b.list[0].listen);
	b.list[0].listen = NULL;
	tear_down(&b);
}

/* Those that were not asked for any more are no trouble. */
static void
test_freed(void **state)
{
	static const char *const greetings[] = { NULL, "220 two" };
	struct ms_endpoint client = { .size = 0 };
	struct ms_error err;
	struct bench b;

	(void)state;
	set_up(&b, greetings, 2);
	b.reach = ms_hops_reach(b.hops, &client, b.client[0], on_done, &b);
	ms_reach_free(b.reach);
	b.reach = ms_hops_reach(b.hops, &client, b.client[0], on_done, &b);
	ms_reach_free(b.reach);
	b.reach = NULL;
	for (unsigned i = 0; i < b.count; i++)
		ms_listen_pause(b.list[i].listen);
	assert_int_equal(ms_loop_run(b.loop, &err), MS_OK);
	assert_null(b.found);
	tear_down(&b);
}

static void
test_sink(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b, NULL, 0);
	reach(&b, "0: 220 sink\r\n");
	tear_down(&b);
}

/* A client that is the other end of one of our own connections; and one that
 * only comes from the same port, and is elsewhere. */
static void
test_loop(void **state)
{
	static const char *const greetings[] = { "220 one" };
	struct ms_endpoint own;
	struct ms_error err;
	struct ms_reach *first;
	struct bench b;

	(void)state;
	set_up(&b, greetings, 1);
	reach(&b, "0: 220 one");
	first = b.reach;
	b.reach = NULL;
	ms_endpoint_ask(&own, b.list[0].accepted[0], true);
	g_clear_pointer(&b.found, g_free);
	b.reach = ms_hops_reach(b.hops, &own, b.list[0].accepted[0], on_done,
	    &b);
	assert_int_equal(ms_loop_run(b.loop, &err), MS_OK);
	assert_string_equal(b.found, "loop: the client is this server "
	    "itself");
	g_clear_pointer(&b.reach, ms_reach_free);
	g_clear_pointer(&b.found, g_free);
	b.reach = ms_hops_reach(b.hops, &own, b.client[0], on_done, &b);
	assert_int_equal(ms_loop_run(b.loop, &err), MS_OK);
	assert_string_equal(b.found, "0: 220 one");
	ms_reach_free(first);
	tear_down(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_passed_over),
		cmocka_unit_test(test_last),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_freed),
		cmocka_unit_test(test_sink),
		cmocka_unit_test(test_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
