#include "action/outdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/write.h"
#include "scan/filename.h"

struct ms_outdir {
	char *path;		/* for what is told */
	int fd;
	uint64_t files;
	uint64_t bytes;
};

/* Is there anything in the directory open as FD? */
static enum ms_status
check_empty(int fd, const char *path, struct ms_error *err)
{
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *entry;
	bool empty = true;

	if (!stream) {
		(void)ms_error_errno(err, "%s", path);
		if (again >= 0)
			(void)close(again);
		return MS_E_IO;
	}
	while (empty && (entry = readdir(stream)))
		empty = strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0;
	(void)closedir(stream);
	return empty ? MS_OK : ms_error_set(err, MS_E_USAGE,
	    "%s is not empty", path);
}

/* Why PATH cannot be opened. */
static enum ms_status
refuse(const char *path, struct ms_error *err)
{
	const int why = errno;
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
		return ms_error_set(err, MS_E_IO, "%s is a symbolic link; name "
		    "the directory itself", path);
	errno = why;
	return ms_error_errno(err, "cannot open %s", path);
}

enum ms_status
ms_outdir_open(const char *path, struct ms_outdir **dir,
    struct ms_error *err)
{
	enum ms_status status;
	int fd;

	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return ms_error_errno(err, "cannot make %s", path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return refuse(path, err);
	status = check_empty(fd, path, err);
	if (status != MS_OK) {
		(void)close(fd);
		return status;
	}
	*dir = g_new0(struct ms_outdir, 1);
	(*dir)->fd = fd;
	(*dir)->path = g_strdup(path);
	return MS_OK;
}

void
ms_outdir_close(struct ms_outdir *dir)
{
	if (!dir)
		return;
	(void)close(dir->fd);
	g_free(dir->path);
	g_free(dir);
}

static int
create(const struct ms_outdir *dir, const char *name)
{
	return openat(dir->fd, name, O_WRONLY | O_CREAT | O_EXCL |
	    O_NOFOLLOW | O_CLOEXEC, 0600);
}

/* For errno. */
static enum ms_status
cannot_write(const struct ms_outdir *dir, struct ms_error *err)
{
	return ms_error_errno(err, "cannot write to %s", dir->path);
}

/* Copy SIZE bytes from the start of FROM to TO, and digest them. */
static enum ms_status
copy(const struct ms_outdir *dir, int from, int to, uint64_t size,
    struct ms_digest *digest, struct ms_error *err)
{
	struct ms_hash *hash = ms_hash_new();
	unsigned char block[65536];
	enum ms_status status = MS_OK;
	uint64_t at = 0;

	while (at < size && status == MS_OK) {
		ssize_t n = pread(from, block, MIN(sizeof block, size - at),
		    (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			status = MS_E_PEER;
		} else if (ms_write(to, block, (size_t)n) != MS_OK) {
			status = cannot_write(dir, err);
		} else {
			ms_hash_feed(hash, block, (size_t)n);
			at += (uint64_t)n;
		}
	}
	*digest = ms_hash_end(hash);
	ms_hash_free(hash);
	return status;
}

/* NAME is there: by us, or did somebody put something in its place? */
static enum ms_status
check_there(const struct ms_outdir *dir, const char *name, uint64_t size,
    struct ms_error *err)
{
	struct stat st;

	if (fstatat(dir->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return ms_error_errno(err, "%s/%s", dir->path, name);
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != size)
		return ms_error_set(err, MS_E_IO,
		    "%s/%s is there, and is not ours", dir->path, name);
	return MS_OK;
}

enum ms_status
ms_outdir_put(struct ms_outdir *dir, const struct ms_blob *blob, int fd,
    struct ms_error *err)
{
	char name[MS_FILENAME_MAX];
	struct ms_digest digest;
	enum ms_status status;
	int file;

	ms_filename_of(&blob->sha256, blob->detected_type, name);
	file = create(dir, name);
	if (file < 0 && errno == EEXIST)
		return check_there(dir, name, blob->size, err);
	if (file < 0)
		return ms_error_errno(err, "cannot make %s/%s", dir->path,
		    name);
	status = copy(dir, fd, file, blob->size, &digest, err);
	if (status == MS_OK && !ms_hash_equal(&digest, &blob->sha256))
		status = MS_E_PEER;
	/* A full disk may be noticed as late as here. */
	if (close(file) != 0 && status == MS_OK)
		status = cannot_write(dir, err);
	if (status != MS_OK) {
		(void)unlinkat(dir->fd, name, 0);
		return status;
	}
	dir->files++;
	dir->bytes += blob->size;
	return MS_OK;
}

enum ms_status
ms_outdir_index(struct ms_outdir *dir, FILE **stream, struct ms_error *err)
{
	int fd = create(dir, MS_OUTDIR_INDEX);

	*stream = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (*stream)
		return MS_OK;
	(void)ms_error_errno(err, "cannot make %s/%s", dir->path,
	    MS_OUTDIR_INDEX);
	if (fd >= 0)
		(void)close(fd);
	return MS_E_IO;
}

enum ms_status
ms_outdir_sync(struct ms_outdir *dir, struct ms_error *err)
{
	/* One call for thousands of files. */
	if (syncfs(dir->fd) != 0 || fsync(dir->fd) != 0)
		return cannot_write(dir, err);
	return MS_OK;
}

uint64_t
ms_outdir_files(const struct ms_outdir *dir)
{
	return dir->files;
}

uint64_t
ms_outdir_bytes(const struct ms_outdir *dir)
{
	return dir->bytes;
}
