#ifndef MS_INTAKE_H
#define MS_INTAKE_H

#include "message/message.h"

/*
 * The one way by which bytes become a message: fed in pieces of any size,
 * they are hashed twice (as found; canonical), freed of mbox quoting where
 * asked, and spooled up to a limit. Any split of the input gives the same
 * message.
 */

enum ms_intake_quoting {
	MS_INTAKE_AS_IS,	/* cl2, files */
	MS_INTAKE_UNQUOTE_ONE,	/* mboxo, mboxcl: ">From " only */
	MS_INTAKE_UNQUOTE_ALL	/* mboxrd: one '>' off "^>+From " */
};

struct ms_intake_config {
	struct ms_spool_config spool;
	uint64_t max_bytes;	/* kept in the body; more is counted in
				 * ms_message.omitted, and still hashed */
};

struct ms_intake;

/* An intake is used for one message after another: begin, feed, end. CONFIG
 * is copied. */
struct ms_intake *ms_intake_new(const struct ms_intake_config *config);
void ms_intake_free(struct ms_intake *intake);

/* Begin a message, dropping what was fed since the last end. */
void ms_intake_begin(struct ms_intake *intake,
    enum ms_intake_quoting quoting);

/* After _begin: BODY, which is the intake's then, has all that will be fed, as
 * is and no more than the limit, already. */
void ms_intake_has(struct ms_intake *intake, struct ms_spool *body);

/* Begin the message of the SIZE bytes in FD, from its start, as is; it will be
 * a copy, if whoever gave it could change it. */
void ms_intake_open(struct ms_intake *intake, int fd, uint64_t size);

/* Feed what is in FD from *AT on, which moves, up to END. Statuses as
 * ms_intake_feed(); MS_E_IO: it cannot be read, MS_E_PEER: it is shorter. */
enum ms_status ms_intake_read(struct ms_intake *intake, int fd, uint64_t *at,
    uint64_t end, struct ms_error *err);

/* The three at once: _open, _read and _end. */
enum ms_status ms_intake_take(struct ms_intake *intake, int fd,
    uint64_t size, struct ms_message **message, struct ms_error *err);

/* MS_OK, or MS_E_IO when the spool is full. */
enum ms_status ms_intake_feed(struct ms_intake *intake, const void *data,
    size_t size, struct ms_error *err);

/* The message of all that was fed, for the caller to free; its origin is
 * empty. Statuses as ms_intake_feed(). */
enum ms_status ms_intake_end(struct ms_intake *intake,
    struct ms_message **message, struct ms_error *err);

#endif
