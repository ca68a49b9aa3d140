#include "serve/circle.h"

#include <glib.h>

struct ms_circle {
	GHashTable *ends[2];	/* "FROM TO" to how many */
};

struct ms_circle *
ms_circle_new(void)
{
	struct ms_circle *circle = g_new0(struct ms_circle, 1);

	for (size_t i = 0; i < G_N_ELEMENTS(circle->ends); i++)
		circle->ends[i] = g_hash_table_new_full(g_str_hash,
		    g_str_equal, g_free, NULL);
	return circle;
}

void
ms_circle_free(struct ms_circle *circle)
{
	if (!circle)
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(circle->ends); i++)
		g_hash_table_unref(circle->ends[i]);
	g_free(circle);
}

static bool
says_something(const struct ms_endpoint *endpoint)
{
	return endpoint->size > 0 && (endpoint->u.any.sa_family == AF_INET ||
	    endpoint->u.any.sa_family == AF_INET6);
}

static guint
count_of(GHashTable *ends, const char *name)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(ends, name));
}

/* NULL: one of them says nothing. */
static char *
name_of(const struct ms_endpoint *from, const struct ms_endpoint *to)
{
	char *first, *second, *name;

	if (!says_something(from) || !says_something(to))
		return NULL;
	first = ms_endpoint_print(from);
	second = ms_endpoint_print(to);
	name = g_strconcat(first, " ", second, NULL);
	g_free(first);
	g_free(second);
	return name;
}

bool
ms_circle_add(struct ms_circle *circle, enum ms_circle_way way,
    const struct ms_endpoint *from, const struct ms_endpoint *to)
{
	GHashTable *ends = circle->ends[way], *others = circle->ends[!way];
	char *name = name_of(from, to);
	bool met;

	if (!name)
		return false;
	met = g_hash_table_contains(others, name);
	(void)g_hash_table_replace(ends, name,
	    GUINT_TO_POINTER(count_of(ends, name) + 1));
	return met;
}

void
ms_circle_remove(struct ms_circle *circle, enum ms_circle_way way,
    const struct ms_endpoint *from, const struct ms_endpoint *to)
{
	GHashTable *ends = circle->ends[way];
	char *name = name_of(from, to);
	guint count;

	if (!name)
		return;
	count = count_of(ends, name);
	if (count > 1) {
		(void)g_hash_table_replace(ends, name,
		    GUINT_TO_POINTER(count - 1));
		return;
	}
	(void)g_hash_table_remove(ends, name);
	g_free(name);
}
