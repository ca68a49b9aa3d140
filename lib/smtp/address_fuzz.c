#include "smtp/address.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* What can stand in an envelope is read back from there as what it was. */
static void
again(const struct ms_address *address)
{
	char *path = g_strdup_printf("<%s%s%s>", address->route ?
	    address->route : "", address->route ? ":" : "", address->text);
	struct ms_address other;
	size_t used;

	if (ms_address_parse(path, strlen(path), &other, &used) != MS_OK ||
	    used != strlen(path) || strcmp(other.text, address->text) != 0 ||
	    g_strcmp0(other.route, address->route) != 0 ||
	    g_strcmp0(other.domain, address->domain) != 0)
		abort();
	if (*other.text && ms_address_check(other.text, false, NULL) != MS_OK)
		abort();
	ms_address_clear(&other);
	g_free(path);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ms_address address;
	enum ms_status status;
	size_t used;

	if (memchr(data, '\0', size))
		return 0;
	status = ms_address_parse((const char *)data, size, &address, &used);
	if (used > size)
		abort();
	if (status == MS_OK)
		again(&address);
	ms_address_clear(&address);
	return 0;
}
