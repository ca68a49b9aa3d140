#include "net/pair.h"

#include <sys/socket.h>

enum ms_status
ms_pair_open(int fds[2], struct ms_error *err)
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
	    fds) != 0)
		return ms_error_errno(err, "cannot make a pair of sockets");
	return MS_OK;
}
