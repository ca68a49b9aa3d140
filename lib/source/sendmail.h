#ifndef MS_SENDMAIL_H
#define MS_SENDMAIL_H

#include "source/cursor.h"
#include "source/entry.h"

#include <stdbool.h>

/*
 * Queue files of sendmail: qfID (hfID when quarantined, QfID when given up)
 * has envelope and header, a letter in front of each line, and dfID the body
 * (Sendmail Installation and Operation Guide, appendix B).
 */

/* Do the first SIZE bytes of a file look like a control file? */
bool ms_sendmail_is(const unsigned char *data, size_t size);

/*
 * Read the message. DATA may be NULL: it has no body. Return-Path fields are
 * left out, as the final delivery makes its own.
 *
 * MS_OK
 * MS_E_FORMAT  damaged; ENTRY has what stood before
 * other        as ms_cursor_piece() and ms_entry_feed()
 */
enum ms_status ms_sendmail_read(struct ms_cursor *control,
    struct ms_cursor *data, struct ms_entry *entry, struct ms_error *err);

#endif
