#include "net/network.h"

#include <arpa/inet.h>
#include <glib.h>
#include <string.h>

/* Do the first BITS bits of A and B agree? */
static bool
agree(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	const unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

static bool
is_clear_from(const unsigned char *bytes, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++)
		if (bytes[i / 8] & (0x80u >> (i % 8)))
			return false;
	return true;
}

enum ms_status
ms_network_parse(const char *text, struct ms_network *network,
    struct ms_error *err)
{
	const char *slash = strchr(text, '/');
	char *host = g_strndup(text, slash ? (size_t)(slash - text) :
	    strlen(text));
	guint64 bits = 0;
	unsigned all;
	bool good;

	if (strcmp(host, "unix") == 0 && !slash) {
		*network = (struct ms_network){ .family = AF_UNIX };
		g_free(host);
		return MS_OK;
	}
	*network = (struct ms_network){ .family = strchr(host, ':') ?
		AF_INET6 : AF_INET };
	all = network->family == AF_INET6 ? 128 : 32;
	good = inet_pton(network->family, host, network->bytes) == 1;
	if (slash)
		good = good && g_ascii_string_to_unsigned(slash + 1, 10, 0,
		    all, &bits, NULL);
	else
		bits = all;
	network->bits = (unsigned)bits;
	g_free(host);
	if (!good)
		return ms_error_set(err, MS_E_USAGE, "%s: no network such as "
		    "192.0.2.0/24 or 2001:db8::/32", text);
	if (!is_clear_from(network->bytes, network->bits, all))
		return ms_error_set(err, MS_E_USAGE, "%s: there are bits "
		    "behind the first %u", text, network->bits);
	return MS_OK;
}

static bool
holds(const struct ms_network *network, const struct ms_endpoint *endpoint)
{
	const struct sockaddr_in *in = &endpoint->u.in;
	const struct sockaddr_in6 *in6 = &endpoint->u.in6;

	if (endpoint->size == 0 || endpoint->u.any.sa_family !=
	    network->family)
		return false;
	if (network->family == AF_UNIX)
		return true;
	if (network->family == AF_INET)
		return agree(network->bytes, (const unsigned char *)
		    &in->sin_addr, network->bits);
	return agree(network->bytes, in6->sin6_addr.s6_addr, network->bits);
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
