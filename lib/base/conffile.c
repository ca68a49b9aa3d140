#include "base/conffile.h"

#include "base/conf.h"

#include <errno.h>
#include <unistd.h>

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

enum ms_status
ms_conffile_check(int fd, const char *path, struct stat *st,
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
