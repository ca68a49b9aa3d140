#include "milter/socketname.h"

#include "net/endpoint.h"

#include <glib.h>
#include <string.h>

static const char unix_[] = "unix:", local[] = "local:", inet[] = "inet:",
    inet6[] = "inet6:";

static char *
name_path(const char *path, struct ms_error *err)
{
	char *name = g_strconcat(unix_, path, NULL);

	if (ms_endpoint_check_listen(name, err) == MS_OK)
		return name;
	g_free(name);
	return NULL;
}

static bool
is_port(const char *text, size_t size)
{
	unsigned port = 0;

	if (size == 0 || size > 5)
		return false;
	for (size_t i = 0; i < size; i++) {
		if (!g_ascii_isdigit(text[i]))
			return false;
		port = port * 10 + (unsigned)(text[i] - '0');
	}
	return port > 0 && port < 65536;
}

/* REST, behind FAMILY, is "PORT@HOST" or "PORT". */
static char *
name_port(const char *family, const char *rest, struct ms_error *err)
{
	const size_t size = strcspn(rest, "@");
	const char *host = rest[size] == '@' ? rest + size + 1 : NULL;

	if (is_port(rest, size) && (!host || (*host != '\0' &&
	    host[strspn(host, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS
	    ".-:_")] == '\0')))
		return g_strconcat(family, rest, NULL);
	(void)ms_error_set(err, MS_E_USAGE, "%s%s: want %sPORT or %sPORT@HOST",
	    family, rest, family, family);
	return NULL;
}

/* "HOST:PORT" or "[IPV6]:PORT". */
static char *
name_endpoint(const char *text, struct ms_error *err)
{
	const char *colon = strrchr(text, ':');
	const char *host = text;
	size_t size;

	if (ms_endpoint_check_listen(text, err) != MS_OK)
		return NULL;
	if (!colon || !is_port(colon + 1, strlen(colon + 1))) {
		(void)ms_error_set(err, MS_E_USAGE, "%s: want a port", text);
		return NULL;
	}
	size = (size_t)(colon - text);
	if (*host != '[')
		return g_strdup_printf("%s%s@%.*s", inet, colon + 1,
		    (int)MIN(size, 1000), host);
	return g_strdup_printf("%s%s@%.*s", inet6, colon + 1,
	    (int)MIN(size - 2, 1000), host + 1);
}

char *
ms_socketname(const char *text, struct ms_error *err)
{
	if (g_str_has_prefix(text, unix_))
		return name_path(text + strlen(unix_), err);
	if (g_str_has_prefix(text, local))
		return name_path(text + strlen(local), err);
	if (g_str_has_prefix(text, inet))
		return name_port(inet, text + strlen(inet), err);
	if (g_str_has_prefix(text, inet6))
		return name_port(inet6, text + strlen(inet6), err);
	if (*text == '/')
		return name_path(text, err);
	return name_endpoint(text, err);
}

const char *
ms_socketname_path(const char *name)
{
	return g_str_has_prefix(name, unix_) ? name + strlen(unix_) : NULL;
}

char *
ms_socketname_dial(const char *text, struct ms_error *err)
{
	char *name = ms_socketname(text, err), *address;
	const bool six = name && g_str_has_prefix(name, inet6);
	const char *port, *host;
	size_t size;

	if (!name || ms_socketname_path(name))
		return name;
	port = name + strlen(six ? inet6 : inet);
	size = strcspn(port, "@");
	host = port[size] == '@' ? port + size + 1 : six ? "::1" :
	    "127.0.0.1";
	address = g_strdup_printf(strchr(host, ':') ? "[%s]:%.*s" :
	    "%s:%.*s", host, (int)size, port);
	g_free(name);
	return address;
}

bool
ms_socketname_is_open(const char *name)
{
	const char *host = strchr(name, '@');

	if (ms_socketname_path(name))
		return false;
	return !host || !(g_str_has_prefix(host, "@127.") ||
	    strcmp(host, "@::1") == 0 || strcmp(host, "@localhost") == 0);
}
