#ifndef MS_MBOX_H
#define MS_MBOX_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The mbox splitter. It pulls bytes through a callback into a buffer of
 * fixed size and lends out pieces of it, so that a mailbox of any size takes
 * the same memory, and slices, put together, are the mailbox.
 *
 * A line "From ..." begins a message if it is the first of the mailbox or
 * comes after an empty line ("\n" or "\r\n"). What stands before the first
 * one is a slice of its own, number 0, unless it is nothing but empty lines:
 * then these belong to the first message's slice. More than 64 KB of empty
 * lines are never part of a message.
 */

/* Up to SIZE further bytes into DATA; *GOT 0 is the end. Having failed once,
 * it must go on failing. */
typedef enum ms_status ms_mbox_fill(void *arg, void *data, size_t size,
    size_t *got, struct ms_error *err);

/* Up to SIZE bytes from OFFSET; less only at the end. */
typedef enum ms_status ms_mbox_peek(void *arg, uint64_t offset, void *data,
    size_t size, size_t *got, struct ms_error *err);

struct ms_mbox_config {
	ms_mbox_fill *fill;
	ms_mbox_peek *peek;	/* NULL: a Content-Length is checked only as
				 * far as the buffer goes */
	void *arg;
	bool content_length;	/* mboxcl, mboxcl2: believe a Content-Length
				 * that leads to a From_ line or the end */
	uint64_t offset;	/* where fill() begins: at a From_ line, */
	uint64_t index;		/* after so many messages */
};

struct ms_mbox_slice {
	uint64_t index;
	uint64_t offset;
	const char *from;	/* the From_ line without its end, cut after
				 * some hundred bytes; "": has none. A loan
				 * until the next slice */
};

struct ms_mbox;

struct ms_mbox *ms_mbox_new(const struct ms_mbox_config *config);
void ms_mbox_free(struct ms_mbox *mbox);

/* Go to the next slice, past what is left of this one. MS_OK, MS_END, or
 * what the callback said. */
enum ms_status ms_mbox_next(struct ms_mbox *mbox,
    struct ms_mbox_slice *slice, struct ms_error *err);

/*
 * The next piece of the slice's message: without the From_ line, and without
 * the empty line that ends the slice. *SIZE 0 is its end; the loan ends with
 * the next call.
 */
enum ms_status ms_mbox_read(struct ms_mbox *mbox, const unsigned char **data,
    size_t *size, struct ms_error *err);

/* How far the mailbox has been read: after the last piece, where the slice
 * ends. */
uint64_t ms_mbox_offset(const struct ms_mbox *mbox);

#endif
