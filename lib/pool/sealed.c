#include "pool/sealed.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/write.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

enum ms_status
ms_sealed_make(const void *data, size_t size, int *fd, struct ms_error *err)
{
	int made = memfd_create("content", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (made >= 0 && ms_write(made, data, size) == MS_OK &&
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
