#ifndef MS_QUEUE_TEST_H
#define MS_QUEUE_TEST_H

#include <dirent.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A directory to work in, for the tests of what lies in directories. */

static char *queue_dir;

static inline int
queue_setup(void **state)
{
	(void)state;
	queue_dir = g_strdup("/tmp/mailscan-queue-XXXXXX");
	return g_mkdtemp(queue_dir) && chdir(queue_dir) == 0 ? 0 : -1;
}

static inline void
queue_remove(const char *path)
{
	DIR *list = opendir(path);
	struct dirent *entry;

	while (list && (entry = readdir(list))) {
		char *name = g_build_filename(path, entry->d_name, NULL);

		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0 && unlink(name) != 0)
			queue_remove(name);
		g_free(name);
	}
	if (list)
		(void)closedir(list);
	(void)rmdir(path);
}

static inline int
queue_teardown(void **state)
{
	(void)state;
	if (chdir("/") != 0)
		return -1;
	queue_remove(queue_dir);
	g_free(queue_dir);
	return 0;
}

/* Make the file at PATH with its directories; NULL: a directory. */
static inline void
queue_put(const char *path, const char *text)
{
	char *up = text ? g_path_get_dirname(path) : g_strdup(path);

	if (g_mkdir_with_parents(up, 0700) != 0 ||
	    (text && !g_file_set_contents(path, text, -1, NULL)))
		g_error("cannot make %s", path);
	g_free(up);
}

#endif
