#ifndef MS_APPEND_H
#define MS_APPEND_H

#include "action/journal.h"
#include "action/mailbox.h"

/*
 * A message at the end of a mailbox, all of it or nothing. Its bytes are in
 * the journal, and that is on disk, before room is made for them in the
 * mailbox, which is one step; then they are written there. So that room holds
 * these bytes and zeros, and nothing that others append is within it.
 */

/*
 * Append MESSAGE to BOX, which is locked: ms_mailbox_append().
 *
 * MS_OK       it is on disk
 * MS_E_PEER   it is shorter than was said: the mailbox is as it was
 * MS_E_USAGE  its From_ line is none: likewise
 * MS_E_IO     likewise, or ERR says that the journal is pending
 */
enum ms_status ms_append(const struct ms_lock_target *box,
    const struct ms_mailbox_message *message, struct ms_error *err);

/*
 * Finish what JOURNAL, whose head is HEAD, says, and remove it: if the room was
 * made, the message is then in it; if not, or if others have changed what is
 * there, the mailbox stays as it is.
 *
 * MS_OK    *WHAT, which is the caller's to free, says which of them
 * MS_E_IO  the system said no
 */
enum ms_status ms_append_recover(const struct ms_lock_target *box,
    struct ms_journal *journal, const struct ms_journal_head *head,
    char **what, struct ms_error *err);

#endif
