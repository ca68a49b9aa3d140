#include "source/members.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* A reader that was taken over sends what it likes. No more comes out than
 * went in, and it ends. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	int fd = memfd_create("records", MFD_CLOEXEC);
	const struct ms_members_config config = { .stream = fd };
	struct ms_members *c = ms_members_new(&config);
	enum ms_status status;
	size_t got, sum = 0;
	const char *name;
	int64_t mtime;
	char block[77];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size ||
	    lseek(fd, 0, SEEK_SET) != 0)
		abort();
	while (ms_members_next(c, &name, &mtime, NULL) != MS_END) {
		do {
			status = ms_members_read(c, block, sizeof block,
			    &got, NULL);
			sum += got;
		} while (status == MS_OK && got > 0);
	}
	if (sum > size)
		abort();
	ms_members_free(c);
	(void)close(fd);
	return 0;
}
