#include "action/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/rights.h"

int
ms_beneath_open(int dir, const char *name, int flags, mode_t mode)
{
	const struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.mode = flags & O_CREAT ? mode : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
		    RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	if (name[0] == '\0' || strchr(name, '/') || strcmp(name, "..") == 0) {
		errno = EINVAL;
		return -1;
	}
	fd = syscall(SYS_openat2, dir, name, &how, sizeof how);
	/* A descriptor is an int, whatever syscall() returns. */
	if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
		return (int)fd;
	/* An old kernel, or a filter that does not know the call: with one
	 * name there is only its last component to follow. */
	return openat(dir, name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
}

/* Is what FD has open ours alone? PATH is for what is told. */
static enum ms_status
check_ours(int fd, const char *path, struct ms_error *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return ms_error_errno(err, "%s", path);
	if (st.st_uid != geteuid())
		return ms_error_set(err, MS_E_USAGE, "%s belongs to user %lu, "
		    "not to user %lu who runs this: run it as that user "
		    "(runuser -u), or take another directory", path,
		    (unsigned long)st.st_uid, (unsigned long)geteuid());
	if ((st.st_mode & 077) != 0)
		return ms_error_set(err, MS_E_USAGE, "%s is open to others "
		    "(mode %04o): look at what is in it, then chmod 700 it",
		    path, (unsigned)st.st_mode & 07777);
	return MS_OK;
}

/* Why PATH, which is NAME in DIR, could not be opened, as errno says. */
static enum ms_status
refuse(int dir, const char *name, const char *path, struct ms_error *err)
{
	const int why = errno;
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (S_ISLNK(st.st_mode))
			return ms_error_set(err, MS_E_USAGE, "%s is a symbolic "
			    "link: name the directory itself", path);
		if (!S_ISDIR(st.st_mode))
			return ms_error_set(err, MS_E_USAGE,
			    "%s is no directory", path);
	}
	errno = why;
	return ms_error_errno(err, "cannot open %s", path);
}

/* MAKE: its name has to reach the disk, too, before anything in it counts,
 * also if somebody else has just made it, or was killed then. */
static enum ms_status
check_made(int fd, int parent, bool make, const char *path,
    struct ms_error *err)
{
	enum ms_status status = check_ours(fd, path, err);

	if (status == MS_OK && make && parent >= 0 && fsync(parent) != 0)
		status = ms_error_errno(err, "cannot make %s", path);
	return status;
}

/* PATH, of which ST is known, is a directory of somebody else. */
static enum ms_status
refuse_owner(const char *path, const struct stat *st, struct ms_error *err)
{
	char *owner = ms_rights_name(st->st_uid);
	char *self = ms_rights_name(geteuid());
	/* What root would take is missing for those whose it is. */
	char *remedy = ms_rights_are_all() ?
	    g_strdup_printf("run it as that user (runuser -u %s)", owner) :
	    g_strdup_printf("give it to that one (chown -R %s %s)", self, path);

	(void)ms_error_set(err, MS_E_USAGE, "%s belongs to user %s, not to "
	    "user %s who runs this: %s, or take another directory", path,
	    owner, self, remedy);
	g_free(remedy);
	g_free(self);
	g_free(owner);
	return MS_E_USAGE;
}

/* PATH was not to be had, which is STATUS, said in ERR. If rights are the
 * reason, say whose, and what gives them. */
static enum ms_status
explain(const char *path, bool make, enum ms_status status,
    struct ms_error *err)
{
	char *above = g_path_get_dirname(path), *self;
	struct stat st;

	if (lstat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode) && st.st_uid != geteuid())
			status = refuse_owner(path, &st, err);
	} else if (make && access(above, W_OK | X_OK) != 0 &&
	    errno == EACCES) {
		self = ms_rights_name(geteuid());
		(void)ms_error_set(err, status, "%s cannot make %s: %s: make "
		    "it for that user (install -d -o %s -m 0700 %s)", self,
		    path, g_strerror(EACCES), self, path);
		g_free(self);
	}
	g_free(above);
	return status;
}

enum ms_status
ms_beneath_root(const char *path, bool make, int *fd, struct ms_error *err)
{
	char *name = g_strdup(path);
	size_t size = strlen(name);
	enum ms_status status;
	char *above;
	int parent;

	/* With a slash behind it, a link would be followed. */
	while (size > 1 && name[size - 1] == '/')
		name[--size] = '\0';
	if (make && mkdir(name, 0700) != 0 && errno != EEXIST) {
		status = explain(name, make, ms_error_errno(err,
		    "cannot make %s", name), err);
		g_free(name);
		return status;
	}
	*fd = open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*fd < 0) {
		status = explain(name, make, refuse(AT_FDCWD, name, name,
		    err), err);
		g_free(name);
		return status;
	}
	above = g_path_get_dirname(name);
	parent = make ? open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	status = check_made(*fd, parent, make, name, err);
	if (parent >= 0)
		(void)close(parent);
	if (status != MS_OK) {
		status = explain(name, make, status, err);
		(void)close(*fd);
	}
	g_free(above);
	g_free(name);
	return status;
}

enum ms_status
ms_beneath_directory(int dir, const char *name, bool make, int *fd,
    struct ms_error *err)
{
	enum ms_status status;

	if (make && mkdirat(dir, name, 0700) != 0 && errno != EEXIST)
		return ms_error_errno(err, "cannot make %s", name);
	*fd = ms_beneath_open(dir, name, O_RDONLY | O_DIRECTORY, 0);
	if (*fd < 0)
		return errno == ENOENT ? MS_END : refuse(dir, name, name, err);
	status = check_made(*fd, dir, make, name, err);
	if (status != MS_OK)
		(void)close(*fd);
	return status;
}

enum ms_status
ms_beneath_read(int dir, const char *name, int *fd, struct ms_error *err)
{
	struct stat st;

	*fd = ms_beneath_open(dir, name, O_RDONLY | O_NONBLOCK, 0);
	if (*fd < 0)
		return errno == ENOENT ? MS_END :
		    ms_error_errno(err, "cannot open %s", name);
	if (fstat(*fd, &st) == 0 && S_ISREG(st.st_mode))
		return MS_OK;
	(void)close(*fd);
	return ms_error_set(err, MS_E_IO, "%s is no regular file", name);
}
