#include "scan/held.h"

#include <string.h>

struct gap {
	char *part;
	char *detail;
};

struct ms_held {
	GPtrArray *gaps;	/* of struct gap */
	GHashTable *zips;	/* set of struct ms_mark */
};

static void
free_gap(gpointer data)
{
	struct gap *gap = data;

	g_free(gap->part);
	g_free(gap->detail);
	g_free(gap);
}

struct ms_held *
ms_held_new(void)
{
	struct ms_held *held = g_new(struct ms_held, 1);

	held->gaps = g_ptr_array_new_with_free_func(free_gap);
	held->zips = g_hash_table_new_full(ms_mark_hash, ms_mark_equal,
	    g_free, NULL);
	return held;
}

void
ms_held_free(struct ms_held *held)
{
	if (!held)
		return;
	g_hash_table_unref(held->zips);
	g_ptr_array_unref(held->gaps);
	g_free(held);
}

void
ms_held_layer(struct ms_held *held, struct ms_layers *layers,
    const struct ms_engine_layer *layer)
{
	struct ms_mark *mark;

	/* All that libclamav has the zip parser look into. */
	if (!g_str_has_prefix(layer->type, "CL_TYPE_ZIP") &&
	    !g_str_has_prefix(layer->type, "CL_TYPE_OOXML"))
		return;
	mark = g_new(struct ms_mark, 1);
	*mark = ms_layers_mark(layers, layer->data, layer->size);
	(void)g_hash_table_add(held->zips, mark);
}

bool
ms_held_gap(struct ms_held *held, enum ms_engine_gap gap, const char *part,
    const char *detail)
{
	struct gap *kept;

	if (gap != MS_ENGINE_GAP_ENCRYPTED ||
	    strcmp(detail, "Heuristics.Encrypted.Zip") != 0)
		return false;
	kept = g_new(struct gap, 1);
	*kept = (struct gap){ g_strdup(part), g_strdup(detail) };
	g_ptr_array_add(held->gaps, kept);
	return true;
}

/* Were there zips, and were all of them taken apart? */
static bool
all_known(const struct ms_held *held, GHashTable *known)
{
	GHashTableIter at;
	gpointer mark;

	g_hash_table_iter_init(&at, held->zips);
	while (g_hash_table_iter_next(&at, &mark, NULL))
		if (!g_hash_table_contains(known, mark))
			return false;
	return g_hash_table_size(held->zips) > 0;
}

void
ms_held_settle(struct ms_held *held, GHashTable *known,
    void (*told)(void *arg, const char *part, const char *detail),
    void *arg)
{
	if (all_known(held, known))
		return;
	for (guint i = 0; i < held->gaps->len; i++) {
		const struct gap *gap = held->gaps->pdata[i];

		told(arg, gap->part, gap->detail);
	}
}
