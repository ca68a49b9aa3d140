#include "base/subnet.h"

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

/* HOST, as an address of all its bits. */
static bool
parse_host(const char *host, struct ms_subnet *subnet)
{
	const bool six = strchr(host, ':') != NULL;

	*subnet = (struct ms_subnet){ .family = six ? AF_INET6 : AF_INET,
		.bits = six ? 128 : 32 };
	return inet_pton(subnet->family, host, subnet->bytes) == 1;
}

enum ms_status
ms_subnet_parse(const char *text, struct ms_subnet *subnet,
    struct ms_error *err)
{
	const char *slash = strchr(text, '/');
	char *host = g_strndup(text, slash ? (size_t)(slash - text) :
	    strlen(text));
	bool good = parse_host(host, subnet);
	const unsigned all = subnet->bits;
	guint64 bits = all;

	if (slash)
		good = good && g_ascii_string_to_unsigned(slash + 1, 10, 0,
		    all, &bits, NULL);
	subnet->bits = (unsigned)bits;
	g_free(host);
	if (!good)
		return ms_error_set(err, MS_E_USAGE, "%s: no network such as "
		    "192.0.2.0/24 or 2001:db8::/32", text);
	if (!is_clear_from(subnet->bytes, subnet->bits, all))
		return ms_error_set(err, MS_E_USAGE, "%s: there are bits "
		    "behind the first %u", text, subnet->bits);
	return MS_OK;
}

bool
ms_subnet_address(const char *text, struct ms_subnet *address)
{
	static const struct ms_subnet mapped = { AF_INET6,
		{ [10] = 0xff, [11] = 0xff }, 96 };

	if (!parse_host(text, address))
		return false;
	if (ms_subnet_holds(&mapped, address->family, address->bytes)) {
		memmove(address->bytes, address->bytes + 12, 4);
		memset(address->bytes + 4, 0, 12);
		address->family = AF_INET;
		address->bits = 32;
	}
	return true;
}

char *
ms_subnet_print(const struct ms_subnet *subnet)
{
	const bool six = subnet->family == AF_INET6;
	char host[INET6_ADDRSTRLEN];

	/* There is room for any. */
	(void)inet_ntop(subnet->family, subnet->bytes, host, sizeof host);
	return subnet->bits == (six ? 128 : 32) ? g_strdup(host) :
	    g_strdup_printf("%s/%u", host, subnet->bits);
}

bool
ms_subnet_holds(const struct ms_subnet *subnet, int family,
    const unsigned char *bytes)
{
	return subnet->family == family &&
	    agree(subnet->bytes, bytes, subnet->bits);
}
