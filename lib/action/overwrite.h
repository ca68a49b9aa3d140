#ifndef MS_OVERWRITE_H
#define MS_OVERWRITE_H

#include "action/journal.h"
#include "action/notice.h"

/*
 * Bytes of a mailbox replaced by as many others, all or none of them. Old and
 * new ones are in the journal, and that is on disk, before the first one is
 * written.
 */

/* Overwrite SIZE bytes of BOX from OFFSET by NOTICE, which is of that size.
 * MS_OK: they are on disk. MS_E_IO: the mailbox is as it was, or ERR says that
 * the journal is pending. */
enum ms_status ms_overwrite(const struct ms_lock_target *box,
    uint64_t offset, uint64_t size, const struct ms_notice *notice,
    struct ms_error *err);

/*
 * Finish what JOURNAL, whose head is HEAD, says, and remove it.
 *
 * MS_OK        done, or it was never begun; *WHAT is the caller's to free
 * MS_E_FORMAT  the mailbox has neither the old nor the new bytes there:
 *              nothing was changed
 * MS_E_IO      the system said no
 */
enum ms_status ms_overwrite_recover(const struct ms_lock_target *box,
    struct ms_journal *journal, const struct ms_journal_head *head,
    char **what, struct ms_error *err);

#endif
