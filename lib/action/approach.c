#include "action/approach.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As many links as the kernel follows. */
#define LINKS_MAX 40

struct way {
	int dir;		/* so far */
	char *rest;		/* still to go */
	int links;
};

/* Go on from DIR. -1: errno, from the call that should have opened it. */
static int
stand_in(struct way *way, int dir)
{
	const int why = errno;

	if (way->dir >= 0)
		(void)close(way->dir);
	way->dir = dir;
	errno = why;
	return dir < 0 ? -1 : 0;
}

/* From where PATH is to be read: the root, or where we are. */
static int
set_out(struct way *way, const char *path)
{
	if (*path != '/' && way->dir >= 0)
		return 0;
	return stand_in(way, open(*path == '/' ? "/" : ".",
	    O_PATH | O_DIRECTORY | O_CLOEXEC));
}

/* The next name on the way, for the caller to free; NULL: it ends here. */
static char *
next_name(struct way *way)
{
	const char *p = way->rest + strspn(way->rest, "/");
	const size_t n = strcspn(p, "/");
	char *name = n > 0 ? g_strndup(p, n) : NULL, *rest = g_strdup(p + n);

	g_free(way->rest);
	way->rest = rest;
	return name;
}

/* Take the way that the symbolic link LINK, called NAME, says. */
static enum ms_status
follow(struct way *way, int link, const char *name, struct ms_error *err)
{
	char target[PATH_MAX], *rest;
	struct stat st;
	ssize_t n;

	if (fstat(link, &st) != 0)
		return ms_error_errno(err, "%s", name);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return ms_error_set(err, MS_E_UNSUPPORTED, "%s is a symbolic "
		    "link of user %lu, and is not followed: name the place "
		    "that it leads to", name, (unsigned long)st.st_uid);
	n = readlinkat(link, "", target, sizeof target);
	errno = n >= 0 ? ELOOP : errno;
	if (n <= 0 || n == sizeof target || ++way->links > LINKS_MAX)
		return ms_error_errno(err, "%s", name);
	target[n] = '\0';
	rest = g_strconcat(target, "/", way->rest, NULL);
	g_free(way->rest);
	way->rest = rest;
	return set_out(way, target) == 0 ? MS_OK :
	    ms_error_errno(err, "%s", name);
}

static enum ms_status
step(struct way *way, const char *name, struct ms_error *err)
{
	int fd = openat(way->dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	enum ms_status status;
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return ms_error_set(err, MS_END, "%s", g_strerror(ENOENT));
	if (fd < 0 || fstat(fd, &st) != 0) {
		status = ms_error_errno(err, "%s", name);
		if (fd >= 0)
			(void)close(fd);
		return status;
	}
	if (!S_ISLNK(st.st_mode))
		return stand_in(way, fd) == 0 ? MS_OK : MS_E_IO;
	status = follow(way, fd, name, err);
	(void)close(fd);
	return status;
}

enum ms_status
ms_approach(const char *path, int *fd, struct ms_error *err)
{
	struct way way = { .dir = -1, .rest = g_strdup(path) };
	enum ms_status status = MS_OK;
	char *name;

	*fd = -1;
	if (set_out(&way, path) != 0)
		status = ms_error_errno(err, "cannot begin");
	while (status == MS_OK && (name = next_name(&way))) {
		status = step(&way, name, err);
		g_free(name);
	}
	if (status == MS_OK) {
		*fd = openat(way.dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (*fd < 0)
			status = ms_error_errno(err, "cannot be opened");
	}
	if (way.dir >= 0)
		(void)close(way.dir);
	g_free(way.rest);
	if (status != MS_OK)
		ms_error_context(err, "%s", path);
	return status;
}
