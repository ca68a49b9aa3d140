#include "replay/feeder.h"

#include "replay/role_test.h"

#include <sys/socket.h>

/* A feeder into one end of a pair of sockets. */
struct rig {
	struct ms_stash *stash;
	struct ms_role *role;
	struct ms_loop *loop;
	struct ms_feeder feeder;
	int64_t now_ms;
	struct ms_talk *peer;
	GString *heard;
};

static void
on_data(void *arg)
{
	struct rig *rig = arg;
	size_t size;
	const unsigned char *data = ms_talk_peek(rig->peer, &size);

	g_string_append_len(rig->heard, (const char *)data, (gssize)size);
	ms_talk_consume(rig->peer, size);
	ms_loop_stop(rig->loop);
}

static void
on_closed(void *arg, enum ms_talk_end end, const char *why)
{
	(void)arg;
	(void)end;
	fail_msg("%s", why);
}

static const struct ms_talk_events events = { .closed = on_closed };
static const struct ms_talk_events peer_events = { .data = on_data,
	.closed = on_closed };

static void
rig_up(struct rig *rig, const char *dialogue, size_t split, uint64_t rate)
{
	const struct ms_talk_config config = { .events = &events,
		.arg = rig };
	const struct ms_talk_config peer = { .events = &peer_events,
		.arg = rig };
	struct ms_error err;
	int fds[2];

	*rig = (struct rig){ .stash = role_stash(), .now_ms = 1000,
		.heard = g_string_new(NULL) };
	assert_int_equal(MS_OK, ms_learn(role_dialogue(rig->stash, dialogue),
	    &rig->role, NULL));
	assert_int_equal(MS_OK, ms_loop_new(&rig->loop, &err));
	assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0, fds));
	rig->peer = ms_talk_accept(rig->loop, fds[1], NULL, &peer);
	ms_feeder_init(&rig->feeder, rig->role, split, rate, rig->now_ms);
	rig->feeder.talk = ms_talk_accept(rig->loop, fds[0], NULL, &config);
}

static void
rig_down(struct rig *rig)
{
	ms_talk_free(rig->feeder.talk);
	ms_talk_free(rig->peer);
	ms_loop_free(rig->loop);
	g_string_free(rig->heard, TRUE);
	ms_role_free(rig->role);
	ms_stash_free(rig->stash);
}

/* What was written is sent, and received. */
static void
drain(struct rig *rig)
{
	struct ms_error err;

	while (rig->heard->len < rig->feeder.sent)
		assert_int_equal(MS_OK, ms_loop_run(rig->loop, &err));
	assert_int_equal(0, ms_talk_queued(rig->feeder.talk));
}

/* The step I, without the last HELD bytes; time goes by as it is asked for.
 * No piece is over MOST. Returns the milliseconds it took. */
static int64_t
feed(struct rig *rig, size_t i, uint64_t held, size_t most)
{
	const int64_t began = rig->now_ms;
	struct ms_error err;
	int64_t wait_ms;

	ms_feeder_begin(&rig->feeder, ms_role_step(rig->role, i), held);
	for (;;) {
		const enum ms_status status = ms_feeder_go(&rig->feeder,
		    rig->now_ms, &wait_ms, &err);
		const size_t queued = ms_talk_queued(rig->feeder.talk);

		assert_true(status == MS_OK || status == MS_END);
		assert_true(queued <= most);
		assert_true(status == MS_OK || wait_ms != 0);
		/* The one or the other brings it on. */
		assert_true(status == MS_OK || wait_ms > 0 || queued > 0);
		drain(rig);
		if (status == MS_OK)
			break;
		rig->now_ms += MAX(wait_ms, 0);
	}
	return rig->now_ms - began;
}

#define SAID "S 220 a|\nC DATA|\nS 354 go|\nC abc|def|.|\nS 250 ok|\nE"

/* All at once, line and what is behind it, and bytes of our own. */
static void
test_whole(void **state)
{
	struct rig rig;

	(void)state;
	rig_up(&rig, "S 220 a|\nC BDAT 3 LAST|abc\nS 250 ok|\nE", 0, 0);
	assert_int_equal(0, feed(&rig, 1, 0, 100));
	assert_string_equal("BDAT 3 LAST\r\nabc", rig.heard->str);
	ms_feeder_write(&rig.feeder, "NOOP\r\n");
	drain(&rig);
	assert_string_equal("BDAT 3 LAST\r\nabcNOOP\r\n", rig.heard->str);
	assert_int_equal(rig.heard->len, rig.feeder.sent);
	rig_down(&rig);
}

/* The end of a step can be held back, more than there is of it, too. */
static void
test_held(void **state)
{
	struct rig rig;

	(void)state;
	rig_up(&rig, SAID, 0, 0);
	assert_int_equal(0, feed(&rig, 2, 3, 100));
	assert_string_equal("abc\r\ndef\r\n", rig.heard->str);
	assert_int_equal(0, feed(&rig, 2, 1000, 100));
	assert_int_equal(10, rig.feeder.sent);
	rig_down(&rig);
}

/* A piece, and a millisecond: in commands and in line ends as well. */
static void
test_split(void **state)
{
	struct rig rig;

	(void)state;
	rig_up(&rig, SAID, 4, 0);
	assert_int_equal(1, feed(&rig, 1, 0, 4));
	rig.now_ms++;
	assert_int_equal(3, feed(&rig, 2, 0, 4));
	assert_string_equal("DATA\r\nabc\r\ndef\r\n.\r\n", rig.heard->str);
	rig_down(&rig);
}

/* So many bytes a second, but for what may be sent at once in the beginning. */
static void
test_slow(void **state)
{
	struct rig rig;
	char *line = g_strnfill(999, 'x');
	char *dialogue = g_strdup_printf("S 220 a|\nC DATA|\nS 354 go|\n"
	    "C %s|.|\nS 250 ok|\nE", line);
	int64_t took;

	(void)state;
	rig_up(&rig, dialogue, 0, 100);
	took = feed(&rig, 2, 0, 20);
	assert_in_range(took, 9700, 10100);
	assert_int_equal(1004, rig.heard->len);
	rig_down(&rig);
	g_free(dialogue);
	g_free(line);
}

/* A peer that does not read: no more than some of it is in memory. */
static void
test_full(void **state)
{
	char *line = g_strnfill(900000, 'x');
	char *dialogue = g_strdup_printf("S 220 a|\nC DATA|\nS 354 go|\n"
	    "C %s|.|\nS 250 ok|\nE", line);
	struct ms_error err;
	struct rig rig;
	int64_t wait_ms;

	(void)state;
	rig_up(&rig, dialogue, 0, 0);
	ms_feeder_begin(&rig.feeder, ms_role_step(rig.role, 2), 0);
	assert_int_equal(MS_END, ms_feeder_go(&rig.feeder, rig.now_ms,
	    &wait_ms, &err));
	assert_true(wait_ms < 0);
	assert_in_range(ms_talk_queued(rig.feeder.talk), 1 << 16, 400000);
	assert_int_equal(MS_END, ms_feeder_go(&rig.feeder, rig.now_ms,
	    &wait_ms, &err));
	assert_in_range(ms_talk_queued(rig.feeder.talk), 1 << 16, 400000);
	drain(&rig);
	feed(&rig, 2, 0, 400000);
	assert_true(rig.heard->len > 900005);
	rig_down(&rig);
	g_free(dialogue);
	g_free(line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_held),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_slow),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
