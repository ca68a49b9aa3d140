#ifndef MS_ITEM_H
#define MS_ITEM_H

#include "source/source.h"

/* How the modules of this folder fill items. Everything is copied. */

/* TEXT may be NULL. Returns MS_OK, so that it can be returned. */
enum ms_status ms_item_set(struct ms_source_item *item,
    enum ms_source_kind kind, const struct ms_origin *origin,
    const char *text);

/* Likewise of a path alone. */
enum ms_status ms_item_set_path(struct ms_source_item *item,
    enum ms_source_kind kind, const char *path, const char *text);

#endif
