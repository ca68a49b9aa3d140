#ifndef MS_LOCK_H
#define MS_LOCK_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Locks on an mbox. Mail programs agree on three ways and on no order: fcntl,
 * flock, and a file PATH.lock beside it. All that are configured are taken,
 * none is waited for with another one in hand: if one is busy, all are given
 * back and tried again after a random while. So no order that others have can
 * deadlock with ours.
 */

enum ms_lock_kind {
	MS_LOCK_FCNTL,		/* on the whole file, an open file
				 * description's: threads and forks do not
				 * lose it */
	MS_LOCK_FLOCK,
	MS_LOCK_DOT,		/* needs to write into the directory */
	MS_LOCK_KINDS
};

struct ms_lock_config {
	enum ms_lock_kind order[MS_LOCK_KINDS];
	size_t count;		/* of them; 0: no lock at all */
	int64_t timeout_ms;	/* to get all of them */
	int64_t stale_ms;	/* a PATH.lock of nobody known is left over if
				 * neither it nor the mailbox changed for so
				 * long */
};

/* All three, half a minute, ten minutes. */
extern const struct ms_lock_config ms_lock_default;

/* Set the order from "fcntl,flock,dotlock" or some of these, each once.
 * MS_E_USAGE: TEXT has something else in it, which ERR names. */
enum ms_status ms_lock_parse(const char *text, struct ms_lock_config *config,
    struct ms_error *err);

/* What is to be locked: all of it is a loan for as long as the lock is. */
struct ms_lock_target {
	int fd;			/* the mailbox, open for writing */
	int dir;		/* the directory that it is in */
	const char *name;	/* its name there */
	const char *path;	/* for what is told */
};

struct ms_lock;

/*
 * MS_OK         *LOCK is for ms_lock_give(); the mailbox may be another file
 *               by now, look
 * MS_E_PEER     others had it until the time was over: ERR says who, where
 *               that is known
 * MS_E_IO       it cannot be locked in this way
 */
enum ms_status ms_lock_take(const struct ms_lock_target *target,
    const struct ms_lock_config *config, struct ms_lock **lock,
    struct ms_error *err);

/* To be called now and then by those who hold it for long, at any rate: shows
 * others that PATH.lock is alive. MS_E_PEER: somebody has taken it away all
 * the same; nothing more may be written. */
enum ms_status ms_lock_refresh(struct ms_lock *lock, struct ms_error *err);

/* Give all back. NULL is fine. */
void ms_lock_give(struct ms_lock *lock);

#endif
