#include "net/herald.h"

#include "net/endpoint.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum ms_status
ms_herald_check(const struct ms_herald_config *config, struct ms_error *err)
{
	if (config->interface && (*config->interface == '\0' ||
	    strlen(config->interface) >= IF_NAMESIZE))
		return ms_error_set(err, MS_E_USAGE, "\"%s\" is no name of "
		    "an interface", config->interface);
	if (ms_endpoint_check(config->address, err) != MS_OK)
		return MS_E_USAGE;
	if (ms_endpoint_is_name(config->address) ||
	    strncmp(config->address, "unix:", 5) == 0)
		return ms_error_set(err, MS_E_USAGE, "%s: want an address of "
		    "numbers and a port, as 192.0.2.255:3310",
		    config->address);
	return MS_OK;
}

/* A socket that may send to everybody, over one interface. */
static int
open_socket(const struct ms_herald_config *config, sa_family_t family)
{
	const int on = 1;
	const int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const char *name = config->interface;

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) == 0 &&
	    (!name || setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name,
	    (socklen_t)strlen(name)) == 0))
		return fd;
	(void)close(fd);
	return -1;
}

enum ms_status
ms_herald_send(const struct ms_herald_config *config, const void *data,
    size_t size, struct ms_error *err)
{
	const struct ms_endpoint *to;
	GArray *list = NULL;
	enum ms_status status;
	ssize_t sent = -1;
	int fd;

	if (size > MS_HERALD_MAX)
		return ms_error_set(err, MS_E_LIMIT, "%zu bytes are more than "
		    "a datagram has room for", size);
	status = ms_endpoint_resolve(config->address, false, &list, err);
	if (status != MS_OK)
		return status;
	to = &g_array_index(list, struct ms_endpoint, 0);
	fd = open_socket(config, to->u.any.sa_family);
	if (fd >= 0) {
		do
			sent = sendto(fd, data, size, MSG_NOSIGNAL, &to->u.any,
			    to->size);
		while (sent < 0 && errno == EINTR);
	}
	if (sent < 0)
		status = ms_error_errno(err, "%s%s%s", config->address,
		    config->interface ? " over " : "", config->interface ?
		    config->interface : "");
	if (fd >= 0)
		(void)close(fd);
	g_array_unref(list);
	return status;
}
