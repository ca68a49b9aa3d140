#include "net/endpoint.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <stddef.h>
#include <string.h>
#include <sys/types.h>

/* An address in its pieces. */
struct place {
	const char *path;	/* of the text; NULL: it is a host */
	char *host;
	const char *port;
};

/* As the kernel wants it, terminated. */
enum { PATH_MAX_SIZE = sizeof ((struct sockaddr_un *)0)->sun_path - 1 };

static bool
is_port(const char *text, bool to_listen)
{
	const size_t size = strlen(text);
	uint64_t port = g_ascii_strtoull(text, NULL, 10);

	return size > 0 && size <= 5 && strspn(text, "0123456789") == size &&
	    (port > 0 || to_listen) && port < 65536;
}

/* No resolver gets to see what was never a name. */
static bool
is_host(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!g_ascii_isgraph(text[i]) || strchr("[]/", text[i]))
			return false;
	return size > 0 && size < 256;
}

static enum ms_status
parse(const char *text, bool to_listen, struct place *place,
    struct ms_error *err)
{
	const char *colon = strrchr(text, ':');
	const char *host = text, *end = colon;

	*place = (struct place){ NULL, NULL, NULL };
	if (g_str_has_prefix(text, "unix:")) {
		const size_t size = strlen(text + 5);

		if (size == 0 || size > PATH_MAX_SIZE)
			return ms_error_set(err, MS_E_USAGE,
			    "%s: no path of a socket", text);
		place->path = text + 5;
		return MS_OK;
	}
	if (colon && colon - text > 2 && text[0] == '[' && colon[-1] == ']') {
		host++;
		end--;
	}
	/* An IPv6 address without brackets ends who knows where. */
	if (!colon || !is_host(host, (size_t)(end - host)) ||
	    !is_port(colon + 1, to_listen) ||
	    (host == text) != !memchr(host, ':', (size_t)(end - host)))
		return ms_error_set(err, MS_E_USAGE, "%s is no address: want "
		    "HOST:PORT, [IPV6]:PORT or unix:PATH", text);
	place->host = g_strndup(host, (size_t)(end - host));
	place->port = colon + 1;
	return MS_OK;
}

static enum ms_status
check(const char *text, bool to_listen, struct ms_error *err)
{
	struct place place;
	enum ms_status status = parse(text, to_listen, &place, err);

	g_free(place.host);
	return status;
}

enum ms_status
ms_endpoint_check(const char *text, struct ms_error *err)
{
	return check(text, false, err);
}

enum ms_status
ms_endpoint_check_listen(const char *text, struct ms_error *err)
{
	return check(text, true, err);
}

static int
look_up(const struct place *place, bool to_listen, int flags,
    struct addrinfo **list)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = flags | AI_NUMERICSERV |
		    (to_listen ? AI_PASSIVE : 0) };

	return getaddrinfo(place->host, place->port, &hints, list);
}

bool
ms_endpoint_is_name(const char *text)
{
	struct addrinfo *list = NULL;
	struct place place;
	bool name = false;

	if (parse(text, true, &place, NULL) == MS_OK && place.host)
		name = !strchr(place.host, ':') &&
		    look_up(&place, true, AI_NUMERICHOST, &list) != 0;
	if (list)
		freeaddrinfo(list);
	g_free(place.host);
	return name;
}

static void
of_path(struct ms_endpoint *endpoint, const char *path)
{
	memset(endpoint, 0, sizeof *endpoint);
	endpoint->u.un.sun_family = AF_UNIX;
	(void)g_strlcpy(endpoint->u.un.sun_path, path, PATH_MAX_SIZE + 1);
	endpoint->size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    strlen(path) + 1);
}

/* What the resolver says that we can use, in its order. */
static void
keep(GArray *list, const struct addrinfo *found)
{
	for (const struct addrinfo *a = found; a; a = a->ai_next) {
		struct ms_endpoint endpoint;

		if (a->ai_family != AF_INET && a->ai_family != AF_INET6)
			continue;
		memset(&endpoint, 0, sizeof endpoint);
		endpoint.size = a->ai_addrlen;
		memcpy(&endpoint.u, a->ai_addr,
		    MIN(a->ai_addrlen, sizeof endpoint.u));
		g_array_append_val(list, endpoint);
	}
}

enum ms_status
ms_endpoint_resolve(const char *text, bool to_listen, GArray **list,
    struct ms_error *err)
{
	struct addrinfo *found = NULL;
	struct ms_endpoint endpoint;
	struct place place;
	enum ms_status status = parse(text, to_listen, &place, err);
	int why;

	if (status != MS_OK)
		return status;
	*list = g_array_new(FALSE, FALSE, sizeof(struct ms_endpoint));
	if (place.path) {
		of_path(&endpoint, place.path);
		g_array_append_val(*list, endpoint);
		return MS_OK;
	}
	/* Numbers first: where only loopback is up they are good as well. */
	why = look_up(&place, to_listen, AI_NUMERICHOST, &found);
	if (why == EAI_NONAME && place.host && !strchr(place.host, ':'))
		why = look_up(&place, to_listen, AI_ADDRCONFIG, &found);
	if (why == 0) {
		keep(*list, found);
		freeaddrinfo(found);
	}
	if ((*list)->len == 0) {
		status = ms_error_set(err, MS_E_PEER, "%s: %s", place.host,
		    why ? gai_strerror(why) : "no address");
		g_array_unref(*list);
		*list = NULL;
	}
	g_free(place.host);
	return status;
}

void
ms_endpoint_take(struct ms_endpoint *endpoint, const struct sockaddr *any,
    socklen_t size)
{
	struct sockaddr_in6 in6;

	memset(endpoint, 0, sizeof *endpoint);
	endpoint->size = (socklen_t)MIN(size, sizeof endpoint->u);
	memcpy(&endpoint->u, any, endpoint->size);
	if (size < sizeof in6 || endpoint->u.any.sa_family != AF_INET6 ||
	    !IN6_IS_ADDR_V4MAPPED(&endpoint->u.in6.sin6_addr))
		return;
	in6 = endpoint->u.in6;
	memset(endpoint, 0, sizeof *endpoint);
	endpoint->size = sizeof endpoint->u.in;
	endpoint->u.in.sin_family = AF_INET;
	endpoint->u.in.sin_port = in6.sin6_port;
	memcpy(&endpoint->u.in.sin_addr, &in6.sin6_addr.s6_addr[12], 4);
}

void
ms_endpoint_ask(struct ms_endpoint *endpoint, int fd, bool peer)
{
	struct sockaddr_storage any = { .ss_family = AF_UNSPEC };
	socklen_t size = sizeof any;

	memset(endpoint, 0, sizeof *endpoint);
	if ((peer ? getpeername : getsockname)(fd, (struct sockaddr *)&any,
	    &size) == 0)
		ms_endpoint_take(endpoint, (struct sockaddr *)&any, size);
}

/* The path: a name of the file system, or one that begins with a NUL (an
 * abstract one, shown as people write those, with @), or none. */
static char *
print_path(const struct ms_endpoint *endpoint)
{
	const size_t base = offsetof(struct sockaddr_un, sun_path);
	const char *path = endpoint->u.un.sun_path;
	size_t size = endpoint->size > base ? endpoint->size - base : 0;
	char *name, *text;

	if (size == 0)
		return g_strdup("unix:");
	name = path[0] ? g_strndup(path, size) :
	    g_strndup(path + 1, size - 1);
	text = g_strconcat(path[0] ? "unix:" : "unix:@", name, NULL);
	g_free(name);
	return text;
}

/* Host and port in numbers; false if the kernel's answer is neither IPv4 nor
 * IPv6. */
static bool
in_numbers(const struct ms_endpoint *endpoint, char host[static NI_MAXHOST],
    char port[static NI_MAXSERV])
{
	const sa_family_t family = endpoint->u.any.sa_family;

	if (endpoint->size < sizeof endpoint->u.in)
		return false;
	/* Each session asks for some twenty; getnameinfo() takes three times
	 * as long. */
	if (family == AF_INET) {
		(void)inet_ntop(family, &endpoint->u.in.sin_addr, host,
		    NI_MAXHOST);
		(void)g_snprintf(port, NI_MAXSERV, "%u",
		    ntohs(endpoint->u.in.sin_port));
		return true;
	}
	/* That knows what a scope is called. */
	return family == AF_INET6 &&
	    getnameinfo(&endpoint->u.any, endpoint->size, host, NI_MAXHOST,
		port, NI_MAXSERV, NI_NUMERICHOST | NI_NUMERICSERV) == 0;
}

char *
ms_endpoint_print(const struct ms_endpoint *endpoint)
{
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (endpoint->size >= sizeof(sa_family_t) &&
	    endpoint->u.any.sa_family == AF_UNIX)
		return print_path(endpoint);
	if (!in_numbers(endpoint, host, port))
		return g_strdup("unknown");
	return g_strdup_printf(strchr(host, ':') ? "[%s]:%s" : "%s:%s", host,
	    port);
}

char *
ms_endpoint_host(const struct ms_endpoint *endpoint)
{
	char host[NI_MAXHOST], port[NI_MAXSERV];

	return in_numbers(endpoint, host, port) ? g_strdup(host) : NULL;
}
