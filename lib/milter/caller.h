#ifndef MS_CALLER_H
#define MS_CALLER_H

#include "message/envelope.h"

#include <sys/socket.h>

/*
 * What a mail server says of the client that it has before it, for all messages
 * of that client. Strings may be NULL: not known.
 */

struct ms_caller {
	char *name, *address, *helo;
};

/* A client has come: its name, and where from; ADDRESS NULL, or one that is not
 * of the Internet: it is a program of that machine. Copied. */
void ms_caller_begin(struct ms_caller *caller, const char *name,
    const struct sockaddr *address);
void ms_caller_greets(struct ms_caller *caller, const char *name);
void ms_caller_clear(struct ms_caller *caller);

/* Write it into ENVELOPE; ADDRESS and NAME stand for what is not known, and may
 * be NULL. */
void ms_caller_sign(const struct ms_caller *caller, const char *name,
    const char *address, struct ms_envelope *envelope);

#endif
