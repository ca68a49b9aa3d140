#include "source/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct ms_file
ms_file_look(int dir, const char *name, struct ms_error *err)
{
	struct ms_file file = { .type = MS_FILE_FAILED };

	if (fstatat(dir, name, &file.st, AT_SYMLINK_NOFOLLOW) != 0)
		goto failed;
	file.link = S_ISLNK(file.st.st_mode);
	if (file.link && fstatat(dir, name, &file.st, 0) != 0)
		goto failed;
	if (S_ISREG(file.st.st_mode))
		file.type = MS_FILE_REGULAR;
	else if (S_ISDIR(file.st.st_mode))
		file.type = MS_FILE_DIRECTORY;
	else
		file.type = MS_FILE_OTHER;
	return file;
failed:
	if (file.link && (errno == ENOENT || errno == ELOOP ||
	    errno == ENOTDIR))
		file.type = MS_FILE_DANGLING;
	else if (errno == ENOENT)
		file.type = MS_FILE_GONE;
	(void)ms_error_set(err, MS_E_IO, "%s", g_strerror(errno));
	return file;
}

enum ms_status
ms_file_open(int dir, const char *name, const struct ms_file *file, int *fd,
    struct ms_error *err)
{
	int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	struct stat st;

	if (!file->link)
		flags |= O_NOFOLLOW;
	if (file->type == MS_FILE_DIRECTORY)
		flags |= O_DIRECTORY;
	*fd = openat(dir, name, flags | O_NOATIME);
	/* Only a file's owner may leave its access time alone. */
	if (*fd < 0 && errno == EPERM)
		*fd = openat(dir, name, flags);
	if (*fd < 0 && errno == ENOENT)
		return MS_END;
	if (*fd < 0)
		return ms_error_set(err, MS_E_IO, "%s", g_strerror(errno));
	if (fstat(*fd, &st) == 0 && st.st_dev == file->st.st_dev &&
	    st.st_ino == file->st.st_ino &&
	    (st.st_mode & S_IFMT) == (file->st.st_mode & S_IFMT))
		return MS_OK;
	(void)close(*fd);
	*fd = -1;
	return ms_error_set(err, MS_E_IO,
	    "was replaced by another file while it was opened; "
	    "scan it again");
}

const char *
ms_file_what(const struct ms_file *file)
{
	switch (file->st.st_mode & S_IFMT) {
	case S_IFREG:
		return "a file";
	case S_IFDIR:
		return "a directory";
	case S_IFIFO:
		return "a FIFO";
	case S_IFSOCK:
		return "a socket";
	default:
		return "a device";
	}
}
