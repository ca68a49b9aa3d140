#ifndef MS_RECORDER_H
#define MS_RECORDER_H

#include "base/error.h"
#include "capture/dialogue.h"

/*
 * What a client and a service say to each other, as a transcript in a file of
 * its own (mailscan-transcript(5)), for "mailscan replay". It is written while
 * they speak, so that no message is kept for it; and what cannot be written is
 * left out, and told of once.
 */

struct ms_recorder;

struct ms_recorder_config {
	int dir;		/* of the directory for the files; stays the
				 * caller's */
	const char *name;	/* of the connection, and of its file */
	const char *client, *server;	/* "192.0.2.1:1025"; or NULL */
};

/* NULL: there can be no file, which is logged. */
struct ms_recorder *ms_recorder_new(const struct ms_recorder_config *config);
/* They have nothing more to say. NULL is fine for all of these. */
void ms_recorder_free(struct ms_recorder *recorder);

void ms_recorder_said(struct ms_recorder *recorder, enum ms_side side,
    const void *data, size_t size);
/* TLS stands between them. */
void ms_recorder_secured(struct ms_recorder *recorder);
void ms_recorder_ended(struct ms_recorder *recorder, enum ms_side side);

#endif
