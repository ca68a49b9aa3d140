#include "action/lone.h"

#include "base/at.h"
#include "message/fromline.h"
#include "message/mbox.h"

#include <glib.h>

struct file {
	int fd;
	uint64_t at, size;
};

static enum ms_status
fill(void *arg, void *data, size_t size, size_t *got, struct ms_error *err)
{
	struct file *file = arg;

	size = (size_t)MIN(size, file->size - file->at);
	if (ms_at_read(file->fd, file->at, data, size, got) != MS_OK)
		return ms_error_errno(err, "cannot be read at byte %llu",
		    (unsigned long long)file->at);
	file->at += *got;
	return MS_OK;
}

enum ms_status
ms_lone_check(int fd, uint64_t size, struct ms_error *err)
{
	struct file file = { .fd = fd, .size = size };
	const struct ms_mbox_config config = { .fill = fill, .arg = &file };
	struct ms_mbox *mbox = ms_mbox_new(&config);
	struct ms_mbox_slice slice;
	enum ms_status status;
	uint64_t count = 0;

	while ((status = ms_mbox_next(mbox, &slice, err)) == MS_OK)
		count += slice.offset > 0 && *slice.from != '\0' &&
		    ms_fromline_date(slice.from) >= 0;
	ms_mbox_free(mbox);
	if (status != MS_END)
		return status;
	return count == 0 ? MS_OK : ms_error_set(err, MS_E_UNSUPPORTED,
	    "not modified: it was taken for one message, but %llu line%s in "
	    "it begin%s one as in an mbox; --format says what it is",
	    (unsigned long long)count, count == 1 ? "" : "s",
	    count == 1 ? "s" : "");
}
