#include "source/item.h"

#include <glib.h>

enum ms_status
ms_item_set(struct ms_source_item *item, enum ms_source_kind kind,
    const struct ms_origin *origin, const char *text)
{
	*item = (struct ms_source_item){ .kind = kind };
	ms_message_origin_copy(&item->origin, origin);
	item->text = g_strdup(text);
	return MS_OK;
}

enum ms_status
ms_item_set_path(struct ms_source_item *item, enum ms_source_kind kind,
    const char *path, const char *text)
{
	*item = (struct ms_source_item){ .kind = kind };
	item->origin.source = g_strdup(path);
	item->origin.delivered = -1;
	item->text = g_strdup(text);
	return MS_OK;
}
