#include "base/tempdir.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#define PREFIX "mailscan-"

/* Directories that nftw() keeps open. */
#define OPEN_MAX_DIRS 16

static int
remove_one(const char *path, const struct stat *st, int type,
    struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	/* What stays is swept by a later run. */
	(void)remove(path);
	return 0;
}

void
ms_tempdir_remove(const char *path)
{
	if (path)
		(void)nftw(path, remove_one, OPEN_MAX_DIRS,
		    FTW_DEPTH | FTW_PHYS);
}

/* Is NAME of the form that ms_tempdir_make() gives, of a process that is no
 * more? */
static gboolean
is_stale(const char *name)
{
	char *end;
	long pid;

	if (!g_str_has_prefix(name, PREFIX))
		return FALSE;
	errno = 0;
	pid = strtol(name + strlen(PREFIX), &end, 10);
	return errno == 0 && pid > 0 && pid <= G_MAXINT32 && *end == '-' &&
	    kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

static void
sweep(const char *parent)
{
	GDir *dir = g_dir_open(parent, 0, NULL);
	const char *name;

	if (!dir)
		return;
	while ((name = g_dir_read_name(dir))) {
		char *path = g_build_filename(parent, name, NULL);
		struct stat st;

		if (is_stale(name) && lstat(path, &st) == 0 &&
		    S_ISDIR(st.st_mode) && st.st_uid == geteuid())
			ms_tempdir_remove(path);
		g_free(path);
	}
	g_dir_close(dir);
}

enum ms_status
ms_tempdir_make(const char *parent, char **path, struct ms_error *err)
{
	sweep(parent);
	*path = g_strdup_printf("%s/" PREFIX "%ld-XXXXXX", parent,
	    (long)getpid());
	if (mkdtemp(*path))
		return MS_OK;
	(void)ms_error_errno(err, "cannot make a temporary directory in %s "
	    "(another one can be named with --tempdir)", parent);
	g_free(*path);
	*path = NULL;
	return MS_E_IO;
}

/* What the kernel thinks could be used without swapping, in bytes. */
int
ms_tempdir_file(const char *dir)
{
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	char *name;

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR &&
	    errno != ENOENT))
		return fd;
	name = g_strdup_printf("%s/spool-XXXXXX", dir);
	fd = g_mkstemp_full(name, O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		(void)unlink(name);
	g_free(name);
	return fd;
}

static uint64_t
available_memory(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	uint64_t bytes = 0;
	char line[256];

	if (!file)
		return 0;
	while (fgets(line, sizeof line, file))
		if (g_str_has_prefix(line, "MemAvailable:"))
			bytes = g_ascii_strtoull(line + 13, NULL, 10) * 1024;
	(void)fclose(file);
	return bytes;
}

const char *
ms_tempdir_memory(uint64_t need)
{
	static const char path[] = "/dev/shm";
	struct statfs fs;

	if (statfs(path, &fs) != 0 || fs.f_type != TMPFS_MAGIC ||
	    access(path, W_OK) != 0)
		return NULL;
	if ((uint64_t)fs.f_bavail * (uint64_t)fs.f_bsize < need ||
	    available_memory() < need)
		return NULL;
	return path;
}
