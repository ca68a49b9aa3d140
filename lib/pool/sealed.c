#include "pool/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static bool
write_all(int fd, const unsigned char *data, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		size -= (size_t)n;
	}
	return true;
}

enum ms_status
ms_sealed_make(const void *data, size_t size, int *fd, struct ms_error *err)
{
	int made = memfd_create("content", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (made >= 0 && write_all(made, data, size) &&
	    fcntl(made, F_ADD_SEALS, SEALS) == 0) {
		*fd = made;
		return MS_OK;
	}
	(void)ms_error_errno(err, "cannot hand a content over");
	if (made >= 0)
		(void)close(made);
	return MS_E_IO;
}

enum ms_status
ms_sealed_check(int fd, uint64_t size)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;

	if (seals < 0 || (seals & SEALS) != SEALS || fstat(fd, &st) != 0 ||
	    !S_ISREG(st.st_mode) || st.st_size < 0 ||
	    (uint64_t)st.st_size != size)
		return MS_E_PEER;
	return MS_OK;
}
