#include "program.h"

#include <glib.h>

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* Somebody may run it. */
#define ANY_X (S_IXUSR | S_IXGRP | S_IXOTH)

char *
program_fault(const char *path)
{
	struct stat st;

	if (!g_path_is_absolute(path))
		return g_strdup("want the whole path of a program");
	if (stat(path, &st) != 0)
		return g_strdup(errno == ENOENT ? "no such file" :
		    g_strerror(errno));
	if (!S_ISREG(st.st_mode))
		return g_strdup("no program: that is no regular file");
	if (access(path, X_OK) == 0)
		return NULL;
	if (errno == EACCES && (st.st_mode & ANY_X) == 0)
		return g_strdup_printf("not executable: chmod +x %s", path);
	return g_strdup(g_strerror(errno));
}
