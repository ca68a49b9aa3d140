#ifndef MS_SIGN_H
#define MS_SIGN_H

#include "action/signature.h"
#include "base/spool.h"

#include <glib.h>

/*
 * A text that is appended to mail: to the first part that people read, as plain
 * text or HTML, and to its alternative (action/signplace.h), in the charset and
 * the transfer encoding of each. All other bytes stay as they are. Nothing is
 * appended to mail that is signed, encrypted, or ambiguous, that has the text
 * already, or whose encoding has mistakes in it.
 */

/* So much of a message is looked at, in some milliseconds: what is appended to
 * ends before. */
#define MS_SIGN_WINDOW ((size_t)1 << 20)

struct ms_sign_edit {
	size_t at, removed;	/* bytes */
	GString *inserted;	/* in their place */
};

/* The edits of the SIZE bytes at DATA, which are a message or, unless WHOLE,
 * what it begins with, in their order: struct ms_sign_edit, for
 * g_array_unref(). NULL: there are none. Linear in SIZE. */
GArray *ms_sign(const struct ms_signature *signature,
    const unsigned char *data, size_t size, bool whole);

/* A message with a signature in it, on its way to a spool. */
struct ms_sign_copy;

/*
 * The message is the SIZE bytes in FD, which has them from its start, and is a
 * loan until the end.
 *
 * MS_OK    *COPY is for ms_sign_copy_free(); nothing is copied yet
 * MS_END   it gets none, and *COPY is NULL
 * MS_E_IO  it cannot be read; likewise
 */
enum ms_status ms_sign_copy_new(const struct ms_signature *signature, int fd,
    uint64_t size, struct ms_sign_copy **copy, struct ms_error *err);
void ms_sign_copy_free(struct ms_sign_copy *copy);

/*
 * Write about SIZE bytes of it to SPOOL, always the same.
 *
 * MS_OK    there is more
 * MS_END   all of it is there
 * MS_E_IO  it cannot be read, or there is no space; MS_E_PEER: it is shorter
 */
enum ms_status ms_sign_copy_some(struct ms_sign_copy *copy, uint64_t size,
    struct ms_spool *spool, struct ms_error *err);

#endif
