#ifndef MS_REDIRECT_H
#define MS_REDIRECT_H

#include "net/endpoint.h"

/*
 * Where a connection that the kernel led to us was going: netfilter's REDIRECT
 * and DNAT keep it beside the connection, TPROXY hands over connections whose
 * own end it is.
 */

/*
 * FD is an accepted connection.
 *
 * MS_OK       WANTED is where its client wanted to be
 * MS_E_USAGE  that is where it is: it came to us by itself, and to connect
 *             there would be to connect to ourselves
 * MS_E_IO     the kernel does not say
 */
enum ms_status ms_redirect_wanted(int fd, struct ms_endpoint *wanted,
    struct ms_error *err);

/* FD, which is not bound yet, may listen for connections to anybody, as
 * TPROXY hands them over; so will be what it accepts. MS_OK, or MS_E_IO:
 * CAP_NET_ADMIN is wanted. */
enum ms_status ms_redirect_listen(int fd, int family, struct ms_error *err);

#endif
