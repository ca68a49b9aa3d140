#ifndef MS_LISTEN_H
#define MS_LISTEN_H

#include "net/endpoint.h"
#include "net/loop.h"

#include <stdbool.h>

/*
 * Sockets that others connect to: made by ms_listen_open(), which needs the
 * rights, or inherited; listened to by ms_listen_new(), which needs none.
 */

struct ms_listen;

/* Whose a unix socket is; all of them may be NULL: as it is made. */
struct ms_listen_owner {
	const char *user;	/* if we are root, and so is GROUP, but where
				 * the directory gives its own group away */
	const char *group;	/* NULL: that of USER */
	const char *said;	/* the group, whatever the directory's is */
};

struct ms_listen_config {
	const char *address;	/* as endpoint.h says; a name: all it means */
	unsigned mode;		/* of a unix socket; 0: 0600 */
	struct ms_listen_owner owner;
	bool packets;		/* SOCK_SEQPACKET, of a unix socket only */
	int backlog;		/* 0: 4096; the system may allow fewer */
	bool transparent;	/* for connections to others, as TPROXY hands
				 * them over (net/redirect.h) */
};

/*
 * Open sockets and append their descriptors (int) to FDS; the caller closes
 * them. A unix socket that is in the way and that nobody listens on is
 * removed.
 *
 * MS_OK
 * MS_E_USAGE  that is no address; there is no such user or group
 * MS_E_PEER   the name is not known
 * MS_E_IO     it may not be had: in use (ERR says how to see by whom), not
 *             ours, forbidden
 */
enum ms_status ms_listen_open(const struct ms_listen_config *config,
    GArray *fds, struct ms_error *err);

/* Remove the unix socket of ADDRESS (if it is one) if nobody listens on it
 * any more: for those who have closed it. */
void ms_listen_remove(const char *address);

/* Is FD, which we inherited, a socket that listens for streams? Makes it
 * close on exec and not block. MS_OK or MS_E_USAGE. */
enum ms_status ms_listen_check(int fd, struct ms_error *err);

/* Have connections that are accepted at this process's sockets of the
 * Internet send at once what they are given (TCP_NODELAY): for sockets that a
 * library has just opened, and keeps to itself. */
void ms_listen_hasten(void);

/* Where FD listens: "127.0.0.1:25", for g_free(). */
char *ms_listen_name(int fd);

struct ms_listen_events {
	/* FD is a new connection (non-blocking, close on exec) and the
	 * callee's. */
	void (*accepted)(void *arg, int fd, const struct ms_endpoint *peer);
	/* None can be had now (no descriptors, no memory): it is tried again
	 * soon. Called once until one was accepted again. May be NULL. */
	void (*failed)(void *arg, const char *why);
};

/* Accept from FD, which stays the caller's and outlives the listener; both
 * are for the owner to free. */
struct ms_listen *ms_listen_new(struct ms_loop *loop, int fd,
    const struct ms_listen_events *events, void *arg);
void ms_listen_free(struct ms_listen *listen);

/* Let those who come wait in the kernel's queue; and go on. */
void ms_listen_pause(struct ms_listen *listen);
void ms_listen_resume(struct ms_listen *listen);

#endif
