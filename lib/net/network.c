#include "net/network.h"

#include "base/subnet.h"

#include <glib.h>
#include <string.h>

enum ms_status
ms_network_parse(const char *text, struct ms_network *network,
    struct ms_error *err)
{
	struct ms_subnet subnet;
	enum ms_status status;

	if (strcmp(text, "unix") == 0) {
		*network = (struct ms_network){ .family = AF_UNIX };
		return MS_OK;
	}
	status = ms_subnet_parse(text, &subnet, err);
	*network = (struct ms_network){ .family = subnet.family,
		.bits = subnet.bits };
	memcpy(network->bytes, subnet.bytes, sizeof network->bytes);
	return status;
}

static bool
holds(const struct ms_network *network, const struct ms_endpoint *endpoint)
{
	const struct sockaddr_in *in = &endpoint->u.in;
	const struct sockaddr_in6 *in6 = &endpoint->u.in6;
	const int family = endpoint->u.any.sa_family;
	struct ms_subnet subnet = { .family = network->family,
		.bits = network->bits };

	if (endpoint->size == 0 || family != network->family)
		return false;
	memcpy(subnet.bytes, network->bytes, sizeof subnet.bytes);
	return family == AF_UNIX || ms_subnet_holds(&subnet, family,
	    family == AF_INET ? (const unsigned char *)&in->sin_addr :
	    in6->sin6_addr.s6_addr);
}

bool
ms_network_holds(const struct ms_network *networks, size_t count,
    const struct ms_endpoint *endpoint)
{
	for (size_t i = 0; i < count; i++)
		if (holds(&networks[i], endpoint))
			return true;
	return false;
}

bool
ms_network_is_local(const struct ms_endpoint *endpoint)
{
	static const struct ms_network loopback[] = {
		{ AF_INET, { 127 }, 8 },
		{ AF_INET6, { [15] = 1 }, 128 },
	};

	return (endpoint->size > 0 &&
	    endpoint->u.any.sa_family == AF_UNIX) ||
	    ms_network_holds(loopback, G_N_ELEMENTS(loopback), endpoint);
}
