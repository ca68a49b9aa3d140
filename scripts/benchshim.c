/*
 * Put before a server that was written without them (LD_PRELOAD): TCP_NODELAY
 * on all its connections, and a long queue of those not accepted yet.
 */
#include <dlfcn.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#define BACKLOG 1024

int
socket(int domain, int type, int protocol)
{
	int (*real)(int, int, int) = (int (*)(int, int, int))dlsym(RTLD_NEXT,
	    "socket");
	const int fd = real(domain, type, protocol), on = 1;

	/* What is accepted inherits it. */
	if (fd >= 0 && (domain == AF_INET || domain == AF_INET6))
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

int
listen(int fd, int backlog)
{
	int (*real)(int, int) = (int (*)(int, int))dlsym(RTLD_NEXT, "listen");

	return real(fd, backlog < BACKLOG ? BACKLOG : backlog);
}
