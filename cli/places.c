#include "places.h"

#include <glib.h>
#include <stdint.h>
#include <string.h>

/* By name; the place of those that are on the command line is "". */
static GHashTable *places;

/* Names. */
static GHashTable *own_names;

void
places_forget(void)
{
	g_clear_pointer(&places, g_hash_table_unref);
	g_clear_pointer(&own_names, g_hash_table_unref);
}

void
places_note(const char *name, const char *place, bool own)
{
	void *key = (void *)(uintptr_t)name;

	if (!places) {
		places = g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
		    g_free);
		own_names = g_hash_table_new(g_str_hash, g_str_equal);
	}
	g_hash_table_insert(places, key, g_strdup(place ? place : ""));
	if (own)
		g_hash_table_add(own_names, key);
}

bool
places_own(const char *name)
{
	return own_names && g_hash_table_contains(own_names, name);
}

char *
places_say(char *text)
{
	size_t size = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
	char *name, *placed = NULL;
	const char *place;

	if (!places || size < 3 || !g_str_has_prefix(text, "--"))
		return text;
	name = g_strndup(text + 2, size - 2);
	place = g_hash_table_lookup(places, name);
	if (place && *place != '\0')
		placed = g_strconcat(place, ": ", text + 2, NULL);
	g_free(name);
	if (!placed)
		return text;
	g_free(text);
	return placed;
}
