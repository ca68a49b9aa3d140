#ifndef MS_ENDPOINT_H
#define MS_ENDPOINT_H

#include "base/error.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

/*
 * Addresses of sockets: as people write them, HOST:PORT, [IPV6]:PORT or
 * unix:PATH, and as the kernel takes them.
 */

struct ms_endpoint {
	socklen_t size;
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} u;
};

/* Is TEXT an address to connect to? Nothing is looked up. MS_OK or
 * MS_E_USAGE. */
enum ms_status ms_endpoint_check(const char *text, struct ms_error *err);

/* The same, to listen on: port 0 is any that is free. */
enum ms_status ms_endpoint_check_listen(const char *text,
    struct ms_error *err);

/* Does TEXT, which was checked, hold a name that somebody must look up? */
bool ms_endpoint_is_name(const char *text);

/*
 * What TEXT stands for: *LIST is an array of struct ms_endpoint, in the order
 * to try them, for g_array_unref(). Names are looked up, which takes as long
 * as the system's resolver lets it; all else waits for nobody.
 *
 * MS_OK       at least one
 * MS_E_USAGE  that is no address
 * MS_E_PEER   the name is not known, or nobody answered who could know it
 */
enum ms_status ms_endpoint_resolve(const char *text, bool to_listen,
    GArray **list, struct ms_error *err);

/* What the kernel said: SIZE bytes of an address. IPv4 that is written as
 * IPv6 becomes IPv4. */
void ms_endpoint_take(struct ms_endpoint *endpoint, const struct sockaddr *any,
    socklen_t size);

/* Where the socket FD is connected to (PEER), or what it is bound to; nothing,
 * which prints as "unknown", if it cannot be said. */
void ms_endpoint_ask(struct ms_endpoint *endpoint, int fd, bool peer);

/* As people write it, for g_free(); a unix socket without a path is "unix:".
 * (A path is not quoted: see base/quote.h.) */
char *ms_endpoint_print(const struct ms_endpoint *endpoint);

/* Only the host, without brackets and port; NULL for a unix socket. */
char *ms_endpoint_host(const struct ms_endpoint *endpoint);

#endif
