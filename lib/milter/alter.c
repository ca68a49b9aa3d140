#include "milter/alter.h"

#include <stdbool.h>
#include <string.h>

/* No mail has so many that somebody has written. */
#define FIELDS_MAX 100000

/* A field of a header: loans. */
struct field {
	const char *name;
	size_t name_size;	/* without blanks before the colon */
	const char *value;	/* behind the colon */
	size_t value_size;	/* without the last line end */
};

/* Fields of one name. */
struct family {
	char *name;		/* as the first of them has it */
	unsigned old_count, new_count;
	GArray *old, *new;	/* of struct field */
};

struct cursor {
	const char *at, *end;
};

static const char *
line_end(const char *at, const char *end)
{
	const char *lf = memchr(at, '\n', (size_t)(end - at));

	return lf ? lf + 1 : end;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Could a server take it for the name of a field? */
static bool
is_name(const char *name, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (g_ascii_iscntrl(name[i]) || name[i] == '\0')
			return false;
	return size > 0;
}

/* The next field; lines that are none are passed over. False: the header is at
 * its end. */
static bool
next_field(struct cursor *c, struct field *field)
{
	while (c->at < c->end) {
		const char *start = c->at, *colon, *end;
		const char *first = line_end(start, c->end);

		if (*start == '\n' || (*start == '\r' && c->end - start > 1 &&
		    start[1] == '\n'))
			return false;
		end = first;
		while (end < c->end && is_blank(*end))
			end = line_end(end, c->end);
		c->at = end;
		colon = memchr(start, ':', (size_t)(first - start));
		if (!colon || is_blank(*start))
			continue;
		field->name = start;
		field->name_size = (size_t)(colon - start);
		while (field->name_size > 0 &&
		    is_blank(start[field->name_size - 1]))
			field->name_size--;
		if (!is_name(field->name, field->name_size))
			continue;
		if (end[-1] == '\n')
			end -= end - 1 > colon && end[-2] == '\r' ? 2 : 1;
		field->value = colon + 1;
		field->value_size = end > colon ? (size_t)(end - colon - 1) :
		    0;
		return true;
	}
	return false;
}

/* As a server takes it; for g_free(). */
static char *
value_of(const struct field *field)
{
	GString *out = g_string_sized_new(field->value_size + 1);

	for (size_t i = 0; i < field->value_size; i++) {
		const char c = field->value[i];

		if (c == '\0' || (c == '\r' && i + 1 < field->value_size &&
		    field->value[i + 1] == '\n'))
			continue;
		g_string_append_c(out, c);
	}
	return g_string_free(out, FALSE);
}

static bool
is_same(const struct field *a, const struct field *b)
{
	return a->value_size == b->value_size &&
	    memcmp(a->value, b->value, a->value_size) == 0;
}

static bool
is_named(const struct field *field, const char *name)
{
	const size_t size = strlen(name);

	if (size > 0 && name[size - 1] == '*')
		return field->name_size >= size - 1 &&
		    g_ascii_strncasecmp(name, field->name, size - 1) == 0;
	return field->name_size == size &&
	    g_ascii_strncasecmp(name, field->name, size) == 0;
}

static bool
goes(const struct ms_alter_config *config, const struct field *field)
{
	for (const char *const *n = config->names; n && *n; n++)
		if (is_named(field, *n))
			return true;
	return false;
}

static void
free_edit(gpointer data)
{
	struct ms_alter_edit *edit = data;

	g_free(edit->name);
	g_free(edit->value);
	g_free(edit);
}

/* VALUE is the edit's from now on. */
static void
add(GPtrArray *edits, enum ms_alter_kind kind, const char *name,
    unsigned number, char *value)
{
	struct ms_alter_edit *edit = g_new(struct ms_alter_edit, 1);

	*edit = (struct ms_alter_edit){ kind, g_strdup(name), number, value };
	g_ptr_array_add(edits, edit);
}

static void
reverse(GPtrArray *edits, guint from)
{
	for (guint a = from, b = edits->len; a + 1 < b; a++) {
		gpointer other = edits->pdata[--b];

		edits->pdata[b] = edits->pdata[a];
		edits->pdata[a] = other;
	}
}

static void
free_family(gpointer data)
{
	struct family *family = data;

	g_free(family->name);
	g_array_unref(family->old);
	g_array_unref(family->new);
	g_free(family);
}

static GHashTable *
new_families(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

/* The one of FIELD, which is made if there is none yet, and is then the last
 * of ORDER, whose it is. */
static struct family *
family_of(GHashTable *families, GPtrArray *order, const struct field *field)
{
	char *key = g_ascii_strdown(field->name, (gssize)field->name_size);
	struct family *family = g_hash_table_lookup(families, key);

	if (family) {
		g_free(key);
		return family;
	}
	family = g_new0(struct family, 1);
	family->name = g_strndup(field->name, field->name_size);
	family->old = g_array_new(FALSE, FALSE, sizeof *field);
	family->new = g_array_new(FALSE, FALSE, sizeof *field);
	g_hash_table_insert(families, key, family);
	g_ptr_array_add(order, family);
	return family;
}

/* Fields of others under our names: the last ones first, so that the numbers of
 * the others stay as they are. */
static void
remove_forged(const struct ms_alter_config *config, GPtrArray *edits)
{
	struct cursor c = { (const char *)config->header,
		(const char *)config->header + config->size };
	GPtrArray *order = g_ptr_array_new_with_free_func(free_family);
	GHashTable *families = new_families();
	struct field field;

	while (next_field(&c, &field)) {
		struct family *family;

		if (!goes(config, &field))
			continue;
		family = family_of(families, order, &field);
		add(edits, MS_ALTER_REMOVE, family->name, ++family->old_count,
		    NULL);
	}
	reverse(edits, 0);
	g_hash_table_unref(families);
	g_ptr_array_unref(order);
}

/* Make the old ones of FAMILY the new ones. */
static void
compare_family(const struct family *family, GPtrArray *edits)
{
	const guint both = MIN(family->old->len, family->new->len);

	for (guint i = family->old->len; i > family->new->len; i--)
		add(edits, MS_ALTER_REMOVE, family->name, i, NULL);
	for (guint i = 0; i < both; i++) {
		const struct field *new = &g_array_index(family->new,
		    struct field, i);

		if (!is_same(&g_array_index(family->old, struct field, i),
		    new))
			add(edits, MS_ALTER_CHANGE, family->name, i + 1,
			    value_of(new));
	}
}

/* The families of both headers. False: they have too many fields. */
static bool
sort_fields(const struct ms_alter_config *config, GHashTable *families,
    GPtrArray *order)
{
	struct cursor c = { (const char *)config->header,
		(const char *)config->header + config->size };
	struct field field;
	guint count = 0;

	while (next_field(&c, &field) && count++ < FIELDS_MAX)
		if (!goes(config, &field))
			g_array_append_val(family_of(families, order,
			    &field)->old, field);
	c = (struct cursor){ (const char *)config->rewritten,
		(const char *)config->rewritten + config->rewritten_size };
	while (next_field(&c, &field) && count++ < 2 * FIELDS_MAX)
		if (!goes(config, &field))
			g_array_append_val(family_of(families, order,
			    &field)->new, field);
	return count < FIELDS_MAX;
}

/* Fields that there are more of than before, to PUTS. */
static void
put_surplus(const struct ms_alter_config *config, GHashTable *families,
    GPtrArray *order, GPtrArray *wanted)
{
	struct cursor c = { (const char *)config->rewritten,
		(const char *)config->rewritten + config->rewritten_size };
	struct field field;

	while (next_field(&c, &field)) {
		struct family *family;
		char *name;

		if (goes(config, &field))
			continue;
		family = family_of(families, order, &field);
		if (++family->new_count <= family->old->len)
			continue;
		name = g_strndup(field.name, field.name_size);
		add(wanted, MS_ALTER_PUT, name, 0, value_of(&field));
		g_free(name);
	}
}

/* From the one header to the other. */
static bool
compare(const struct ms_alter_config *config, GPtrArray *edits,
    GPtrArray *wanted)
{
	GPtrArray *order = g_ptr_array_new_with_free_func(free_family);
	GHashTable *families = new_families();
	const bool good = sort_fields(config, families, order);

	for (guint i = 0; good && i < order->len; i++)
		compare_family(order->pdata[i], edits);
	if (good)
		put_surplus(config, families, order, wanted);
	g_hash_table_unref(families);
	g_ptr_array_unref(order);
	return good;
}

/* TEXT is a whole field, as it stands in a header. */
static void
put_field(const char *text, GPtrArray *wanted)
{
	struct cursor c = { text, text + strlen(text) };
	struct field field;
	char *name;

	if (!next_field(&c, &field))
		return;
	name = g_strndup(field.name, field.name_size);
	add(wanted, MS_ALTER_PUT, name, 0, value_of(&field));
	g_free(name);
}

/* Put the tag before the subject of what the message is now; if there are
 * several, nobody knows which one is shown. */
static void
tag_subject(const struct ms_alter_config *config, GPtrArray *edits,
    GPtrArray *wanted)
{
	const unsigned char *header = config->rewritten ? config->rewritten :
	    config->header;
	const size_t size = config->rewritten ? config->rewritten_size :
	    config->size;
	struct cursor c = { (const char *)header, (const char *)header + size };
	struct field field;
	unsigned number = 0;

	while (next_field(&c, &field)) {
		char *old;

		if (!is_named(&field, "Subject"))
			continue;
		old = value_of(&field);
		add(edits, MS_ALTER_CHANGE, "Subject", ++number,
		    g_strconcat(" ", config->subject, is_blank(*old) ? "" :
		    " ", old, NULL));
		add(wanted, MS_ALTER_PUT, "X-Original-Subject", 0, old);
	}
	if (number == 0)
		add(wanted, MS_ALTER_PUT, "Subject", 0, g_strconcat(" ",
		    config->subject, NULL));
}

GPtrArray *
ms_alter(const struct ms_alter_config *config)
{
	GPtrArray *edits = g_ptr_array_new_with_free_func(free_edit);
	GPtrArray *wanted = g_ptr_array_new();
	bool good = true;

	remove_forged(config, edits);
	for (const char *const *f = config->fields; f && *f; f++)
		put_field(*f, wanted);
	if (config->rewritten)
		good = compare(config, edits, wanted);
	if (config->subject)
		tag_subject(config, edits, wanted);
	/* Each goes in front of those that are there. */
	for (guint i = wanted->len; i > 0; i--)
		g_ptr_array_add(edits, wanted->pdata[i - 1]);
	g_ptr_array_unref(wanted);
	if (good)
		return edits;
	g_ptr_array_unref(edits);
	return NULL;
}
