#include "source/compressed.h"

#include "source/record.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
const char *__asan_default_options(void);

/* As in the boxed reader, where memory ends at some point: libarchive asks
 * for as much as an archive states. */
const char *
__asan_default_options(void)
{
	return "max_allocation_size_mb=256:allocator_may_return_null=1";
}

/* The boxed half writes what the other half takes, whatever the archive. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	int in = memfd_create("archive", MFD_CLOEXEC);
	int out = memfd_create("records", MFD_CLOEXEC);
	enum ms_status status = MS_OK;
	struct ms_record record = { 0 };
	off_t end;

	if (in < 0 || out < 0 || write(in, data, size) != (ssize_t)size)
		abort();
	ms_compressed_run(in, out);
	end = lseek(out, 0, SEEK_CUR);
	if (lseek(out, 0, SEEK_SET) != 0)
		abort();
	while (lseek(out, 0, SEEK_CUR) < end) {
		status = ms_record_read(out, &record, NULL);
		if (status != MS_OK ||
		    lseek(out, (off_t)record.left, SEEK_CUR) < 0)
			abort();
	}
	if (record.type != MS_RECORD_END && record.type != MS_RECORD_FAILED)
		abort();
	(void)close(in);
	(void)close(out);
	return 0;
}
