#ifndef MS_POSTFIX_H
#define MS_POSTFIX_H

#include "source/cursor.h"
#include "source/entry.h"

#include <stdbool.h>

/*
 * Queue files of Postfix: records of a type byte, a length of seven bits a
 * byte (the lowest first; the highest bit says that more follow) and as many
 * bytes. Envelope, message ("M"), what was extracted from it ("X"), end ("E").
 * Edits by milters leave pointers and padding in between, which are followed
 * and passed over.
 */

/* Do the first SIZE bytes of a file look so? */
bool ms_postfix_is(const unsigned char *data, size_t size);

/*
 * Read the file. Recipients that have the message already are left out.
 *
 * MS_OK
 * MS_E_FORMAT  damaged, or not written to its end; ENTRY has what stood before
 * other        as ms_cursor_piece() and ms_entry_feed()
 */
enum ms_status ms_postfix_read(struct ms_cursor *cursor,
    struct ms_entry *entry, struct ms_error *err);

#endif
