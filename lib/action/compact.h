#ifndef MS_COMPACT_H
#define MS_COMPACT_H

#include "action/journal.h"

/*
 * Holes taken out of a mailbox, in place: what is behind them moves down,
 * some MB at a time, each written down in the journal and on disk before it
 * is written to where it belongs. Whatever the size of the mailbox, that takes
 * two such pieces of disk space and one of memory.
 */

struct ms_compact_hole {
	uint64_t offset, length;
};

/*
 * Take COUNT holes out of BOX: ascending, none empty, none touching another
 * one, all within the mailbox. LOCK is refreshed now and then.
 *
 * MS_OK      it is on disk
 * MS_E_IO    the mailbox is as it was, or ERR says that a journal is pending
 * MS_E_PEER  likewise: our lock was taken away
 */
enum ms_status ms_compact(const struct ms_lock_target *box,
    struct ms_lock *lock, const struct ms_compact_hole *holes, size_t count,
    struct ms_error *err);

/* As ms_overwrite_recover(). What was appended since moves down, too. */
enum ms_status ms_compact_recover(const struct ms_lock_target *box,
    struct ms_lock *lock, struct ms_journal *journal,
    const struct ms_journal_head *head, char **what, struct ms_error *err);

#endif
