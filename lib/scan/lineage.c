#include "scan/lineage.h"

struct ms_lineage {
	GHashTable *parts;	/* number to struct ms_part *, or NULL */
};

struct ms_lineage *
ms_lineage_new(const struct ms_facts *facts)
{
	struct ms_lineage *lineage = g_new(struct ms_lineage, 1);

	lineage->parts = g_hash_table_new(g_direct_hash, g_direct_equal);
	for (guint i = 0; i < facts->parts->len; i++) {
		struct ms_part *part = facts->parts->pdata[i];
		gpointer key = GUINT_TO_POINTER(part->id);

		if (part->id == 0)
			continue;
		if (g_hash_table_contains(lineage->parts, key))
			part = NULL;
		(void)g_hash_table_insert(lineage->parts, key, part);
	}
	return lineage;
}

void
ms_lineage_free(struct ms_lineage *lineage)
{
	if (!lineage)
		return;
	g_hash_table_unref(lineage->parts);
	g_free(lineage);
}

const struct ms_part *
ms_lineage_part(const struct ms_lineage *lineage, uint32_t id)
{
	return g_hash_table_lookup(lineage->parts, GUINT_TO_POINTER(id));
}

const struct ms_part *
ms_lineage_above(const struct ms_lineage *lineage, const struct ms_part *part)
{
	/* Numbers grow inwards, so that this ends. */
	return part->parent < part->id ?
	    ms_lineage_part(lineage, part->parent) : NULL;
}

bool
ms_lineage_is_in(const struct ms_lineage *lineage, uint32_t inner,
    const struct ms_part *outer)
{
	const struct ms_part *part = ms_lineage_part(lineage, inner);

	while (part && part != outer)
		part = ms_lineage_above(lineage, part);
	return part != NULL;
}
