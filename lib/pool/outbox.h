#ifndef MS_OUTBOX_H
#define MS_OUTBOX_H

#include "pool/frame.h"

/* Frames that wait to be sent over a socket that does not block, each with a
 * descriptor or none. */
struct ms_outbox {
	GQueue waiting;
	size_t size;		/* bytes of them */
};

void ms_outbox_init(struct ms_outbox *box);
/* What waits goes; it is as after _init then. */
void ms_outbox_clear(struct ms_outbox *box);

/* FRAME and FD (-1: none) are then the box's. */
void ms_outbox_put(struct ms_outbox *box, GByteArray *frame, int fd);

/* Send what SOCKET takes. MS_OK: it may take more later. MS_E_PEER: nobody is
 * there any more. */
enum ms_status ms_outbox_send(struct ms_outbox *box, int socket);

/* Frames that still wait. */
guint ms_outbox_length(const struct ms_outbox *box);

#endif
