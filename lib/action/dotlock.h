#ifndef MS_DOTLOCK_H
#define MS_DOTLOCK_H

#include "action/lock.h"

/*
 * The file PATH.lock: who makes it has the mailbox. It is made by link(2),
 * which works over NFS as well, and says "PID:HOST", by which Dovecot,
 * liblockfile and we see whether its maker is still alive.
 */

struct ms_dotlock;

/*
 * Try once. One that was left over is removed: its process on this machine
 * is dead, or nothing is known of it and it is older than STALE_MS.
 *
 * MS_OK    *LOCK is for ms_dotlock_give()
 * MS_END   others have it; *WHO says who, the caller's to free
 * MS_E_IO  the directory cannot be written to
 */
enum ms_status ms_dotlock_take(const struct ms_lock_target *target,
    int64_t stale_ms, struct ms_dotlock **lock, char **who,
    struct ms_error *err);

/* As ms_lock_refresh(). */
enum ms_status ms_dotlock_refresh(struct ms_dotlock *lock,
    struct ms_error *err);

/* Remove it, if it is still ours. NULL is fine. */
void ms_dotlock_give(struct ms_dotlock *lock);

#endif
