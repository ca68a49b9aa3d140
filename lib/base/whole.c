#include "base/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Names that are tried before giving up: others would have to have chosen the
 * same ones on purpose. */
#define TRIES 100

struct ms_whole {
	char *path;		/* no symbolic link */
	char *name;		/* for the time being; NULL: PATH is written */
	FILE *stream;
};

/* "DIR/.NAME.mailscan-XXXXXX" for "DIR/NAME". */
static char *
temporary_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t dir = slash ? (size_t)(slash + 1 - path) : 0;

	/* So that it is no longer than a name may be. */
	return g_strdup_printf("%.*s.%.200s.mailscan-%06x", (int)dir, path,
	    path + dir, g_random_int() & 0xffffff);
}

/* A new file beside PATH, by the name *NAME. Its descriptor, or -1. */
static int
make_temporary(const char *path, mode_t mode, char **name)
{
	int fd = -1;

	for (int i = 0; i < TRIES; i++) {
		*name = temporary_name(path);
		fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
		    O_CLOEXEC, mode);
		if (fd >= 0)
			return fd;
		g_free(*name);
		*name = NULL;
		if (errno != EEXIST)
			break;
	}
	return fd;
}

/* A descriptor to write WHOLE with, or -1. OLD is what has its name, or
 * NULL. */
static int
open_for(struct ms_whole *whole, const struct stat *old)
{
	int fd = -1;

	if (*whole->path == '\0' || g_str_has_suffix(whole->path, "/")) {
		errno = *whole->path == '\0' ? ENOENT : EISDIR;
		return -1;
	}
	/* What is protected is not for replacing. */
	if (old && access(whole->path, W_OK) != 0)
		return -1;
	if (!old || S_ISREG(old->st_mode))
		fd = make_temporary(whole->path, old ? 0600 : 0666,
		    &whole->name);
	if (fd >= 0 && old) {
		/* The owner is kept where that is allowed; where not, the file
		 * is at least as hard to read as it was. */
		(void)!fchown(fd, old->st_uid, old->st_gid);
		(void)fchmod(fd, old->st_mode & 0777);
		return fd;
	}
	if (fd < 0 && (!old || !S_ISREG(old->st_mode) || errno == EACCES ||
	    errno == EPERM || errno == EROFS))
		fd = open(whole->path, O_WRONLY | O_TRUNC | O_NOCTTY |
		    O_CLOEXEC | (old ? 0 : O_CREAT), 0666);
	return fd;
}

enum ms_status
ms_whole_open(const char *path, struct ms_whole **whole,
    struct ms_error *err)
{
	struct ms_whole *new = g_new0(struct ms_whole, 1);
	char *real = realpath(path, NULL);
	struct stat old;
	int fd;

	new->path = g_strdup(real ? real : path);
	free(real);
	fd = open_for(new, stat(new->path, &old) == 0 ? &old : NULL);
	if (fd >= 0)
		new->stream = fdopen(fd, "w");
	if (!new->stream) {
		enum ms_status status = ms_error_errno(err,
		    "cannot open %s", path);

		if (fd >= 0)
			(void)close(fd);
		ms_whole_discard(new);
		return status;
	}
	*whole = new;
	return MS_OK;
}

FILE *
ms_whole_stream(const struct ms_whole *whole)
{
	return whole->stream;
}

enum ms_status
ms_whole_commit(struct ms_whole *whole, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	/* Devices and pipes have no disk. */
	if (ferror(whole->stream))
		status = ms_error_set(err, MS_E_IO,
		    "cannot write %s: an earlier write failed", whole->path);
	else if (fflush(whole->stream) != 0 ||
	    (whole->name && fsync(fileno(whole->stream)) != 0))
		status = ms_error_errno(err, "cannot write %s", whole->path);
	else if (whole->name && rename(whole->name, whole->path) != 0)
		status = ms_error_errno(err, "cannot rename %s",
		    whole->name);
	if (status == MS_OK) {
		g_free(whole->name);
		whole->name = NULL;
	}
	ms_whole_discard(whole);
	return status;
}

void
ms_whole_discard(struct ms_whole *whole)
{
	if (!whole)
		return;
	if (whole->stream)
		(void)fclose(whole->stream);
	if (whole->name)
		(void)unlink(whole->name);
	g_free(whole->name);
	g_free(whole->path);
	g_free(whole);
}
