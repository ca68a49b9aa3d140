#include "action/newfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "action/approach.h"
#include "action/beneath.h"
#include "action/owned.h"
#include "base/at.h"
#include "base/write.h"

/* The directory NAME in the Maildir DIR. -1: errno. */
static int
open_inside(int dir, const char *name)
{
	return ms_beneath_open(dir, name, O_RDONLY | O_DIRECTORY, 0);
}

bool
ms_newfile_is_maildir(const char *path)
{
	static const char *const names[] = { "tmp", "new", "cur" };
	int dir = -1;
	bool answer = ms_approach(path, &dir, NULL) == MS_OK;

	for (size_t i = 0; i < G_N_ELEMENTS(names) && answer; i++) {
		int inside = open_inside(dir, names[i]);

		answer = inside >= 0;
		if (answer)
			(void)close(inside);
	}
	if (dir >= 0)
		(void)close(dir);
	return answer;
}

static enum ms_status
copy(const struct ms_newfile *content, int to, struct ms_error *err)
{
	unsigned char block[65536];
	size_t got;

	for (uint64_t at = 0; at < content->size; at += got) {
		if (ms_at_read(content->fd, at, block,
		    (size_t)MIN(sizeof block, content->size - at), &got) !=
		    MS_OK)
			return ms_error_errno(err, "cannot read the message");
		if (got == 0)
			return ms_error_set(err, MS_E_IO,
			    "the message became shorter");
		if (ms_write(to, block, got) != MS_OK)
			return ms_error_errno(err, "cannot write");
	}
	return MS_OK;
}

/* Make the file NAME in DIR with CONTENT, on disk. */
static enum ms_status
fill(int dir, const char *name, const struct ms_newfile *content,
    struct ms_error *err)
{
	enum ms_status status;
	int fd;

	fd = ms_beneath_open(dir, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		return ms_error_errno(err, "cannot make %s", name);
	status = copy(content, fd, err);
	if (status == MS_OK && ms_owned_give(fd, dir) != 0)
		status = ms_error_errno(err, "cannot give %s to its owner",
		    name);
	if (status == MS_OK && fsync(fd) != 0)
		status = ms_error_errno(err, "cannot write");
	if (close(fd) != 0 && status == MS_OK)
		status = ms_error_errno(err, "cannot write");
	if (status != MS_OK)
		(void)unlinkat(dir, name, 0);
	return status;
}

/* Let the file FROM in FROM_DIR become TO in TO_DIR, for good. MS_END: there
 * is something. FROM goes, whatever comes of it. */
static enum ms_status
move(int from_dir, const char *from, int to_dir, const char *to,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;

	if (ms_at_rename(from_dir, from, to_dir, to) != MS_OK) {
		status = errno == EEXIST ? MS_END :
		    ms_error_errno(err, "cannot make %s", to);
		(void)unlinkat(from_dir, from, 0);
	} else if (fsync(to_dir) != 0) {
		status = ms_error_errno(err, "cannot make %s", to);
		(void)unlinkat(to_dir, to, 0);
	}
	return status;
}

static enum ms_status
deliver_inside(int dir, const char *unique, const char *flags,
    const struct ms_newfile *content, struct ms_error *err)
{
	char *name = flags ? g_strconcat(unique, ":2,", flags, NULL) :
	    g_strdup(unique);
	int tmp = open_inside(dir, "tmp");
	int to = open_inside(dir, flags ? "cur" : "new");
	enum ms_status status;

	if (tmp < 0 || to < 0)
		status = ms_error_errno(err, "it is no Maildir");
	else
		status = fill(tmp, unique, content, err);
	if (status == MS_OK)
		status = move(tmp, unique, to, name, err);
	if (status == MS_END)
		status = ms_error_set(err, MS_E_IO, "%s is there", name);
	if (tmp >= 0)
		(void)close(tmp);
	if (to >= 0)
		(void)close(to);
	g_free(name);
	return status;
}

enum ms_status
ms_newfile_deliver(const char *path, const char *unique, const char *flags,
    const struct ms_newfile *content, struct ms_error *err)
{
	enum ms_status status;
	int dir;

	status = ms_approach(path, &dir, err);
	if (status != MS_OK)
		return status == MS_END ? MS_E_IO : status;
	status = deliver_inside(dir, unique, flags, content, err);
	(void)close(dir);
	if (status != MS_OK)
		ms_error_context(err, "%s", path);
	return status;
}

/* Is a file in the directory FD, which is closed, UNIQUE? */
static enum ms_status
look_inside(int fd, const char *unique, struct ms_error *err)
{
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
	const size_t size = strlen(unique);
	enum ms_status status = MS_END;
	const struct dirent *entry;

	if (!stream) {
		(void)ms_error_errno(err, "cannot look for it");
		if (fd >= 0)
			(void)close(fd);
		return MS_E_IO;
	}
	while (errno = 0, status == MS_END && (entry = readdir(stream)))
		if (strncmp(entry->d_name, unique, size) == 0 &&
		    (entry->d_name[size] == '\0' ||
		    entry->d_name[size] == ':'))
			status = MS_OK;
	if (status == MS_END && errno != 0)
		status = ms_error_errno(err, "cannot look for it");
	(void)closedir(stream);
	return status;
}

enum ms_status
ms_newfile_look(const char *path, const char *unique, struct ms_error *err)
{
	/* Mail goes from new to cur, so that none is missed in this order. */
	static const char *const names[] = { "new", "cur" };
	enum ms_status status;
	int dir;

	status = ms_approach(path, &dir, err);
	if (status != MS_OK)
		return status == MS_END ? MS_E_IO : status;
	status = MS_END;
	for (size_t i = 0; i < G_N_ELEMENTS(names) && status == MS_END; i++)
		status = look_inside(open_inside(dir, names[i]), unique, err);
	(void)close(dir);
	return status;
}

enum ms_status
ms_newfile_put(const char *path, const char *temporary,
    const struct ms_newfile *content, struct ms_error *err)
{
	char *above = g_path_get_dirname(path);
	char *name = g_path_get_basename(path);
	enum ms_status status;
	int dir;

	status = ms_approach(above, &dir, err);
	if (status == MS_END)
		status = MS_E_IO;
	if (status == MS_OK) {
		/* What a try that was killed left there. */
		(void)unlinkat(dir, temporary, 0);
		status = fill(dir, temporary, content, err);
		if (status == MS_OK)
			status = move(dir, temporary, dir, name, err);
		(void)close(dir);
		if (status < 0)
			ms_error_context(err, "%s", above);
	}
	g_free(name);
	g_free(above);
	return status;
}
