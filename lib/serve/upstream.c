#include "serve/upstream.h"

#include <glib.h>
#include <string.h>

enum ms_status
ms_upstream_resolve(const char *const *texts, struct ms_upstream *upstream,
    struct ms_error *err)
{
	upstream->endpoints = g_array_new(FALSE, FALSE,
	    sizeof(struct ms_endpoint));
	for (const char *const *text = texts; *text; text++) {
		GArray *list = NULL;
		const enum ms_status status = ms_endpoint_resolve(*text,
		    false, &list, err);

		if (status != MS_OK) {
			ms_upstream_clear(upstream);
			return status;
		}
		g_array_append_vals(upstream->endpoints, list->data,
		    list->len);
		g_array_unref(list);
	}
	return MS_OK;
}

void
ms_upstream_clear(struct ms_upstream *upstream)
{
	if (upstream->endpoints)
		g_array_unref(upstream->endpoints);
	upstream->endpoints = NULL;
}

bool
ms_upstream_is_self(const struct ms_endpoint *list, size_t count, int fd)
{
	struct ms_endpoint own;
	char *name;
	bool same = false;

	ms_endpoint_ask(&own, fd, false);
	name = ms_endpoint_print(&own);
	for (size_t i = 0; i < count && !same; i++) {
		char *other = ms_endpoint_print(&list[i]);

		same = strcmp(name, other) == 0;
		g_free(other);
	}
	g_free(name);
	return same;
}
