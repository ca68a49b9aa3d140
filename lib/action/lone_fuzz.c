#include "action/lone.h"

#include "base/spool.h"

#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Any file is one message or not, and one without "From" in it is. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const struct ms_spool_config config = { .memfd_max = 1 << 20 };
	struct ms_spool *spool = ms_spool_new(&config);
	enum ms_status status = ms_spool_write(spool, data, size, NULL);
	struct ms_error err = { "" };
	int fd = -1;

	if (status == MS_OK && size > 0)
		status = ms_spool_seal(spool, &fd, NULL);
	ms_spool_free(spool);
	if (status != MS_OK)
		return 0;
	status = ms_lone_check(fd, size, &err);
	if (status != MS_OK && (status != MS_E_UNSUPPORTED ||
	    *err.text == '\0' || !g_strstr_len((const char *)data,
	    (gssize)size, "From")))
		abort();
	if (fd >= 0)
		(void)close(fd);
	return 0;
}
