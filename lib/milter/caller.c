#include "milter/caller.h"

#include "net/endpoint.h"

void
ms_caller_begin(struct ms_caller *caller, const char *name,
    const struct sockaddr *address)
{
	struct ms_endpoint endpoint;

	g_free(caller->name);
	g_free(caller->address);
	caller->name = g_strdup(name);
	caller->address = NULL;
	if (!address || (address->sa_family != AF_INET &&
	    address->sa_family != AF_INET6))
		return;
	ms_endpoint_take(&endpoint, address, address->sa_family == AF_INET ?
	    sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
	caller->address = ms_endpoint_host(&endpoint);
}

void
ms_caller_greets(struct ms_caller *caller, const char *name)
{
	g_free(caller->helo);
	caller->helo = g_strdup(name);
}

void
ms_caller_clear(struct ms_caller *caller)
{
	g_free(caller->name);
	g_free(caller->address);
	g_free(caller->helo);
	*caller = (struct ms_caller){ NULL, NULL, NULL };
}

static void
put(char **at, const char *known, const char *other)
{
	g_free(*at);
	*at = g_strdup(known ? known : other);
}

void
ms_caller_sign(const struct ms_caller *caller, const char *name,
    const char *address, struct ms_envelope *envelope)
{
	put(&envelope->client_address, caller->address, address);
	put(&envelope->client_name, caller->name, name);
	put(&envelope->helo, caller->helo, NULL);
}
