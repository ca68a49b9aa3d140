#ifndef MS_EXIM_H
#define MS_EXIM_H

#include "source/cursor.h"
#include "source/entry.h"

#include <stdbool.h>

/*
 * Exim's spool files: ID-H has envelope, flags and header, ID-D the body,
 * ID-J, while it is there, who has got the message since ID-H was written
 * (Exim specification, "Format of spool files"). ID-H and ID-D begin with
 * their own names.
 */

/* The size of the message id that DATA begins with, in its old form
 * (6-6-2 letters and digits) or its new one (6-11-4); 0: with none. */
size_t ms_exim_id(const void *data, size_t size);

/* Is the first of the SIZE bytes' lines an id and, after '-', LETTER? Then
 * that id's size, otherwise 0. */
size_t ms_exim_is(const unsigned char *data, size_t size, char letter);

/*
 * Read the message; JOURNAL may be NULL. Recipients that have it already, as
 * ID-H or ID-J say, are left out, and so are header lines that are not to be
 * sent any more. A body in wire format gets LF line ends.
 *
 * MS_OK
 * MS_E_FORMAT  damaged; ENTRY has what stood before
 * other        as ms_cursor_piece() and ms_entry_feed()
 */
enum ms_status ms_exim_read(struct ms_cursor *header,
    struct ms_cursor *data, struct ms_cursor *journal,
    struct ms_entry *entry, struct ms_error *err);

#endif
