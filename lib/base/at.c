#include "base/at.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static int
has_place(uint64_t offset, size_t size)
{
	if (offset <= INT64_MAX && size <= INT64_MAX - offset)
		return 1;
	errno = EOVERFLOW;
	return 0;
}

enum ms_status
ms_at_read(int fd, uint64_t offset, void *data, size_t size, size_t *got)
{
	unsigned char *p = data;

	*got = 0;
	if (!has_place(offset, size))
		return MS_E_IO;
	while (*got < size) {
		/* Checked above: both fit. */
		ssize_t n = pread(fd, p + *got, size - *got,
		    (off_t)(offset + *got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return MS_E_IO;
		if (n == 0)
			break;
		*got += (size_t)n;
	}
	return MS_OK;
}

enum ms_status
ms_at_write(int fd, uint64_t offset, const void *data, size_t size)
{
	const unsigned char *p = data;
	size_t done = 0;

	if (!has_place(offset, size))
		return MS_E_IO;
	while (done < size) {
		ssize_t n = pwrite(fd, p + done, size - done,
		    (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		/* POSIX lets a write of something take nothing. */
		if (n == 0)
			errno = ENOSPC;
		if (n <= 0)
			return MS_E_IO;
		done += (size_t)n;
	}
	return MS_OK;
}

enum ms_status
ms_at_rename(int from_dir, const char *from, int to_dir, const char *to)
{
	int why;

	if (renameat2(from_dir, from, to_dir, to, RENAME_NOREPLACE) == 0)
		return MS_OK;
	/* File systems that cannot do that in one step, as NFS, know this. */
	if ((errno != EINVAL && errno != ENOSYS) ||
	    linkat(from_dir, from, to_dir, to, 0) != 0)
		return MS_E_IO;
	if (unlinkat(from_dir, from, 0) == 0)
		return MS_OK;
	why = errno;
	(void)unlinkat(to_dir, to, 0);
	errno = why;
	return MS_E_IO;
}
