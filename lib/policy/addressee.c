#include "policy/addressee.h"

#include <stdbool.h>
#include <string.h>

/* Could it be in a local part without quotes? */
static bool
is_plain(char c)
{
	return (unsigned char)c > ' ' && c != 127 &&
	    !strchr("()<>[]:;@\\,\"", c);
}

/* What the quoted local part up to END says, if it could do without the
 * quotes; else NULL. */
static char *
unquoted(const char *from, const char *end)
{
	GString *plain = g_string_new(NULL);
	bool good = end - from > 2 && *from == '"' && end[-1] == '"';

	for (from++; good && from < end - 1; from++) {
		if (*from == '\\' && from + 1 < end - 1)
			from++;
		good = is_plain(*from);
		g_string_append_c(plain, *from);
	}
	return g_string_free(plain, !good);
}

void
ms_addressee_key(GString *key, const char *address)
{
	const char *colon = *address == '@' ? strchr(address, ':') : NULL;
	const char *at;
	char *local;

	/* "@a,@b:c@d" */
	if (colon && strchr(colon, '@'))
		address = colon + 1;
	at = strrchr(address, '@');
	local = at ? unquoted(address, at) : NULL;
	g_string_assign(key, local ? local : address);
	if (local)
		g_string_append(key, at);
	g_free(local);
	while (at && key->len > 1 && key->str[key->len - 1] == '.')
		g_string_truncate(key, key->len - 1);
	(void)g_string_ascii_down(key);
}
