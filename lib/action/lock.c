#include "action/lock.h"

#include "action/dotlock.h"
#include "action/holder.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long to be away between two tries: a random time up to this, which
 * doubles from the one to the other. */
#define WAIT_MIN_US 1000
#define WAIT_MAX_US 64000

struct ms_lock {
	struct ms_lock_target target;
	struct ms_lock_config config;
	size_t taken;		/* the first so many of config.order */
	struct ms_dotlock *dot;
	enum ms_lock_kind busy;	/* what was not to be had */
	char *who;		/* has it, if it is the dot-lock */
};

const struct ms_lock_config ms_lock_default = {
	.order = { MS_LOCK_FCNTL, MS_LOCK_FLOCK, MS_LOCK_DOT },
	.count = 3,
	.timeout_ms = 30 * 1000,
	.stale_ms = 10 * 60 * 1000,
};

static const char *const names[MS_LOCK_KINDS] = {
	[MS_LOCK_FCNTL] = "fcntl",
	[MS_LOCK_FLOCK] = "flock",
	[MS_LOCK_DOT] = "dotlock",
};

static enum ms_status
add_kind(struct ms_lock_config *config, const char *word,
    struct ms_error *err)
{
	size_t kind = 0;

	while (kind < MS_LOCK_KINDS && strcmp(names[kind], word) != 0)
		kind++;
	if (kind == MS_LOCK_KINDS)
		return ms_error_set(err, MS_E_USAGE, "\"%s\" is no kind of "
		    "lock: fcntl, flock, dotlock", word);
	for (size_t i = 0; i < config->count; i++)
		if (config->order[i] == (enum ms_lock_kind)kind)
			return ms_error_set(err, MS_E_USAGE,
			    "%s is there twice", word);
	config->order[config->count++] = (enum ms_lock_kind)kind;
	return MS_OK;
}

enum ms_status
ms_lock_parse(const char *text, struct ms_lock_config *config,
    struct ms_error *err)
{
	/* One more than there are kinds: the last is then no kind at all. */
	char **words = g_strsplit(text, ",", MS_LOCK_KINDS + 1);
	enum ms_status status = MS_OK;

	config->count = 0;
	if (!words[0])
		status = ms_error_set(err, MS_E_USAGE,
		    "no kind of lock is named: fcntl, flock, dotlock");
	for (size_t i = 0; words[i] && status == MS_OK; i++)
		status = add_kind(config, words[i], err);
	g_strfreev(words);
	return status;
}

/* For errno, after a try. */
static enum ms_status
refused(struct ms_lock *lock, enum ms_lock_kind kind, struct ms_error *err)
{
	lock->busy = kind;
	if (errno == EAGAIN || errno == EACCES || errno == EINTR)
		return MS_END;
	return ms_error_errno(err, "cannot lock %s with %s",
	    lock->target.path, names[kind]);
}

static enum ms_status
try_fcntl(struct ms_lock *lock, struct ms_error *err)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(lock->target.fd, F_OFD_SETLK, &whole) == 0 ? MS_OK :
	    refused(lock, MS_LOCK_FCNTL, err);
}

static enum ms_status
try_flock(struct ms_lock *lock, struct ms_error *err)
{
	return flock(lock->target.fd, LOCK_EX | LOCK_NB) == 0 ? MS_OK :
	    refused(lock, MS_LOCK_FLOCK, err);
}

static enum ms_status
try_dot(struct ms_lock *lock, struct ms_error *err)
{
	return ms_dotlock_take(&lock->target, lock->config.stale_ms,
	    &lock->dot, &lock->who, err);
}

static void
give_fcntl(struct ms_lock *lock)
{
	struct flock whole = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	/* Closing the file does it at the latest. */
	(void)fcntl(lock->target.fd, F_OFD_SETLK, &whole);
}

static void
give_flock(struct ms_lock *lock)
{
	(void)flock(lock->target.fd, LOCK_UN);
}

static void
give_dot(struct ms_lock *lock)
{
	ms_dotlock_give(lock->dot);
	lock->dot = NULL;
}

static const struct {
	enum ms_status (*take)(struct ms_lock *lock, struct ms_error *err);
	void (*give)(struct ms_lock *lock);
} kinds[MS_LOCK_KINDS] = {
	[MS_LOCK_FCNTL] = { try_fcntl, give_fcntl },
	[MS_LOCK_FLOCK] = { try_flock, give_flock },
	[MS_LOCK_DOT] = { try_dot, give_dot },
};

static void
give_all(struct ms_lock *lock)
{
	while (lock->taken > 0)
		kinds[lock->config.order[--lock->taken]].give(lock);
}

/* MS_END: one of them is busy, and none is ours. */
static enum ms_status
take_all(struct ms_lock *lock, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	g_free(lock->who);
	lock->who = NULL;
	while (lock->taken < lock->config.count) {
		status = kinds[lock->config.order[lock->taken]].take(lock,
		    err);
		if (status != MS_OK)
			break;
		lock->taken++;
	}
	if (status != MS_OK)
		give_all(lock);
	return status;
}

/* Who has it, at the end of all waiting. */
static enum ms_status
give_up(const struct ms_lock *lock, struct ms_error *err)
{
	struct stat st;
	char *holder = NULL;

	if (!lock->who && fstat(lock->target.fd, &st) == 0)
		holder = ms_holder_find(&st, lock->busy == MS_LOCK_FCNTL ?
		    "POSIX" : "FLOCK");
	if (lock->who)
		(void)ms_error_set(err, MS_E_PEER, "%s", lock->who);
	else
		(void)ms_error_set(err, MS_E_PEER, "%s has locked it with %s",
		    holder ? holder : "another process", names[lock->busy]);
	g_free(holder);
	ms_error_context(err, "%s was locked by others for %" PRId64 " ms",
	    lock->target.path, lock->config.timeout_ms);
	return MS_E_PEER;
}

enum ms_status
ms_lock_take(const struct ms_lock_target *target,
    const struct ms_lock_config *config, struct ms_lock **lock,
    struct ms_error *err)
{
	int64_t deadline = ms_clock_ms() + config->timeout_ms;
	struct ms_lock *l = g_new0(struct ms_lock, 1);
	gint32 wait_us = WAIT_MIN_US;
	enum ms_status status;

	l->target = *target;
	l->config = *config;
	while ((status = take_all(l, err)) == MS_END &&
	    ms_clock_ms() < deadline) {
		g_usleep((gulong)g_random_int_range(wait_us / 2, wait_us));
		wait_us = MIN(2 * wait_us, WAIT_MAX_US);
	}
	if (status == MS_OK) {
		*lock = l;
		return MS_OK;
	}
	if (status == MS_END)
		status = give_up(l, err);
	ms_lock_give(l);
	return status;
}

enum ms_status
ms_lock_refresh(struct ms_lock *lock, struct ms_error *err)
{
	return lock->dot ? ms_dotlock_refresh(lock->dot, err) : MS_OK;
}

void
ms_lock_give(struct ms_lock *lock)
{
	if (!lock)
		return;
	give_all(lock);
	g_free(lock->who);
	g_free(lock);
}
