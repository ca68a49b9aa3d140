#ifndef MS_WIRE_H
#define MS_WIRE_H

#include "base/error.h"

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The fields of a frame, one behind the other: a byte for the type, then
 * numbers, flags and strings. Both ends are the same program on the same
 * machine, so numbers travel in its own byte order. Reading checks every
 * field, and what went wrong once stays wrong: a reader looks at the end.
 */

#define MS_WIRE_STRING_MAX 4096	/* bytes of one string */

/* A new frame that begins with TYPE; the caller unrefs it. */
GByteArray *ms_wire_new(unsigned type);

/* Each appends one field. A string over the limit is cut; NULL stays NULL. */
void ms_wire_put(GByteArray *frame, const void *value, size_t size);
void ms_wire_put_u64(GByteArray *frame, uint64_t value);
void ms_wire_put_u32(GByteArray *frame, uint32_t value);
void ms_wire_put_string(GByteArray *frame, const char *text);

/* Reading: what is left, and whether all was well so far. */
struct ms_wire {
	const unsigned char *data;
	size_t size;
	bool bad;
};

/* The fields of a frame whose first byte must be TYPE. */
struct ms_wire ms_wire_open(const unsigned char *data, size_t size,
    unsigned type);

/* Each takes the next field; zeros or NULL if it is not there. */
void ms_wire_get(struct ms_wire *wire, void *value, size_t size);
uint64_t ms_wire_u64(struct ms_wire *wire);
uint32_t ms_wire_u32(struct ms_wire *wire);
bool ms_wire_flag(struct ms_wire *wire);

/* A string for the caller to g_free(), without a NUL byte in it; or NULL. */
char *ms_wire_string(struct ms_wire *wire);

/* Likewise where NULL is not allowed; never NULL. */
char *ms_wire_text(struct ms_wire *wire);

/* MS_OK if all was well and nothing is left; else MS_E_PEER. */
enum ms_status ms_wire_close(const struct ms_wire *wire);

#endif
