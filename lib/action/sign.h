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

/* So much of a message is looked at: what is appended to ends before. */
#define MS_SIGN_WINDOW ((size_t)4 << 20)

/* Largest such part that is encoded. */
#define MS_SIGN_CODED_MAX ((size_t)1 << 20)

struct ms_sign_edit {
	size_t at, removed;	/* bytes */
	GString *inserted;	/* in their place */
};

/* The edits of the SIZE bytes at DATA, which are a message or, unless WHOLE,
 * what it begins with, in their order: struct ms_sign_edit, for
 * g_array_unref(). NULL: there are none. Linear in SIZE. */
GArray *ms_sign(const struct ms_signature *signature,
    const unsigned char *data, size_t size, bool whole);

/*
 * Write the message of SIZE bytes in FD, which has them from its start, with
 * SIGNATURE in it, to SPOOL.
 *
 * MS_OK
 * MS_END   it gets none; nothing was written
 * MS_E_IO  it cannot be read, or there is no space
 */
enum ms_status ms_sign_copy(const struct ms_signature *signature, int fd,
    uint64_t size, struct ms_spool *spool, struct ms_error *err);

#endif
