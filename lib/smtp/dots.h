#ifndef MS_DOTS_H
#define MS_DOTS_H

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A message as the client sends it after DATA (RFC 5321, 4.5.2), from bytes in
 * pieces of any size. Lines end with CR LF and nothing else does: a line feed
 * alone becomes one, CRs before a line feed are part of it, and every other
 * CR is a line end, too, so that no server finds the end of the message where
 * another does not. After that, a dot at the beginning of a line is doubled.
 * NUL bytes, which some servers drop, are to be kept out by the caller.
 */
struct ms_dots {
	size_t crs;		/* before what comes next */
	bool inside;		/* of a line, not at its beginning */
	uint64_t size;		/* as SIZE counts: line ends as two bytes,
				 * doubled dots as one */
	bool nul;		/* there was a NUL */
	bool eight_bit;		/* there was a byte over 127 */
};

/* Begins as zeros. Append what the SIZE bytes at DATA become to OUT (NULL:
 * only count). */
void ms_dots_feed(struct ms_dots *dots, const void *data, size_t size,
    GString *out);

/* The end of the message: of its last line, and the line with the dot. */
void ms_dots_end(struct ms_dots *dots, GString *out);

#endif
