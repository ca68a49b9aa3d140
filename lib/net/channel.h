#ifndef MS_CHANNEL_H
#define MS_CHANNEL_H

#include "net/pending.h"
#include "net/tls.h"

#include <stddef.h>

/*
 * A socket that does not block, in the clear or under TLS, for net/talk: the
 * same few questions, the same few answers. No SIGPIPE comes of it.
 */

enum ms_channel_answer {
	MS_CHANNEL_DONE,
	MS_CHANNEL_WANT_READ,	/* ask again when the socket can be read */
	MS_CHANNEL_WANT_WRITE,	/* or written */
	MS_CHANNEL_END,		/* the peer sends no more */
	MS_CHANNEL_FAILED	/* the text says why */
};

struct ms_channel {
	int fd;			/* -1: none */
	struct ssl_st *ssl;	/* NULL: in the clear */
	struct ms_tls *tls;	/* that it was made of */
};

/* The socket FD, which is connected: it will not block from here on, and not
 * wait for more to send (TCP_NODELAY) if it is one of the Internet's. */
void ms_channel_open(struct ms_channel *channel, int fd, bool internet);

/* Up to SIZE bytes into DATA; DONE: *GOT of them, at least one. */
enum ms_channel_answer ms_channel_read(struct ms_channel *channel,
    void *data, size_t size, size_t *got, struct ms_error *err);

/* What PENDING holds; the bytes that were taken, *SENT of them, are consumed.
 * DONE: all of them. */
enum ms_channel_answer ms_channel_write(struct ms_channel *channel,
    struct ms_pending *pending, size_t *sent, struct ms_error *err);

/* Is there input that the socket knows nothing of any more? */
bool ms_channel_has(const struct ms_channel *channel);

/* Be ready for TLS, see ms_tls_start(). */
enum ms_status ms_channel_secure(struct ms_channel *channel,
    struct ms_tls *tls, const char *name, struct ms_error *err);
/* Go on with the handshake. */
enum ms_channel_answer ms_channel_shake(struct ms_channel *channel,
    struct ms_error *err);

/* We send no more. Never fails: who is gone need not know. */
void ms_channel_finish(struct ms_channel *channel);

/* Close it; with a reset, or as the system does it. */
void ms_channel_close(struct ms_channel *channel, bool reset);

#endif
