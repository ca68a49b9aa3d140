#include "pool/launch.h"

#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <stdint.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#define SELF "/proc/self/exe"

static bool
is_same(const char *path, const char *other)
{
	struct stat one, two;

	return stat(path, &one) == 0 && stat(other, &two) == 0 &&
	    one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

enum ms_status
ms_launch(const struct ms_launch *launch, struct ms_error *err)
{
	const char *path = launch->argv[0];
	sigset_t none;

	if (!path || *path != '/')
		return ms_error_set(err, MS_E_USAGE, "%s: want the whole path "
		    "of a program", path ? path : "");
	/* It would hand the message to itself for ever. */
	if (is_same(path, SELF) ||
	    (launch->self && is_same(path, launch->self)))
		return ms_error_set(err, MS_E_USAGE,
		    "%s is this program itself: name the one that is to be "
		    "next (--next)", path);
	if (lseek(launch->input, 0, SEEK_SET) != 0 ||
	    dup2(launch->input, STDIN_FILENO) < 0 ||
	    (launch->second >= 0 && (lseek(launch->second, 0, SEEK_SET) != 0 ||
	    dup2(launch->second, STDOUT_FILENO) < 0)))
		return ms_error_errno(err, "%s", path);
	/* What it was started with, as far as we know. */
	(void)signal(SIGPIPE, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)execv(path, (char *const *)(uintptr_t)launch->argv);
	return ms_error_errno(err, "%s cannot be run", path);
}

enum ms_status
ms_launch_beside(const char *beside, const char **words, struct ms_error *err)
{
	GError *error = NULL;
	char *self = g_file_read_link(SELF, &error), *dir, *path;
	enum ms_status status;

	if (!self) {
		(void)ms_error_set(err, MS_E_IO, "%s", error->message);
		g_error_free(error);
		return MS_E_IO;
	}
	dir = g_path_get_dirname(self);
	path = g_build_filename(dir, beside, NULL);
	words[0] = self;
	(void)execv(path, (char *const *)(uintptr_t)words);
	status = ms_error_errno(err, "%s, which is a part of this program, "
	    "cannot be run", path);
	words[0] = NULL;
	g_free(path);
	g_free(dir);
	g_free(self);
	return status;
}
