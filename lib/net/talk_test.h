#ifndef MS_TALK_TEST_H
#define MS_TALK_TEST_H

#include "net/certificates_test.h"
#include "net/listen.h"
#include "net/loop.h"
#include "net/talk.h"
#include "net/timer.h"
#include "net/tls.h"

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* One side of a talk in a test: it hears, counts, and does what it was told
 * to do when something happens. */

enum happening { NOTHING, CONNECTED, DATA, DRAINED, SECURED, ENDED, CLOSED };

struct side {
	struct ms_talk *talk;
	GString *heard;
	unsigned count[CLOSED + 1];
	enum ms_talk_end end;
	char *why;
	bool deaf;			/* consumes nothing */
	enum happening stop_at;		/* the loop, then */
	enum happening free_at;		/* itself, then */
	void (*on_data)(struct side *side);
	struct ms_loop *loop;
};

static inline void
happens(struct side *side, enum happening what)
{
	side->count[what]++;
	if (side->stop_at == what)
		ms_loop_stop(side->loop);
	if (side->free_at == what) {
		ms_talk_free(side->talk);
		side->talk = NULL;
	}
}

static inline void
on_connected(void *arg)
{
	happens(arg, CONNECTED);
}

static inline void
on_data(void *arg)
{
	struct side *side = arg;
	size_t size;
	const unsigned char *data = ms_talk_peek(side->talk, &size);

	assert_true(size > 0);
	if (!side->deaf) {
		g_string_append_len(side->heard, (const char *)data,
		    (gssize)size);
		ms_talk_consume(side->talk, size);
	}
	if (side->on_data)
		side->on_data(side);
	happens(side, DATA);
}

static inline void
on_drained(void *arg)
{
	happens(arg, DRAINED);
}

static inline void
on_secured(void *arg)
{
	happens(arg, SECURED);
}

static inline void
on_ended(void *arg)
{
	happens(arg, ENDED);
}

static inline void
on_closed(void *arg, enum ms_talk_end end, const char *why)
{
	struct side *side = arg;

	side->end = end;
	g_free(side->why);
	side->why = g_strdup(why);
	happens(side, CLOSED);
}

static const struct ms_talk_events all_events = { on_connected, on_data,
	on_drained, on_secured, on_ended, on_closed };
/* Where an end is the end. */
static const struct ms_talk_events no_end = { on_connected, on_data,
	on_drained, on_secured, NULL, on_closed };

static inline void
side_init(struct side *side, struct ms_loop *loop)
{
	*side = (struct side){ .loop = loop, .heard = g_string_new(NULL) };
}

static inline void
side_clear(struct side *side)
{
	ms_talk_free(side->talk);
	g_string_free(side->heard, TRUE);
	g_free(side->why);
}

static inline void
side_say(struct side *side, const char *text)
{
	ms_talk_write(side->talk, text, strlen(text));
}

/* Two sides of one socketpair. */
struct pair {
	struct ms_loop *loop;
	struct side a, b;
};

static inline void
pair_open(struct pair *pair, const struct ms_talk_events *events)
{
	struct ms_talk_config config = { .events = events };
	struct ms_error err;
	int fds[2];

	assert_int_equal(MS_OK, ms_loop_new(&pair->loop, &err));
	assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    fds));
	side_init(&pair->a, pair->loop);
	side_init(&pair->b, pair->loop);
	config.arg = &pair->a;
	pair->a.talk = ms_talk_accept(pair->loop, fds[0], NULL, &config);
	config.arg = &pair->b;
	pair->b.talk = ms_talk_accept(pair->loop, fds[1], NULL, &config);
}

static inline void
pair_close(struct pair *pair)
{
	side_clear(&pair->a);
	side_clear(&pair->b);
	ms_loop_free(pair->loop);
}

static inline void
run(struct ms_loop *loop)
{
	struct ms_error err;

	assert_int_equal(MS_OK, ms_loop_run(loop, &err));
}

/* A test that waits for what does not come fails. */
static inline void
on_alarm(void *arg)
{
	(void)arg;
	fail_msg("nothing more happens");
}

/* Run until SIDE has seen WHAT. */
static inline void
run_until(struct side *side, enum happening what)
{
	struct ms_timer *alarm = ms_timer_new(side->loop, on_alarm, NULL);

	ms_timer_set(alarm, 20000);
	side->stop_at = what;
	if (side->count[what] == 0)
		run(side->loop);
	side->stop_at = NOTHING;
	ms_timer_free(alarm);
	assert_true(side->count[what] > 0);
}

/* Let all happen that can happen without waiting. */
static inline void
on_settled(void *arg)
{
	ms_loop_stop(arg);
}

static inline void
settle(struct ms_loop *loop)
{
	struct ms_timer *timer = ms_timer_new(loop, on_settled, loop);

	ms_timer_set(timer, 30);
	run(loop);
	ms_timer_free(timer);
}

/* TLS for a server or client that trusts STEM.pem. */
static inline struct ms_tls *
tls_new(bool server, const char *stem, bool verify)
{
	char *name = g_strconcat(stem, ".pem", NULL);
	char *key = g_strconcat(stem, ".key", NULL);
	const struct ms_tls_config config = { .server = server,
		.certificate = server ? name : NULL,
		.key = server ? key : NULL, .ca_file = server ? NULL : name,
		.verify = verify };
	struct ms_error err = { "" };
	struct ms_tls *tls = NULL;

	if (ms_tls_new(&config, &tls, &err) != MS_OK)
		fail_msg("%s", err.text);
	g_free(name);
	g_free(key);
	return tls;
}

#endif
