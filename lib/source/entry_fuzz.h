#ifndef MS_ENTRY_FUZZ_H
#define MS_ENTRY_FUZZ_H

#include "source/entry.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* What the fuzz targets of the readers of queue files have in common. */

struct entry_file {
	int fd;
	struct ms_cursor *cursor;
};

static inline struct entry_file
entry_file_new(const unsigned char *data, size_t size)
{
	struct entry_file file = { .fd = memfd_create("fuzz", MFD_CLOEXEC) };

	if (file.fd < 0 || write(file.fd, data, size) != (ssize_t)size)
		abort();
	file.cursor = ms_cursor_new(file.fd, size);
	return file;
}

static inline void
entry_file_free(struct entry_file *file)
{
	ms_cursor_free(file->cursor);
	(void)close(file->fd);
}

static inline struct ms_intake *
entry_intake(void)
{
	const struct ms_intake_config config = {
		.spool = { .heap_max = 1 << 20, .memfd_max = 1 << 20 },
		.max_bytes = 1 << 20,
	};

	return ms_intake_new(&config);
}

#endif
