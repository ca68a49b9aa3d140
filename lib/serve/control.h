#ifndef MS_CONTROL_H
#define MS_CONTROL_H

#include "pool/frame.h"

/*
 * What the master of a service and its processes say to each other, as
 * datagrams that ms_frame_send() and ms_frame_receive() take. Nothing of it
 * comes from outside.
 */

enum ms_control {
	/* to a process */
	MS_CONTROL_PEER = 96,	/* descriptor: the socket to another one; text:
				 * its name. A front uses the last one of a
				 * name; the others serve all of them */
	MS_CONTROL_RETIRE,	/* to a front: another one takes new clients;
				 * end when those that are there are gone */
	MS_CONTROL_LOG,		/* descriptor: for ms_chronicle_take() */
	MS_CONTROL_ALIVE,	/* say the same; of scanner and front */
	MS_CONTROL_DRAIN,	/* take no new work, end when all is done */
	MS_CONTROL_END,		/* now */
	/* from a process */
	MS_CONTROL_READY,		/* with a text for the log */
	MS_CONTROL_FAILED,	/* it cannot begin, and this is why */
	MS_CONTROL_SAY,		/* a text for the log */
	/* from a front, and to all others */
	MS_CONTROL_DEATHS,	/* of workers: as serve/poison.h has them */
	MS_CONTROL_BANNED	/* a client: as policy/bans.h has it */
};

/* TEXT may be NULL; the caller unrefs it. */
GByteArray *ms_control(enum ms_control order, const char *text);

/* MS_OK: *TEXT, never NULL, is for g_free(), and not quoted. MS_E_PEER: that
 * is no order. */
enum ms_status ms_control_read(const unsigned char *data, size_t size,
    enum ms_control *order, char **text);

/*
 * Receive the next one from SOCKET, which does not block.
 *
 * MS_OK      *TEXT as above, and in *FD a descriptor of the caller's, or -1
 * MS_E_IO    there is none yet
 * MS_END     the other side is gone
 * MS_E_PEER  that is no order, or the socket is broken
 */
enum ms_status ms_control_receive(int socket, enum ms_control *order,
    char **text, int *fd);

/* Send ORDER with TEXT (or NULL) and FD (or -1). MS_E_PEER, MS_E_IO: as
 * ms_frame_send(). */
enum ms_status ms_control_send(int socket, enum ms_control order,
    const char *text, int fd);

#endif
