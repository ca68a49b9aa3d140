#ifndef MS_ZIP_TEST_H
#define MS_ZIP_TEST_H

#include <glib.h>
#include <string.h>

/* Zips in which the names of a member differ. */

struct zip_test_member {
	const char *header, *entry;	/* names in front of it and in the
					 * directory; NULL: not there */
	const char *header_path, *entry_path;	/* in Unicode; or NULL */
	const char *text;
	size_t size;		/* of it; 0: a NUL ends it */
	guint16 flags;
	gboolean unchecked;	/* the checksums of names are wrong */
};

static inline size_t
zip_test_size(const struct zip_test_member *member)
{
	return member->size > 0 ? member->size : strlen(member->text);
}

/* SIZE bytes of VALUE. */
static inline void
zip_test_put(GString *out, guint64 value, int size)
{
	for (int i = 0; i < size; i++) {
		g_string_append_c(out, (char)(value & 0xff));
		value >>= 8;
	}
}

static inline guint32
zip_test_sum(const char *text, size_t size)
{
	guint32 sum = 0xffffffff;

	for (size_t i = 0; i < size; i++) {
		sum ^= (unsigned char)text[i];
		for (int bit = 0; bit < 8; bit++)
			sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
	}
	return ~sum;
}

/* What header and entry have in common, up to the name. */
static inline void
zip_test_fields(GString *out, const struct zip_test_member *member,
    const char *name, const char *path)
{
	const size_t size = zip_test_size(member);

	zip_test_put(out, 20, 2);
	zip_test_put(out, member->flags, 2);
	zip_test_put(out, 0, 2);		/* stored */
	zip_test_put(out, 0, 4);		/* time, date */
	zip_test_put(out, zip_test_sum(member->text, size), 4);
	zip_test_put(out, size, 4);
	zip_test_put(out, size, 4);
	zip_test_put(out, strlen(name), 2);
	zip_test_put(out, path ? 9 + strlen(path) : 0, 2);
}

static inline void
zip_test_name(GString *out, const struct zip_test_member *member,
    const char *name, const char *path)
{
	g_string_append(out, name);
	if (!path)
		return;
	zip_test_put(out, 0x7075, 2);
	zip_test_put(out, 5 + strlen(path), 2);
	zip_test_put(out, 1, 1);
	zip_test_put(out, zip_test_sum(name, strlen(name)) ^
	    (member->unchecked ? 1 : 0), 4);
	g_string_append(out, path);
}

/* Append a zip of COUNT members to OUT; its directory counts from FROM. */
static inline void
zip_test_append(GString *out, const struct zip_test_member *members,
    size_t count, size_t from)
{
	GString *directory = g_string_new(NULL);
	size_t entries = 0, begin;

	for (size_t i = 0; i < count; i++) {
		const struct zip_test_member *m = &members[i];
		const size_t at = out->len - from;

		if (m->header) {
			g_string_append(out, "PK\003\004");
			zip_test_fields(out, m, m->header, m->header_path);
			zip_test_name(out, m, m->header, m->header_path);
			g_string_append_len(out, m->text,
			    (gssize)zip_test_size(m));
		}
		if (!m->entry)
			continue;
		entries++;
		g_string_append(directory, "PK\001\002");
		zip_test_put(directory, 20, 2);
		zip_test_fields(directory, m, m->entry, m->entry_path);
		zip_test_put(directory, 0, 2 + 2 + 2);
		zip_test_put(directory, 0, 4);
		zip_test_put(directory, at, 4);
		zip_test_name(directory, m, m->entry, m->entry_path);
	}
	begin = out->len - from;
	g_string_append_len(out, directory->str, (gssize)directory->len);
	g_string_append(out, "PK\005\006");
	zip_test_put(out, 0, 4);
	zip_test_put(out, entries, 2);
	zip_test_put(out, entries, 2);
	zip_test_put(out, directory->len, 4);
	zip_test_put(out, begin, 4);
	zip_test_put(out, 0, 2);
	(void)g_string_free(directory, TRUE);
}

#endif
