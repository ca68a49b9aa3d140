#ifndef MS_QMAIL_H
#define MS_QMAIL_H

#include "source/cursor.h"
#include "source/entry.h"

/*
 * The envelope of a message in qmail's queue (qmail, INTERNALS): strings that
 * end with NUL and begin with a letter. In todo, and in intd before that:
 * u uid, p pid, F sender, T recipients; then info has F, local and remote have
 * T for recipients who are to get it and D for those who did.
 */

/* Add what the file says. MS_E_FORMAT: damaged; other: as
 * ms_cursor_piece(). */
enum ms_status ms_qmail_read(struct ms_cursor *cursor,
    struct ms_entry *entry, struct ms_error *err);

#endif
