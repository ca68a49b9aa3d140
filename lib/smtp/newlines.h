#ifndef MS_NEWLINES_H
#define MS_NEWLINES_H

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * Content of a message without anything that stands alone, from bytes in
 * pieces of any size: LF becomes CR LF, CRs before a LF are part of it, every
 * other CR is a line end, and NULs are not there. What smtp/dots would do to
 * line ends, but before the content is looked at, and without the dots.
 */
struct ms_newlines {
	size_t crs;		/* before what comes next */
	size_t owed;		/* line ends that are due */
};

/* Begins as zeros. Append what becomes of up to SIZE bytes at DATA to OUT:
 * not many more than twice as many. How many were used is returned; it is to
 * be called until all are. */
size_t ms_newlines_feed(struct ms_newlines *newlines, const void *data,
    size_t size, GString *out);

/* The end: to be called until it answers false. */
bool ms_newlines_end(struct ms_newlines *newlines, GString *out);

#endif
