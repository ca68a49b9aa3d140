#include "scan/known.h"

#include "base/mark.h"

struct ms_known *
ms_known_new(void)
{
	struct ms_known *known = g_new0(struct ms_known, 1);

	known->names = g_ptr_array_new_with_free_func(g_free);
	return known;
}

static void
free_known(gpointer data)
{
	struct ms_known *known = data;

	g_ptr_array_unref(known->names);
	g_free(known);
}

GHashTable *
ms_known_table(void)
{
	return g_hash_table_new_full(ms_mark_hash, ms_mark_equal, g_free,
	    free_known);
}

bool
ms_known_answers(const struct ms_known *known, bool is_reading,
    bool has_lines)
{
	if (!known)
		return false;
	return known->open || ((is_reading || !known->is_reading) &&
	    (has_lines || !known->as_lines));
}
