#include "net/endpoint.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What can be printed again is the same endpoint; nothing is looked up. */
static void
check_again(const char *text)
{
	GArray *list, *again;
	char *print;

	if (ms_endpoint_is_name(text) ||
	    ms_endpoint_resolve(text, false, &list, NULL) != MS_OK)
		return;
	print = ms_endpoint_print(&g_array_index(list, struct ms_endpoint, 0));
	if (ms_endpoint_resolve(print, false, &again, NULL) != MS_OK ||
	    memcmp(list->data, again->data, sizeof(struct ms_endpoint)) != 0)
		abort();
	g_free(print);
	g_array_unref(list);
	g_array_unref(again);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char *text = g_strndup((const char *)data, size);
	struct ms_endpoint endpoint;
	struct ms_error err = { "" };

	if ((ms_endpoint_check(text, &err) == MS_OK) != (err.text[0] == '\0'))
		abort();
	if (ms_endpoint_check(text, NULL) == MS_OK &&
	    ms_endpoint_check_listen(text, NULL) != MS_OK)
		abort();
	if (ms_endpoint_check(text, NULL) == MS_OK)
		check_again(text);
	if (size <= sizeof endpoint.u) {
		ms_endpoint_take(&endpoint, (const struct sockaddr *)data,
		    (socklen_t)size);
		g_free(ms_endpoint_print(&endpoint));
		g_free(ms_endpoint_host(&endpoint));
	}
	g_free(text);
	return 0;
}
