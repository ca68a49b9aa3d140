#include "pool/launch.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

/* Is PATH the program that runs here? It would hand the message to itself for
 * ever. */
static bool
is_self(const char *path)
{
	struct stat there, here;

	return stat(path, &there) == 0 && stat("/proc/self/exe", &here) == 0 &&
	    there.st_dev == here.st_dev && there.st_ino == here.st_ino;
}

enum ms_status
ms_launch(const struct ms_launch *launch, struct ms_error *err)
{
	const char *path = launch->argv[0];
	sigset_t none;

	if (!path || *path != '/')
		return ms_error_set(err, MS_E_USAGE, "%s: want the whole path "
		    "of a program", path ? path : "");
	if (is_self(path))
		return ms_error_set(err, MS_E_USAGE,
		    "%s is this program itself", path);
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
