#include "net/redirect.h"

#include <errno.h>
#include <linux/netfilter_ipv4.h>
#include <string.h>

/* linux/netfilter_ipv6/ip6_tables.h has it, among much that collides with
 * netinet/in.h. */
#define IP6T_SO_ORIGINAL_DST 80

/* What a socket of FAMILY is asked for. */
struct question {
	int level, transparent, original;
};

static struct question
question_of(int family)
{
	if (family == AF_INET6)
		return (struct question){ IPPROTO_IPV6, IPV6_TRANSPARENT,
			IP6T_SO_ORIGINAL_DST };
	return (struct question){ IPPROTO_IP, IP_TRANSPARENT,
		SO_ORIGINAL_DST };
}

/* Of the socket itself: IPv4 on one of IPv6 is asked as the latter. */
static int
family_of(int fd)
{
	int family = AF_UNSPEC;
	socklen_t size = sizeof family;

	(void)getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size);
	return family;
}

static bool
is_transparent(int fd, const struct question *ask)
{
	int value = 0;
	socklen_t size = sizeof value;

	return getsockopt(fd, ask->level, ask->transparent, &value, &size) ==
	    0 && value != 0;
}

static bool
is_same(const struct ms_endpoint *a, const struct ms_endpoint *b)
{
	char *one = ms_endpoint_print(a), *other = ms_endpoint_print(b);
	const bool same = strcmp(one, other) == 0;

	g_free(one);
	g_free(other);
	return same;
}

enum ms_status
ms_redirect_wanted(int fd, struct ms_endpoint *wanted, struct ms_error *err)
{
	const int family = family_of(fd);
	const struct question ask = question_of(family);
	struct sockaddr_storage any = { .ss_family = AF_UNSPEC };
	socklen_t size = sizeof any;
	struct ms_endpoint here;

	ms_endpoint_ask(&here, fd, false);
	if (family != AF_INET && family != AF_INET6)
		return ms_error_set(err, MS_E_USAGE,
		    "a unix socket is not redirected");
	if (getsockopt(fd, ask.level, ask.original, &any, &size) == 0) {
		ms_endpoint_take(wanted, (const struct sockaddr *)&any, size);
	} else if (here.size == 0) {
		return ms_error_errno(err, "no original destination");
	} else {
		*wanted = here;
	}
	if (is_same(wanted, &here) && !is_transparent(fd, &ask))
		return ms_error_set(err, MS_E_USAGE,
		    "the connection was not redirected");
	return MS_OK;
}

enum ms_status
ms_redirect_listen(int fd, int family, struct ms_error *err)
{
	const struct question ask = question_of(family);
	const int one = 1;

	if (setsockopt(fd, ask.level, ask.transparent, &one, sizeof one) == 0)
		return MS_OK;
	return ms_error_errno(err, "cannot take connections to others");
}
