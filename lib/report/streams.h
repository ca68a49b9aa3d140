#ifndef MS_STREAMS_H
#define MS_STREAMS_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* A list of the dialogues in captures: for people, or as JSON lines. */

struct ms_streams_row {
	const char *source;	/* path of the capture */
	const char *format;	/* word for what it is */
	uint64_t number;	/* in it */
	const char *client, *server;	/* addresses; NULL: unknown */
	int64_t first_us, last_us;	/* since 1970; -1: unknown */
	uint64_t position;	/* where it begins, */
	const char *unit;	/* counted in this; "": unknown */
	uint64_t client_bytes, server_bytes;
	uint64_t messages;
	uint64_t gaps, missing;	/* and bytes in them */
	bool client_heard, server_heard;
	bool begun, ended, reset, tls;
};

/* MS_E_IO: it could not be written. */
enum ms_status ms_streams_write(FILE *stream, bool json,
    const struct ms_streams_row *row, struct ms_error *err);

#endif
