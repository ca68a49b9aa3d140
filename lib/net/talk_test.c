#include "net/talk_test.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>

/* What is said is heard, names and ends included. */
static void
test_pair(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair, &no_end);
	side_say(&pair.a, "one ");
	side_say(&pair.a, "two");
	run_until(&pair.b, DATA);
	assert_string_equal("one two", pair.b.heard->str);
	/* Said together, sent together. */
	assert_int_equal(1, pair.b.count[DATA]);
	assert_int_equal(1, pair.a.count[DRAINED]);
	assert_int_equal(0, ms_talk_queued(pair.a.talk));
	assert_string_equal("unix:", ms_talk_peer(pair.a.talk));
	assert_string_equal("unix:", ms_talk_local(pair.a.talk));
	side_say(&pair.b, "bye");
	ms_talk_close(pair.b.talk, 5000);
	pair.b.talk = NULL;
	run_until(&pair.a, CLOSED);
	assert_string_equal("bye", pair.a.heard->str);
	assert_int_equal(MS_TALK_ENDED, pair.a.end);
	assert_int_equal(-1, ms_talk_fd(pair.a.talk));
	side_say(&pair.a, "nobody hears");
	pair_close(&pair);
}

/* One end is not the other's. */
static void
test_half(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair, &all_events);
	side_say(&pair.a, "all I have to say");
	ms_talk_finish(pair.a.talk);
	side_say(&pair.a, "too late");
	run_until(&pair.b, ENDED);
	assert_string_equal("all I have to say", pair.b.heard->str);
	side_say(&pair.b, "answer");
	run_until(&pair.a, DATA);
	assert_string_equal("answer", pair.a.heard->str);
	assert_int_equal(0, pair.a.count[CLOSED] + pair.b.count[CLOSED]);
	ms_talk_finish(pair.b.talk);
	run_until(&pair.a, ENDED);
	pair_close(&pair);
}

/* Listen on ADDRESS in FDS and say where that is. */
static char *
listen_at(const char *address, GArray **fds)
{
	const struct ms_listen_config config = { .address = address };
	struct ms_error err = { "" };

	*fds = g_array_new(FALSE, FALSE, sizeof(int));
	if (ms_listen_open(&config, *fds, &err) != MS_OK)
		fail_msg("%s", err.text);
	assert_int_equal(1, (*fds)->len);
	return ms_listen_name(g_array_index(*fds, int, 0));
}

static GArray *
resolve(const char *first, const char *second)
{
	GArray *list, *more;

	assert_int_equal(MS_OK, ms_endpoint_resolve(first, false, &list,
	    NULL));
	if (second) {
		assert_int_equal(MS_OK, ms_endpoint_resolve(second, false,
		    &more, NULL));
		g_array_append_vals(list, more->data, more->len);
		g_array_unref(more);
	}
	return list;
}

static void
side_connect(struct side *side, const GArray *list)
{
	const struct ms_talk_config config = { .events = &no_end,
		.arg = side };

	side->talk = ms_talk_connect(side->loop,
	    (const struct ms_endpoint *)(const void *)list->data, list->len,
	    &config);
}

/* The first address refuses, the second answers; what was written before
 * arrives. */
static void
check_connect(const char *dead, const char *address)
{
	GArray *fds, *list;
	char *where = listen_at(address, &fds), block[8] = "";
	const int fd = g_array_index(fds, int, 0);
	struct ms_loop *loop;
	struct ms_error err;
	struct side side;
	int peer, on = 0;
	socklen_t size = sizeof on;

	assert_int_equal(MS_OK, ms_loop_new(&loop, &err));
	side_init(&side, loop);
	list = resolve(dead, where);
	side_connect(&side, list);
	assert_string_equal("unknown", ms_talk_peer(side.talk));
	side_say(&side, "early");
	run_until(&side, CONNECTED);
	run_until(&side, DRAINED);
	assert_string_equal(where, ms_talk_peer(side.talk));
	if (!g_str_has_prefix(where, "unix:")) {
		assert_int_equal(0, getsockopt(ms_talk_fd(side.talk),
		    IPPROTO_TCP, TCP_NODELAY, &on, &size));
		assert_int_not_equal(0, on);
	}
	peer = accept(fd, NULL, NULL);
	assert_int_equal(5, read(peer, block, sizeof block));
	assert_string_equal("early", block);
	assert_int_equal(0, close(peer));
	run_until(&side, CLOSED);
	assert_int_equal(MS_TALK_ENDED, side.end);
	side_clear(&side);
	ms_loop_free(loop);
	assert_int_equal(0, close(fd));
	ms_listen_remove(address);
	g_array_unref(fds);
	g_array_unref(list);
	g_free(where);
}

static void
test_connect(void **state)
{
	(void)state;
	check_connect("unix:nobody", "127.0.0.1:0");
	check_connect("127.0.0.1:1", "[::1]:0");
	check_connect("127.0.0.1:1", "unix:socket");
}

static void
test_refused(void **state)
{
	GArray *list = resolve("unix:nobody", "127.0.0.1:1");
	struct ms_loop *loop;
	struct ms_error err;
	struct side side;

	(void)state;
	assert_int_equal(MS_OK, ms_loop_new(&loop, &err));
	side_init(&side, loop);
	side_connect(&side, list);
	assert_int_equal(0, side.count[CLOSED]);
	run_until(&side, CLOSED);
	assert_int_equal(MS_TALK_REFUSED, side.end);
	assert_string_equal("cannot connect to 127.0.0.1:1: "
	    "Connection refused", side.why);
	side_clear(&side);
	/* Nobody to ask; and one that is freed before it could fail. */
	g_array_set_size(list, 0);
	side_init(&side, loop);
	side_connect(&side, list);
	run_until(&side, CLOSED);
	assert_string_equal("no address", side.why);
	side_clear(&side);
	side_init(&side, loop);
	side_connect(&side, list);
	side_clear(&side);
	ms_loop_free(loop);
	g_array_unref(list);
}

enum { MANY = 1 << 20, SMALL = 1000 };

static void
fill_random(GString *text, GRand *rand, size_t size)
{
	g_string_set_size(text, size);
	for (size_t i = 0; i < size; i++)
		text->str[i] = (char)g_rand_int(rand);
}

/* Takes some of what is there each time, and a pause. */
static void
take_little(struct side *side)
{
	size_t size;
	const unsigned char *data = ms_talk_peek(side->talk, &size);
	const size_t some = MIN(size, 333);

	assert_true(size <= SMALL);
	g_string_append_len(side->heard, (const char *)data, (gssize)some);
	ms_talk_consume(side->talk, some);
	ms_talk_pause(side->talk);
	ms_talk_resume(side->talk);
	if (side->heard->len == MANY)
		ms_loop_stop(side->loop);
}

/* Who does not listen is not shouted at: a sender is left with what does not
 * fit into the kernel, and the listener keeps no more than it said. */
static void
test_pressure(void **state)
{
	struct pair pair;
	GRand *rand = g_rand_new_with_seed(1);
	GString *text = g_string_new(NULL);
	size_t size;
	struct ms_talk_config config = { .events = &all_events,
		.input_max = SMALL };

	(void)state;
	fill_random(text, rand, MANY);
	pair_open(&pair, &all_events);
	config.arg = &pair.b;
	size = (size_t)dup(ms_talk_fd(pair.b.talk));
	ms_talk_free(pair.b.talk);
	pair.b.talk = ms_talk_accept(pair.loop, (int)size, NULL, &config);
	pair.b.deaf = true;
	ms_talk_write(pair.a.talk, text->str, text->len);
	settle(pair.loop);
	assert_int_equal(1, pair.b.count[DATA]);
	(void)ms_talk_peek(pair.b.talk, &size);
	assert_int_equal(SMALL, size);
	assert_true(ms_talk_queued(pair.a.talk) > MANY / 4);
	assert_int_equal(0, pair.a.count[DRAINED]);
	pair.b.on_data = take_little;
	take_little(&pair.b);
	run(pair.loop);
	assert_int_equal(MANY, pair.b.heard->len);
	assert_memory_equal(text->str, pair.b.heard->str, MANY);
	assert_int_equal(1, pair.a.count[DRAINED]);
	pair_close(&pair);
	g_string_free(text, TRUE);
	g_rand_free(rand);
}

static void
test_pause(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair, &all_events);
	ms_talk_pause(pair.b.talk);
	side_say(&pair.a, "listen");
	ms_talk_finish(pair.a.talk);
	settle(pair.loop);
	assert_int_equal(0, pair.b.count[DATA] + pair.b.count[ENDED]);
	ms_talk_resume(pair.b.talk);
	run_until(&pair.b, ENDED);
	assert_string_equal("listen", pair.b.heard->str);
	/* A pause that nothing happened in changes nothing. */
	ms_talk_pause(pair.b.talk);
	ms_talk_resume(pair.b.talk);
	ms_talk_resume(pair.b.talk);
	settle(pair.loop);
	assert_int_equal(1, pair.b.count[DATA]);
	assert_int_equal(1, pair.b.count[ENDED]);
	pair_close(&pair);
}

/* What the last callback left is heard again after resume. */
static void
test_left_over(void **state)
{
	struct pair pair;
	size_t size;

	(void)state;
	pair_open(&pair, &all_events);
	pair.b.deaf = true;
	side_say(&pair.a, "wait");
	run_until(&pair.b, DATA);
	settle(pair.loop);
	assert_int_equal(1, pair.b.count[DATA]);
	assert_memory_equal("wait", ms_talk_peek(pair.b.talk, &size), 4);
	assert_int_equal(4, size);
	ms_talk_consume(pair.b.talk, 1);
	side_say(&pair.a, "ing");
	settle(pair.loop);
	assert_int_equal(2, pair.b.count[DATA]);
	assert_memory_equal("aiting", ms_talk_peek(pair.b.talk, &size), 6);
	pair.b.deaf = false;
	ms_talk_pause(pair.b.talk);
	ms_talk_resume(pair.b.talk);
	settle(pair.loop);
	assert_string_equal("aiting", pair.b.heard->str);
	assert_null(ms_talk_peek(pair.b.talk, &size));
	assert_int_equal(0, size);
	pair_close(&pair);
}

/* Two sides of a connection of the Internet's. */
static void
pair_open_tcp(struct pair *pair, const struct ms_talk_events *events)
{
	struct ms_talk_config config = { .events = events };
	GArray *fds, *list;
	char *where = listen_at("127.0.0.1:0", &fds);
	const int fd = g_array_index(fds, int, 0);

	assert_int_equal(MS_OK, ms_loop_new(&pair->loop, NULL));
	side_init(&pair->a, pair->loop);
	side_init(&pair->b, pair->loop);
	list = resolve(where, NULL);
	side_connect(&pair->a, list);
	ms_talk_hand(pair->a.talk, events, &pair->a);
	run_until(&pair->a, CONNECTED);
	config.arg = &pair->b;
	pair->b.talk = ms_talk_accept(pair->loop, accept(fd, NULL, NULL), NULL,
	    &config);
	assert_string_equal(where, ms_talk_local(pair->b.talk));
	assert_string_equal(ms_talk_local(pair->a.talk),
	    ms_talk_peer(pair->b.talk));
	assert_int_equal(0, close(fd));
	g_array_unref(fds);
	g_array_unref(list);
	g_free(where);
}

static void
test_abort(void **state)
{
	struct pair pair;

	(void)state;
	pair_open_tcp(&pair, &no_end);
	ms_talk_abort(pair.a.talk);
	pair.a.talk = NULL;
	run_until(&pair.b, CLOSED);
	assert_int_equal(MS_TALK_LOST, pair.b.end);
	assert_string_equal("Connection reset by peer", pair.b.why);
	pair_close(&pair);
}

/* A server says why it ends while the client still talks: the client hears
 * that, because no reset comes before it has. */
static void
test_last_words(void **state)
{
	struct pair pair;
	GString *text = g_string_new(NULL);

	(void)state;
	g_string_set_size(text, 4 << 20);
	memset(text->str, 'x', text->len);
	pair_open_tcp(&pair, &no_end);
	ms_talk_write(pair.a.talk, text->str, text->len);
	settle(pair.loop);
	side_say(&pair.b, "421 go away\r\n");
	ms_talk_close(pair.b.talk, 5000);
	pair.b.talk = NULL;
	run_until(&pair.a, CLOSED);
	assert_string_equal("421 go away\r\n", pair.a.heard->str);
	assert_int_equal(MS_TALK_ENDED, pair.a.end);
	ms_talk_free(pair.a.talk);
	pair.a.talk = NULL;
	/* Nothing is left to wait for. */
	run(pair.loop);
	pair_close(&pair);
	g_string_free(text, TRUE);
}

/* The peer speaks and is gone: writing fails, and what it said counts. */
static void
test_gone(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair, &no_end);
	side_say(&pair.b, "I am off");
	settle(pair.loop);
	pair_close(&pair);
	pair_open(&pair, &no_end);
	assert_int_equal(2, write(ms_talk_fd(pair.b.talk), "no", 2));
	ms_talk_free(pair.b.talk);
	pair.b.talk = NULL;
	side_say(&pair.a, "who hears that?");
	run_until(&pair.a, CLOSED);
	assert_string_equal("no", pair.a.heard->str);
	assert_int_equal(MS_TALK_LOST, pair.a.end);
	assert_string_equal("Broken pipe", pair.a.why);
	pair_close(&pair);
}

static void
test_late(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair, &no_end);
	ms_talk_deadline(pair.a.talk, 1);
	run_until(&pair.a, CLOSED);
	assert_int_equal(MS_TALK_LATE, pair.a.end);
	assert_string_equal("it took too long", pair.a.why);
	run_until(&pair.b, CLOSED);
	assert_int_equal(MS_TALK_ENDED, pair.b.end);
	pair_close(&pair);

	pair_open(&pair, &no_end);
	ms_talk_deadline(pair.a.talk, 1);
	ms_talk_deadline(pair.a.talk, -1);
	ms_talk_patience(pair.b.talk, 15);
	ms_talk_pause(pair.b.talk);
	settle(pair.loop);
	assert_int_equal(0, pair.a.count[CLOSED] + pair.b.count[CLOSED]);
	ms_talk_resume(pair.b.talk);
	run_until(&pair.b, CLOSED);
	assert_int_equal(MS_TALK_LATE, pair.b.end);
	assert_string_equal("nothing was said for 0.015 s", pair.b.why);
	pair_close(&pair);
}

/* In every callback a side may go. */
static void
test_free_at(void **state)
{
	struct pair pair;

	(void)state;
	for (int what = DATA; what <= CLOSED; what++) {
		if (what == SECURED)
			continue;
		pair_open(&pair, &all_events);
		pair.b.free_at = (enum happening)what;
		side_say(&pair.b, "x");
		side_say(&pair.a, "y");
		ms_talk_finish(pair.a.talk);
		if (what == CLOSED)
			ms_talk_deadline(pair.b.talk, 1);
		settle(pair.loop);
		assert_int_equal(1, pair.b.count[what]);
		assert_null(pair.b.talk);
		pair_close(&pair);
	}
}

/* A loop that is freed takes those with it that nobody owns. */
static void
test_owned(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair, &all_events);
	side_say(&pair.a, "x");
	ms_talk_close(pair.a.talk, 5000);
	ms_talk_close(pair.b.talk, 0);
	pair.a.talk = pair.b.talk = NULL;
	pair_close(&pair);
	/* One that lingers for somebody who does not go. */
	pair_open(&pair, &all_events);
	ms_talk_close(pair.a.talk, 10);
	pair.a.talk = NULL;
	run_until(&pair.b, ENDED);
	settle(pair.loop);
	side_say(&pair.b, "hello?");
	run_until(&pair.b, CLOSED);
	assert_int_equal(MS_TALK_LOST, pair.b.end);
	pair_close(&pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pair),
		cmocka_unit_test(test_half),
		cmocka_unit_test(test_connect),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_pressure),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_left_over),
		cmocka_unit_test(test_abort),
		cmocka_unit_test(test_last_words),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_free_at),
		cmocka_unit_test(test_owned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
