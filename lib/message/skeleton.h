#ifndef MS_SKELETON_H
#define MS_SKELETON_H

#include <glib.h>

#include <stddef.h>

/*
 * A message without the middles of its long stretches of encoded lines, for
 * a parser that looks at every line of it. What is left out are whole lines,
 * neither empty nor long, that have no hyphen, colon, blank, control or 8-bit
 * byte in them, between others like these: neither header fields nor their
 * continuation, no boundaries (RFC 2046, 5.1.1), no ends of headers. So what
 * a parser makes of the rest, it makes of the whole.
 */
struct ms_skeleton {
	const unsigned char *data;
	size_t size;
	GByteArray *copy;	/* NULL: nothing was left out, and data is the
				 * message itself */
	GArray *cuts;		/* likewise */
};

/* Of the SIZE bytes at DATA, which must outlive it. Where not much could be
 * left out, nothing is, so that it never takes much memory. */
void ms_skeleton_init(struct ms_skeleton *skeleton, const unsigned char *data,
    size_t size);
void ms_skeleton_clear(struct ms_skeleton *skeleton);

/* Where in the message the byte at OFFSET of the skeleton is. The offset of
 * the end is that of the end. */
size_t ms_skeleton_offset(const struct ms_skeleton *skeleton, size_t offset);

#endif
