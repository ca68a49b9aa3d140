#ifndef MS_SUBNET_H
#define MS_SUBNET_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Networks of IP addresses, as people write them: 192.0.2.0/24, 192.0.2.1,
 * 2001:db8::/32. Nothing is connected to, and no name is looked up.
 */

struct ms_subnet {
	int family;		/* AF_INET, AF_INET6 */
	unsigned char bytes[16];
	unsigned bits;		/* of them, that count */
};

/* MS_OK, or MS_E_USAGE: TEXT is no network. Bits of the address that do not
 * count must be 0. */
enum ms_status ms_subnet_parse(const char *text, struct ms_subnet *subnet,
    struct ms_error *err);

/* Read one address, without /BITS; IPv4 that is written as IPv6 becomes IPv4.
 * False: it is none. */
bool ms_subnet_address(const char *text, struct ms_subnet *address);

/* As _parse() reads it, for g_free(): without its bits if all count. */
char *ms_subnet_print(const struct ms_subnet *subnet);

/* Is the address of which FAMILY and BYTES are in SUBNET? */
bool ms_subnet_holds(const struct ms_subnet *subnet, int family,
    const unsigned char *bytes);

#endif
