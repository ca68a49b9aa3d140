#include "action/dotlock.h"

#include "action/holder.h"
#include "base/clock.h"
#include "base/write.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Other programs call a lock left over after two minutes at the earliest. */
#define REFRESH_MS 10000

/* A dead process that does not say on which machine it was may be alive on
 * another one. */
#define DEAD_MS 60000

#define HOST_MAX 256

struct ms_dotlock {
	struct ms_lock_target target;
	char *name;		/* of the lock */
	char *temporary;	/* while it has not got that name; NULL: has
				 * no name at all */
	int fd;			/* of the lock; with flock(), so that we know
				 * it from one that an earlier process with
				 * our number has left */
	int64_t refreshed_ms;
};

/* What a lock that others made says. */
struct maker {
	struct stat st;
	int fd;			/* -1: may not be read */
	int64_t pid;		/* 0: unknown */
	bool here;		/* on this machine; else maybe */
	bool elsewhere;		/* certainly */
};

static void
host_name(char host[HOST_MAX])
{
	if (gethostname(host, HOST_MAX) != 0)
		*host = '\0';
	host[HOST_MAX - 1] = '\0';
}

/* A file without a name in the directory; or, where the file system has no
 * such thing, as NFS, with one that nobody else uses. */
static enum ms_status
create(struct ms_dotlock *lock, struct ms_error *err)
{
	const struct ms_lock_target *target = &lock->target;
	const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;

	lock->fd = openat(target->dir, ".", O_RDWR | O_CLOEXEC | O_TMPFILE,
	    0644);
	if (lock->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR ||
	    errno == ENOENT)) {
		lock->temporary = g_strdup_printf("%s-%ld-%08x", lock->name,
		    (long)getpid(), g_random_int());
		lock->fd = openat(target->dir, lock->temporary, flags |
		    O_CREAT | O_EXCL, 0644);
	}
	if (lock->fd >= 0)
		return MS_OK;
	return ms_error_errno(err, "cannot make %s.lock (another kind of lock "
	    "may do)", target->path);
}

static enum ms_status
fill(struct ms_dotlock *lock, struct ms_error *err)
{
	char host[HOST_MAX];
	char *text;
	bool written;

	host_name(host);
	text = g_strdup_printf("%ld:%s\n", (long)getpid(), host);
	written = ms_write(lock->fd, text, strlen(text)) == MS_OK &&
	    flock(lock->fd, LOCK_EX | LOCK_NB) == 0;
	g_free(text);
	return written ? MS_OK : ms_error_errno(err, "cannot make %s.lock",
	    lock->target.path);
}

/* Give the file the name of the lock. MS_END: something has it. */
static enum ms_status
give_name(struct ms_dotlock *lock, struct ms_error *err)
{
	const struct ms_lock_target *target = &lock->target;
	char *from = lock->temporary ? g_strdup(lock->temporary) :
	    g_strdup_printf("/proc/self/fd/%d", lock->fd);
	int result = linkat(target->dir, from, target->dir, lock->name,
	    AT_SYMLINK_FOLLOW);
	const int why = errno;
	struct stat st;

	g_free(from);
	/* Over NFS the answer may get lost, and the link be there. */
	if (result != 0 && lock->temporary && fstat(lock->fd, &st) == 0 &&
	    st.st_nlink == 2)
		result = 0;
	if (result == 0)
		return MS_OK;
	if (why == EEXIST)
		return MS_END;
	errno = why;
	return ms_error_errno(err, "cannot make %s.lock", target->path);
}

static void
parse(struct maker *maker, char *text)
{
	char host[HOST_MAX], *end;

	maker->pid = g_ascii_strtoll(text, &end, 10);
	if (maker->pid < 0 || maker->pid > G_MAXINT32)
		maker->pid = 0;
	if (*end != ':')
		return;
	end[1 + strcspn(end + 1, "\n")] = '\0';
	host_name(host);
	maker->here = strcmp(end + 1, host) == 0;
	maker->elsewhere = !maker->here;
}

/* MS_END: it is gone. */
static enum ms_status
look(const struct ms_dotlock *lock, struct maker *maker)
{
	const int dir = lock->target.dir;
	char text[HOST_MAX + 32];
	ssize_t n = 0;

	*maker = (struct maker){ .fd = -1 };
	if (fstatat(dir, lock->name, &maker->st, AT_SYMLINK_NOFOLLOW) != 0)
		return MS_END;
	if (!S_ISREG(maker->st.st_mode))
		return MS_OK;
	maker->fd = openat(dir, lock->name, O_RDONLY | O_NOFOLLOW |
	    O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (maker->fd >= 0 && fstat(maker->fd, &maker->st) == 0)
		n = read(maker->fd, text, sizeof text - 1);
	if (n > 0) {
		text[n] = '\0';
		parse(maker, text);
	}
	return MS_OK;
}

static int64_t
milliseconds(const struct timespec *time)
{
	return (int64_t)time->tv_sec * 1000 + time->tv_nsec / 1000000;
}

/* Has its maker died? Our file is new, so its time is now by the clock that
 * gave the other files theirs. */
static bool
is_left_over(const struct ms_dotlock *lock, const struct maker *maker,
    int64_t stale_ms)
{
	bool gone = !maker->elsewhere && maker->pid > 0 &&
	    maker->pid != getpid() && kill((pid_t)maker->pid, 0) != 0 &&
	    errno == ESRCH;
	struct stat ours, box;
	int64_t now, age;

	if (!S_ISREG(maker->st.st_mode))
		return false;
	if (maker->here && (gone || maker->pid == getpid()))
		return true;
	if (fstat(lock->fd, &ours) != 0 || fstat(lock->target.fd, &box) != 0)
		return false;
	now = milliseconds(&ours.st_mtim);
	age = now - milliseconds(&maker->st.st_mtim);
	if (gone)
		return age >= MIN(DEAD_MS, stale_ms);
	if (maker->pid > 0 && !maker->elsewhere)
		return false;
	return age >= stale_ms && now - milliseconds(&box.st_mtim) >= stale_ms;
}

/* Remove the lock that was left over. Only one of us does so at a time, and
 * looks again whether it still is that one: another one may have removed it,
 * and made a new one. Locks that we have made are never removed while their
 * maker lives, whatever their age. */
static bool
remove_left_over(const struct ms_dotlock *lock, const struct maker *maker)
{
	struct stat st;

	if (maker->fd >= 0 && flock(maker->fd, LOCK_EX | LOCK_NB) != 0)
		return false;
	return fstatat(lock->target.dir, lock->name, &st,
	    AT_SYMLINK_NOFOLLOW) == 0 && st.st_dev == maker->st.st_dev &&
	    st.st_ino == maker->st.st_ino &&
	    st.st_mtim.tv_sec == maker->st.st_mtim.tv_sec &&
	    st.st_mtim.tv_nsec == maker->st.st_mtim.tv_nsec &&
	    unlinkat(lock->target.dir, lock->name, 0) == 0;
}

static char *
describe(const struct ms_dotlock *lock, const struct maker *maker)
{
	char *process = maker->pid > 0 ? ms_holder_process(maker->pid) : NULL;
	const char *path = lock->target.path;
	char *text;

	if (!S_ISREG(maker->st.st_mode))
		text = g_strdup_printf("%s.lock is no regular file", path);
	else if (process && maker->elsewhere)
		text = g_strdup_printf("%s.lock is of process %" PRId64
		    " on another machine", path, maker->pid);
	else if (process)
		text = g_strdup_printf("%s.lock is of %s", path, process);
	else
		text = g_strdup_printf("there is %s.lock", path);
	g_free(process);
	return text;
}

/* MS_END: others have it. */
static enum ms_status
claim(struct ms_dotlock *lock, int64_t stale_ms, char **who,
    struct ms_error *err)
{
	enum ms_status status = give_name(lock, err);
	struct maker maker;

	if (status != MS_END)
		return status;
	if (look(lock, &maker) == MS_END ||
	    (is_left_over(lock, &maker, stale_ms) &&
	    remove_left_over(lock, &maker)))
		status = give_name(lock, err);
	else
		*who = describe(lock, &maker);
	if (maker.fd >= 0)
		(void)close(maker.fd);
	if (status == MS_END && !*who)
		*who = g_strdup_printf("%s.lock comes and goes",
		    lock->target.path);
	return status;
}

/* Without the temporary name, if it has one. */
static void
drop_temporary(struct ms_dotlock *lock)
{
	if (lock->temporary)
		(void)unlinkat(lock->target.dir, lock->temporary, 0);
	g_free(lock->temporary);
	lock->temporary = NULL;
}

static void
dispose(struct ms_dotlock *lock)
{
	if (lock->fd >= 0)
		(void)close(lock->fd);
	g_free(lock->name);
	g_free(lock);
}

enum ms_status
ms_dotlock_take(const struct ms_lock_target *target, int64_t stale_ms,
    struct ms_dotlock **lock, char **who, struct ms_error *err)
{
	struct ms_dotlock *l = g_new0(struct ms_dotlock, 1);
	enum ms_status status;

	*who = NULL;
	l->target = *target;
	l->name = g_strdup_printf("%s.lock", target->name);
	status = create(l, err);
	if (status == MS_OK)
		status = fill(l, err);
	if (status == MS_OK)
		status = claim(l, stale_ms, who, err);
	drop_temporary(l);
	if (status != MS_OK) {
		dispose(l);
		return status;
	}
	l->refreshed_ms = ms_clock_ms();
	*lock = l;
	return MS_OK;
}

static bool
is_ours(const struct ms_dotlock *lock)
{
	struct stat ours, there;

	return fstat(lock->fd, &ours) == 0 && fstatat(lock->target.dir,
	    lock->name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    there.st_dev == ours.st_dev && there.st_ino == ours.st_ino;
}

enum ms_status
ms_dotlock_refresh(struct ms_dotlock *lock, struct ms_error *err)
{
	int64_t now = ms_clock_ms();

	if (!is_ours(lock))
		return ms_error_set(err, MS_E_PEER,
		    "somebody has taken our %s.lock away", lock->target.path);
	if (now - lock->refreshed_ms < REFRESH_MS)
		return MS_OK;
	lock->refreshed_ms = now;
	return futimens(lock->fd, NULL) == 0 ? MS_OK :
	    ms_error_errno(err, "%s.lock", lock->target.path);
}

void
ms_dotlock_give(struct ms_dotlock *lock)
{
	if (!lock)
		return;
	if (is_ours(lock))
		(void)unlinkat(lock->target.dir, lock->name, 0);
	dispose(lock);
}
