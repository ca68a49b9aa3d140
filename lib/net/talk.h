#ifndef MS_TALK_H
#define MS_TALK_H

#include "net/endpoint.h"
#include "net/loop.h"

#include <stddef.h>
#include <stdint.h>

/*
 * A connection of a loop: bytes in and out, in the clear or under TLS. What
 * was written together leaves together (at the end of the callback that wrote
 * it), and nothing waits for Nagle. An idle one holds no buffers. A peer that
 * is gone is a callback, never SIGPIPE.
 *
 * Callbacks come from the loop, never from within a function of this file.
 * In each of them the talk, and any other, may be freed.
 */

struct ms_talk;
struct ms_tls;

enum ms_talk_end {
	MS_TALK_ENDED,		/* the peer closed it in good order */
	MS_TALK_LOST,		/* reset, or the network says so */
	MS_TALK_REFUSED,	/* never connected */
	MS_TALK_LATE,		/* a deadline passed */
	MS_TALK_TLS		/* TLS failed, or somebody spoke before it */
};

/* Each may be NULL, except closed. */
struct ms_talk_events {
	void (*connected)(void *arg);
	/* More can be peeked at than at the last call. */
	void (*data)(void *arg);
	/* All that was written is with the kernel; once for each time that
	 * something was. */
	void (*drained)(void *arg);
	/* TLS is there. */
	void (*secured)(void *arg);
	/* The peer will send no more, all it sent could be peeked at; it may
	 * still read. If NULL that is the end: closed(MS_TALK_ENDED). */
	void (*ended)(void *arg);
	/* Over, and nothing else will be called; WHY is one line, not quoted,
	 * on loan. What is left can still be peeked at. The owner frees the
	 * talk, now or later. */
	void (*closed)(void *arg, enum ms_talk_end end, const char *why);
};

struct ms_talk_config {
	const struct ms_talk_events *events;	/* outlives the talk */
	void *arg;
	/* No more than that is kept unconsumed: then the peer has to wait.
	 * 0: 64 KiB. At least as long as the longest line. */
	size_t input_max;
	/* For each address that is tried. 0: 30 seconds. */
	int64_t connect_ms;
};

/*
 * Connect to one after the other of COUNT addresses until one answers:
 * connected, or closed(REFUSED, LATE), also if every one failed at once. The
 * talk is for one of free, abort, close.
 */
struct ms_talk *ms_talk_connect(struct ms_loop *loop,
    const struct ms_endpoint *list, size_t count,
    const struct ms_talk_config *config);

/* FD is a connected socket and becomes the talk's. PEER as accept() said
 * it, or NULL: the socket is asked. */
struct ms_talk *ms_talk_accept(struct ms_loop *loop, int fd,
    const struct ms_endpoint *peer, const struct ms_talk_config *config);

/* Other callbacks from now on: the talk has another owner. */
void ms_talk_hand(struct ms_talk *talk,
    const struct ms_talk_events *events, void *arg);

/* At once: what is queued is lost, the connection is closed. NULL is fine. */
void ms_talk_free(struct ms_talk *talk);
/* The same, and the peer sees a reset. */
void ms_talk_abort(struct ms_talk *talk);
/*
 * In good order, and nobody's business any more: what is queued is sent, then
 * our end; then the peer's end is waited for (what it says is thrown away, so
 * that no reset overtakes our last words), all that for LINGER_MS at most.
 * There are no more callbacks. ms_loop_run() waits for it, unless stopped.
 */
void ms_talk_close(struct ms_talk *talk, int64_t linger_ms);

/* Input: *SIZE bytes, which are there until the next function of this talk
 * is called or the callback returns. NULL and 0: none. */
const unsigned char *ms_talk_peek(struct ms_talk *talk, size_t *size);
/* The first SIZE of them are done with. */
void ms_talk_consume(struct ms_talk *talk, size_t size);
/* Read nothing more from the peer, call data no more; and go on. Pausing does
 * not nest. After resume, data is called if anything can be peeked at. */
void ms_talk_pause(struct ms_talk *talk);
void ms_talk_resume(struct ms_talk *talk);

/* Output: SIZE bytes, copied, in order. After the end they are dropped. */
void ms_talk_write(struct ms_talk *talk, const void *data,
    size_t size);
/* Bytes that the kernel has not taken yet: who writes much stops at some
 * hundred KiB and goes on when drained is called. */
size_t ms_talk_queued(const struct ms_talk *talk);
/* We shall write no more: the peer sees our end after what is queued. The
 * other direction goes on. */
void ms_talk_finish(struct ms_talk *talk);

/*
 * TLS from here on, when all that was written is sent: as the server or the
 * client that TLS was made for. NAME is whom a client wants (NULL: nobody
 * in particular). secured or closed(TLS) follows; what is written before goes
 * out under TLS.
 *
 * MS_OK
 * MS_E_PEER   there is input already, which somebody put there to be taken
 *             for words said under TLS (CVE-2011-0411); the talk is as it
 *             was and wants to be aborted
 * MS_E_USAGE  it is secured already or not connected; or ms_tls_start()
 */
enum ms_status ms_talk_secure(struct ms_talk *talk, struct ms_tls *tls,
    const char *name, struct ms_error *err);

/* What TLS came to, from secured to closed; the texts live as long. */
struct ms_tls_facts;
void ms_talk_security(struct ms_talk *talk, struct ms_tls_facts *facts);

/* closed(LATE) when MS milliseconds from now have passed, whatever happens;
 * negative: never. */
void ms_talk_deadline(struct ms_talk *talk, int64_t ms);
/* closed(LATE) when for MS milliseconds no byte could be read or written,
 * except while reading is paused and nothing is queued; negative: never. */
void ms_talk_patience(struct ms_talk *talk, int64_t ms);

/* "192.0.2.1:1025", "[2001:db8::1]:25", "unix:/run/x"; "unknown" if so, and
 * as long as it is not connected. They live as long as the talk once they
 * were asked for. Not quoted. */
const char *ms_talk_peer(struct ms_talk *talk);
const char *ms_talk_local(struct ms_talk *talk);

/* The descriptor, for socket options; -1 if there is none (now). */
int ms_talk_fd(const struct ms_talk *talk);

#endif
