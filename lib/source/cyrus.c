#include "source/cyrus.h"

#include "source/file.h"

#include <string.h>
#include <unistd.h>

/* What such a file begins with, whatever the version. */
static const unsigned char magic[] =
    "\241\002\213\015Cyrus mailbox header";

bool
ms_cyrus_is_header(const unsigned char *data, size_t size)
{
	return size >= sizeof magic - 1 &&
	    memcmp(data, magic, sizeof magic - 1) == 0;
}

bool
ms_cyrus_is(int dir)
{
	struct ms_error err;
	struct ms_file file = ms_file_look(dir, "cyrus.header", &err);
	unsigned char data[sizeof magic];
	ssize_t n;
	int fd;

	if (file.type != MS_FILE_REGULAR || file.link ||
	    ms_file_open(dir, "cyrus.header", &file, &fd, &err) != MS_OK)
		return false;
	n = pread(fd, data, sizeof data, 0);
	(void)close(fd);
	return n > 0 && ms_cyrus_is_header(data, (size_t)n);
}

bool
ms_cyrus_is_message(const char *name)
{
	size_t n = strspn(name, "0123456789");

	return n > 0 && name[n] == '.' && name[n + 1] == '\0';
}
