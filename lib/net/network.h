#ifndef MS_NETWORK_H
#define MS_NETWORK_H

#include "net/endpoint.h"

/* Networks of addresses: 192.0.2.0/24, 2001:db8::/32, 192.0.2.1; and "unix",
 * which is all clients of unix sockets. */

struct ms_network {
	int family;
	unsigned char bytes[16];
	unsigned bits;		/* of them, that count */
};

struct ms_networks {
	const struct ms_network *list;
	size_t count;
};

/* MS_OK, or MS_E_USAGE: TEXT is no network. Bits of the address that do not
 * count must be 0. */
enum ms_status ms_network_parse(const char *text, struct ms_network *network,
    struct ms_error *err);

/* Is ENDPOINT in one of the COUNT networks? */
bool ms_network_holds(const struct ms_network *networks, size_t count,
    const struct ms_endpoint *endpoint);

/* Can only this machine come from, or connect to, ENDPOINT: loopback, or a
 * unix socket? */
bool ms_network_is_local(const struct ms_endpoint *endpoint);

#endif
