#include "capture/inflow.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Whatever the file is, reading it ends. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	int fd = memfd_create("inflow", MFD_CLOEXEC);
	struct ms_inflow *in = ms_inflow_new(fd);
	const unsigned char *head;
	unsigned char block[777];
	size_t got, sum = 0;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	(void)ms_inflow_head(in, &head, &got, NULL);
	while (ms_inflow_read(in, block, sizeof block, &got, NULL) == 0 &&
	    got > 0)
		sum += got;
	if (sum != ms_inflow_offset(in))
		abort();
	ms_inflow_free(in);
	(void)close(fd);
	return 0;
}
