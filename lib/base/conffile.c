#include "base/conffile.h"

#include "base/conf.h"
#include "base/rights.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* PATH is kept from us by BARRIER. */
static void
say_kept(const char *path, const char *barrier, struct ms_error *err)
{
	char *user = ms_rights_name(geteuid());

	if (strcmp(path, barrier) == 0)
		(void)ms_error_set(err, MS_E_IO, "%s: %s: it has to be "
		    "readable by user %s (chmod or chgrp)", path,
		    g_strerror(EACCES), user);
	else
		(void)ms_error_set(err, MS_E_IO, "%s: %s: user %s may not "
		    "enter %s (chmod a+x %s)", path, g_strerror(EACCES), user,
		    barrier, barrier);
	g_free(user);
}

/* It cannot be opened: errno says why. */
static enum ms_status
say_closed(const char *path, struct ms_error *err)
{
	const bool missing = errno == ENOENT || errno == ENOTDIR;
	char *barrier;

	(void)ms_error_errno(err, "%s", path);
	if (missing)
		return MS_END;
	barrier = ms_rights_barrier(path, R_OK);
	if (barrier)
		say_kept(path, barrier, err);
	g_free(barrier);
	return MS_E_IO;
}

static enum ms_status
check(int fd, const char *path, struct stat *st,
    struct ms_error *err)
{
	if (fstat(fd, st) != 0)
		return ms_error_errno(err, "%s", path);
	if (S_ISDIR(st->st_mode))
		return ms_error_set(err, MS_E_IO, "%s: it is a directory",
		    path);
	if (S_ISREG(st->st_mode) && (st->st_mode & S_IWOTH))
		return ms_error_set(err, MS_E_USAGE, "%s: anybody may write "
		    "it (mode %04o), so it is not used: chmod o-w %s", path,
		    (unsigned)st->st_mode & 07777, path);
	return MS_OK;
}

enum ms_status
ms_conffile_open(const char *path, int *fd, struct stat *st,
    struct ms_error *err)
{
	enum ms_status status;

	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0)
		return say_closed(path, err);
	status = check(*fd, path, st, err);
	if (status != MS_OK)
		(void)close(*fd);
	return status;
}

enum ms_status
ms_conffile_read(int fd, const char *path, GByteArray *data,
    struct ms_error *err)
{
	unsigned char block[16384];
	ssize_t n;

	while ((n = read(fd, block, sizeof block)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ms_error_errno(err, "%s", path);
		g_byte_array_append(data, block, (guint)n);
		if (data->len > MS_CONF_BYTES_MAX)
			return ms_error_set(err, MS_E_LIMIT, "%s: more than "
			    "%d bytes", path, MS_CONF_BYTES_MAX);
	}
	return MS_OK;
}
