#include "action/owned.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

int
ms_owned_give(int fd, int maildir)
{
	struct stat st;

	if (geteuid() != 0)
		return 0;
	return fstat(maildir, &st) == 0 ? fchown(fd, st.st_uid, st.st_gid) :
	    -1;
}

/* Open the directory NAME in DIR, which is made if there is none, for the
 * owner of the directory MAILDIR. */
static int
make_directory(int dir, const char *name, int maildir)
{
	bool made = mkdirat(dir, name, 0700) == 0;
	int fd;

	if (!made && errno != EEXIST)
		return -1;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	if (fd >= 0 && made && ms_owned_give(fd, maildir) != 0) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

int
ms_owned_folder(int root, const char *name)
{
	static const char *const parts[] = { "tmp", "new", "cur" };
	int dir = make_directory(root, name, root), result = dir < 0 ? -1 : 0;
	int fd;

	for (size_t i = 0; i < G_N_ELEMENTS(parts) && result == 0; i++) {
		fd = make_directory(dir, parts[i], root);
		result = fd < 0 ? -1 : close(fd);
	}
	if (result == 0) {
		/* What has the name already is not touched: it may be a FIFO,
		 * or another name of a file that is not to be given away. */
		fd = openat(dir, "maildirfolder", O_WRONLY | O_CREAT | O_EXCL |
		    O_NOFOLLOW | O_CLOEXEC, 0600);
		if ((fd < 0 && errno != EEXIST) ||
		    (fd >= 0 && ms_owned_give(fd, root) != 0) ||
		    fsync(dir) != 0 || fsync(root) != 0)
			result = -1;
		if (fd >= 0 && close(fd) != 0)
			result = -1;
	}
	if (dir >= 0)
		(void)close(dir);
	return result;
}
