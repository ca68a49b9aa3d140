#include "base/write.h"

#include <errno.h>
#include <unistd.h>

enum ms_status
ms_write(int fd, const void *data, size_t size)
{
	const char *p = data;

	while (size > 0) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		/* POSIX lets a write of something take nothing. */
		if (n == 0)
			errno = ENOSPC;
		if (n <= 0)
			return MS_E_IO;
		p += n;
		size -= (size_t)n;
	}
	return MS_OK;
}
