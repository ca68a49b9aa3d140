#include "net/post.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

enum ms_status
ms_post_check(const char *path, struct ms_error *err)
{
	const struct sockaddr_un *un = NULL;

	if ((*path == '/' || *path == '@') &&
	    strlen(path) < sizeof un->sun_path)
		return MS_OK;
	return ms_error_set(err, MS_E_USAGE,
	    "%s: want the path of a socket, from the root, and not so long",
	    path);
}

enum ms_status
ms_post_open(int *fd, struct ms_error *err)
{
	*fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return *fd < 0 ? ms_error_errno(err, "cannot make a socket") : MS_OK;
}

enum ms_status
ms_post_send(int fd, const char *path, const void *data, size_t size)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	socklen_t length = sizeof to;
	ssize_t sent;

	memcpy(to.sun_path, path, strlen(path));
	if (*path == '@') {
		to.sun_path[0] = '\0';
		length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
		    strlen(path));
	}
	do
		sent = sendto(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL,
		    (const struct sockaddr *)(const void *)&to, length);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? MS_E_IO : MS_OK;
}
