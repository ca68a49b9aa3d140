#include "pool/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/write.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#define TRIES 8

/* A memfd with DATA in it, sealed; -1, errno. */
static int
make(const void *data, size_t size)
{
	int made = memfd_create("content", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int error;

	if (made >= 0 && ms_write(made, data, size) == MS_OK &&
	    fcntl(made, F_ADD_SEALS, SEALS) == 0)
		return made;
	error = errno;
	if (made >= 0)
		(void)close(made);
	errno = error;
	return -1;
}

enum ms_status
ms_sealed_make(const void *data, size_t size, int *fd, struct ms_error *err)
{
	int made = make(data, size);

	/* The kernel has a page in hand for reasons of its own: not another
	 * one, too. */
	for (int tries = 1; made < 0 && errno == EBUSY && tries < TRIES;
	    tries++)
		made = make(data, size);
	if (made < 0)
		return ms_error_errno(err, "cannot hand a content over");
	*fd = made;
	return MS_OK;
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
