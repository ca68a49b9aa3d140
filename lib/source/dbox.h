#ifndef MS_DBOX_H
#define MS_DBOX_H

#include "source/cursor.h"
#include "source/entry.h"

#include <stdbool.h>

/*
 * Files of Dovecot's dbox formats: a line about the file; then messages, one
 * in u.N (sdbox), many in m.N (mdbox), each with a header of fixed size, its
 * bytes, and lines of metadata up to an empty one.
 */

/* Do the first SIZE bytes of a file look so? */
bool ms_dbox_is(const unsigned char *data, size_t size);

/* Over the file's own line. *SIZE is that of the headers of messages.
 * MS_E_FORMAT: damaged; otherwise as ms_cursor_piece(). */
enum ms_status ms_dbox_start(struct ms_cursor *cursor, size_t *size,
    struct ms_error *err);

/*
 * The next message, into ENTRY, which was begun. Its time is when it was
 * saved, the rest of its envelope unknown. What Dovecot keeps in other files
 * is not there: the entry says so.
 *
 * MS_OK
 * MS_END       no more
 * MS_E_FORMAT  damaged; ENTRY has what stood before, and nothing follows
 * other        as ms_cursor_piece() and ms_entry_feed()
 */
enum ms_status ms_dbox_next(struct ms_cursor *cursor, size_t header_size,
    struct ms_entry *entry, struct ms_error *err);

#endif
