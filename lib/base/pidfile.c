#include "base/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum ms_status
taken(const char *path, int fd, struct ms_error *err)
{
	char text[32];
	const ssize_t n = pread(fd, text, sizeof text - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return ms_error_set(err, MS_E_USAGE, "pidfile %s: process %s runs "
	    "already",
	    path, *text != '\0' ? text : "of that name");
}

/* There is no file at PATH, nor can one be made: errno says why. */
static enum ms_status
refuse(const char *path, struct ms_error *err)
{
	char *dir = g_path_get_dirname(path);
	const bool missing = errno == ENOENT && access(dir, F_OK) != 0;
	const enum ms_status status = missing ? ms_error_set(err, MS_E_IO,
	    "pidfile %s: there is no directory %s: make it, for the user of "
	    "the service (install -d -o USER %s; beneath /run at each start "
	    "of the system)", path, dir, dir) :
	    ms_error_errno(err, "pidfile %s", path);

	g_free(dir);
	return status;
}

enum ms_status
ms_pidfile_open(const char *path, int *fd, struct ms_error *err)
{
	/* Not fork's to inherit, nor anybody's to take over by closing. */
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	enum ms_status status;

	*fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (*fd < 0)
		return refuse(path, err);
	if (fcntl(*fd, F_OFD_SETLK, &lock) == 0)
		return MS_OK;
	status = errno == EAGAIN || errno == EACCES ? taken(path, *fd, err) :
	    ms_error_errno(err, "pidfile %s", path);
	(void)close(*fd);
	*fd = -1;
	return status;
}

enum ms_status
ms_pidfile_write(int fd, struct ms_error *err)
{
	char text[32];
	const int size = snprintf(text, sizeof text, "%d\n", (int)getpid());

	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)size, 0) != size)
		return ms_error_errno(err, "cannot write the number of the "
		    "process");
	return MS_OK;
}

void
ms_pidfile_remove(const char *path, int fd)
{
	/* Unlocked last: who waits for it must find that it is gone. */
	if (unlink(path) != 0)
		(void)!ftruncate(fd, 0);
	(void)close(fd);
}
