#include "pool/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum ms_status
ms_detach_begin(int *fd, struct ms_error *err)
{
	int ends[2];
	char begun;
	ssize_t n;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return ms_error_errno(err, "cannot make a pipe");
	pid = fork();
	if (pid == 0) {
		(void)close(ends[0]);
		(void)setsid();
		*fd = ends[1];
		return MS_OK;
	}
	(void)close(ends[1]);
	if (pid < 0) {
		(void)close(ends[0]);
		return ms_error_errno(err, "cannot start a process");
	}
	do
		n = read(ends[0], &begun, 1);
	while (n < 0 && errno == EINTR);
	(void)close(ends[0]);
	return n == 1 ? MS_END : ms_error_set(err, MS_E_PEER,
	    "it has not begun");
}

void
ms_detach_end(int fd, bool loud)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = 0; null >= 0 && i <= (loud ? STDOUT_FILENO :
	    STDERR_FILENO); i++)
		(void)dup2(null, i);
	if (null > STDERR_FILENO)
		(void)close(null);
	(void)!write(fd, "", 1);
	(void)close(fd);
}
