#include "action/defang.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

#define MAX_BYTES 100000

static enum ms_status
count(void *arg, const void *data, size_t size, struct ms_error *err)
{
	(void)data, (void)err;
	*(size_t *)arg += size;
	return MS_OK;
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	size_t total = 0;

	if (fd < 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	(void)ms_defang_read(fd, MAX_BYTES, count, &total, NULL);
	if (total > MAX_BYTES)
		abort();
	(void)close(fd);
	return 0;
}
