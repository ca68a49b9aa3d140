#include "unpack/aliases.h"

#include "unpack/tarnames.h"
#include "unpack/zipnames.h"

#include <glib.h>

#include <string.h>

/* No file has a longer name; the end is what counts. */
#define NAME_MAX_SIZE 1024

/* So much of one is looked at. */
#define LOOK_MAX 4096

/* Time is looked at after so many names. */
#define CLOCK_EACH 256

struct ms_aliases {
	GHashTable *names;	/* a set of char * */
};

/* NAME of SIZE bytes as it is compared: with one kind of slash, and without
 * the beginning if it is too long; for g_free(). */
static char *
make_key(const char *name, size_t size)
{
	char *key;

	if (size > LOOK_MAX) {
		name += size - LOOK_MAX;
		size = LOOK_MAX;
	}
	while (size > NAME_MAX_SIZE && strchr(" .\t/\\", name[size - 1]))
		size--;
	if (size > NAME_MAX_SIZE) {
		name += size - NAME_MAX_SIZE;
		size = NAME_MAX_SIZE;
	}
	key = g_strndup(name, size);
	return g_strdelimit(key, "\\", '/');
}

static void
add(struct ms_aliases *aliases, const char *name, size_t size)
{
	if (size > 0)
		g_hash_table_add(aliases->names, make_key(name, size));
}

static void
on_name(void *arg, const char *name, size_t size)
{
	const char *end = size > 0 ? memchr(name, '\0', size) : NULL;
	GString *rest;

	if (!end) {
		add(arg, name, size);
		return;
	}
	/* Some end there, and some pass over it. */
	add(arg, name, (size_t)(end - name));
	rest = g_string_new(NULL);
	for (size_t i = 0; i < size; i++)
		if (name[i] != '\0')
			g_string_append_c(rest, name[i]);
	add(arg, rest->str, rest->len);
	(void)g_string_free(rest, TRUE);
}

struct ms_aliases *
ms_aliases_new(const struct ms_unpack_input *input, bool *more)
{
	const uint64_t max = input->budget->limits.parts;
	struct ms_aliases *aliases = g_new(struct ms_aliases, 1);

	aliases->names = g_hash_table_new_full(g_str_hash, g_str_equal,
	    g_free, NULL);
	*more = input->format == MS_SNIFF_ZIP ? !ms_zipnames(input->data,
	    input->size, max, on_name, aliases) : !ms_tarnames(input->data,
	    input->size, max, on_name, aliases);
	return aliases;
}

void
ms_aliases_free(struct ms_aliases *aliases)
{
	if (!aliases)
		return;
	g_hash_table_unref(aliases->names);
	g_free(aliases);
}

void
ms_aliases_drop(struct ms_aliases *aliases, const char *name)
{
	char *key;

	if (g_hash_table_size(aliases->names) == 0)
		return;
	key = make_key(name, strlen(name));
	(void)g_hash_table_remove(aliases->names, key);
	g_free(key);
}

static gint
compare(gconstpointer a, gconstpointer b)
{
	return strcmp(a, b);
}

enum ms_status
ms_aliases_tell(const struct ms_aliases *aliases, struct ms_budget *budget,
    void (*name)(void *arg, const char *name), void *arg,
    struct ms_error *err)
{
	GList *list = g_list_sort(g_hash_table_get_keys(aliases->names),
	    compare);
	enum ms_status status = MS_OK;
	unsigned count = 0;

	for (const GList *i = list; i && status == MS_OK; i = i->next) {
		name(arg, i->data);
		if (++count % CLOCK_EACH == 0)
			status = ms_budget_time(budget, err);
	}
	g_list_free(list);
	return status;
}
