#ifndef MS_RECORDER_H
#define MS_RECORDER_H

#include "base/error.h"
#include "capture/dialogue.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * What a client and a service say to each other, as a transcript in a file of
 * its own (mailscan-transcript(5)), for "mailscan replay". It is written while
 * they speak, so that no message is kept for it; and what cannot be written is
 * left out, and told of once; so is what there is no room for.
 */

struct ms_recorder;

/* For how many bytes there is room in a directory. */
struct ms_recorder_room {
	uint64_t left;
	bool told;		/* that there is none */
};

/* What a file counts besides its bytes. */
#define MS_RECORDER_FILE ((uint64_t)4096)

/* The directory PATH, for files: the caller's; -1: there is none, or PATH is
 * NULL. */
int ms_recorder_open(const char *path);

/* How much of LIMIT is left beside what lies in DIR, which stays the
 * caller's. */
struct ms_recorder_room ms_recorder_measure(int dir, uint64_t limit);

struct ms_recorder_config {
	int dir;		/* of the directory for the files; stays the
				 * caller's */
	struct ms_recorder_room *room;	/* in it, which all share */
	const char *name;	/* of the connection, and of its file */
	const char *client, *server;	/* "192.0.2.1:1025"; or NULL */
};

/* NULL: there is no file, which is logged. */
struct ms_recorder *ms_recorder_new(const struct ms_recorder_config *config);
/* They have nothing more to say. NULL is fine for all of these. */
void ms_recorder_free(struct ms_recorder *recorder);

void ms_recorder_said(struct ms_recorder *recorder, enum ms_side side,
    const void *data, size_t size);
/* TLS stands between them. */
void ms_recorder_secured(struct ms_recorder *recorder);
void ms_recorder_ended(struct ms_recorder *recorder, enum ms_side side);

#endif
