#ifndef MS_HERALD_H
#define MS_HERALD_H

#include "base/error.h"

#include <stddef.h>

/*
 * One datagram over UDP, to an address that may be that of everybody (a
 * broadcast address) or of a group: who listens, hears it.
 */

struct ms_herald_config {
	const char *address;	/* "192.0.2.255:3310", "[ff02::1]:3310" */
	const char *interface;	/* the name of the only one that it may go out
				 * over; NULL: any. Takes privileges */
};

/* What there is room for in one. */
#define MS_HERALD_MAX ((size_t)65000)

/* MS_OK, or MS_E_USAGE: that is no such address, or a name. */
enum ms_status ms_herald_check(const struct ms_herald_config *config,
    struct ms_error *err);

/*
 * Send SIZE bytes. CONFIG passed the check.
 *
 * MS_OK       it is on its way; nobody knows whether it arrives
 * MS_E_LIMIT  more than MS_HERALD_MAX
 * MS_E_IO     it cannot be sent: ERR says why
 */
enum ms_status ms_herald_send(const struct ms_herald_config *config,
    const void *data, size_t size, struct ms_error *err);

#endif
