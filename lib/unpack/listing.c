#include "unpack/listing.h"

#include "base/little.h"

#include <glib.h>

#include <string.h>

/* Time is looked at after so many names. */
#define CLOCK_EACH 256

/* ISO 9660: what is a sector, where descriptors begin, how many there may be,
 * and what stands before the name in a record of a directory. */
#define SECTOR 2048
#define DESCRIPTORS 16
#define DESCRIPTORS_MAX 256
#define RECORD_SIZE 33

/* Rock Ridge: how often a name goes on elsewhere. */
#define HOPS_MAX 8

/* UDF: what stands before the name in an identifier of a file. */
#define IDENTIFIER_SIZE 38

struct reader {
	const unsigned char *data;
	size_t size;
	struct ms_budget *budget;
	uint64_t left;		/* names that may still be told */
	unsigned count;
	void (*name)(void *arg, const char *name);
	void *arg;
	struct ms_error *err;
};

/* Are there SIZE bytes at AT? */
static bool
has(const struct reader *reader, uint64_t at, uint64_t size)
{
	return at <= reader->size && size <= reader->size - at;
}

/* One more thing is looked at: may it be? */
static enum ms_status
charge(struct reader *reader)
{
	if (reader->left == 0) {
		reader->budget->hit = MS_BUDGET_COUNT;
		return ms_error_set(reader->err, MS_E_LIMIT,
		    "more names than there may be files");
	}
	reader->left--;
	return ++reader->count % CLOCK_EACH == 0 ?
	    ms_budget_time(reader->budget, reader->err) : MS_OK;
}

/* Tell the name of SIZE bytes at NAME, without the version of ISO 9660. */
static void
tell(const struct reader *reader, const void *name, size_t size)
{
	char *text = g_strndup(name, size);
	size_t digits = strlen(text);

	while (digits > 0 && g_ascii_isdigit(text[digits - 1]))
		digits--;
	if (digits > 0 && text[digits - 1] == ';')
		text[digits - 1] = '\0';
	if (*text != '\0')
		reader->name(reader->arg, text);
	g_free(text);
}

/* The same in UTF-16, the first byte of each two being the higher one. */
static void
tell_wide(const struct reader *reader, const unsigned char *name, size_t size)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i + 1 < size; i += 2) {
		gunichar c = (gunichar)name[i] << 8 | name[i + 1];
		gunichar low = i + 3 < size ?
		    (gunichar)name[i + 2] << 8 | name[i + 3] : 0;

		if (c >= 0xd800 && c < 0xdc00 && low >= 0xdc00 &&
		    low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			i += 2;
		}
		if (c != 0)
			g_string_append_unichar(text, c);
	}
	tell(reader, text->str, text->len);
	(void)g_string_free(text, TRUE);
}

/* MS-CAB 2.1, 2.3: how many files, where they are described. */
static enum ms_status
list_cab(struct reader *reader)
{
	enum ms_status status = MS_OK;
	uint64_t at, count;

	if (!has(reader, 0, 36))
		return MS_OK;
	at = ms_little(reader->data + 16, 4);
	count = ms_little(reader->data + 28, 2);
	for (; status == MS_OK && count > 0 && has(reader, at, 17); count--) {
		const unsigned char *name = reader->data + at + 16;
		size_t size = strnlen((const char *)name,
		    reader->size - (size_t)at - 16);

		status = charge(reader);
		if (status == MS_OK)
			tell(reader, name, size);
		at += 16 + size + 1;
	}
	return status;
}

/* Behind the header of an ARJ whose size stands at AT: the extended headers,
 * each with a sum, and one of no size. */
static uint64_t
behind_arj_header(const struct reader *reader, uint64_t at)
{
	at += 2 + ms_little(reader->data + at, 2) + 4;
	while (has(reader, at, 2) && ms_little(reader->data + at, 2) > 0)
		at += 2 + ms_little(reader->data + at, 2) + 4;
	return at + 2;
}

/* One header for the archive, and one for each file in front of its data. */
static enum ms_status
list_arj(struct reader *reader)
{
	enum ms_status status = MS_OK;
	bool first = true;
	uint64_t at = 0;

	while (status == MS_OK && has(reader, at, 34) &&
	    ms_little(reader->data + at, 2) == 0xea60 &&
	    ms_little(reader->data + at + 2, 2) >= 30) {
		const unsigned char *p = reader->data + at + 4;
		const uint64_t begin = at + 4 + p[0];
		const bool is_directory = p[6] == 3;

		status = charge(reader);
		if (status == MS_OK && !first && !is_directory &&
		    has(reader, begin, 1))
			tell(reader, reader->data + begin, strnlen(
			    (const char *)reader->data + begin,
			    reader->size - (size_t)begin));
		at = behind_arj_header(reader, at + 2);
		if (!first)
			at += ms_little(p + 12, 4);
		first = false;
	}
	return status;
}

/* Rock Ridge 4.1.4: names among SIZE bytes of fields (SUSP 4.1) at AT, in
 * pieces if they are long, and more fields at another place (SUSP 5.1). */
static void
tell_rock_ridge(const struct reader *reader, uint64_t at, uint64_t size)
{
	GString *name = g_string_new(NULL);
	int hops = 0;

	while (size >= 5 && has(reader, at, size)) {
		const unsigned char *p = reader->data + at;
		const size_t length = p[2];

		if (length < 4 || length > size)
			break;
		if (memcmp(p, "NM", 2) == 0 && length > 5)
			g_string_append_len(name, (const char *)p + 5,
			    (gssize)length - 5);
		at += length;
		size -= length;
		if (memcmp(p, "CE", 2) == 0 && length >= 28 &&
		    hops++ < HOPS_MAX) {
			at = ms_little(p + 4, 4) * SECTOR +
			    ms_little(p + 12, 4);
			size = MIN(ms_little(p + 20, 4), (uint64_t)SECTOR);
		}
	}
	tell(reader, name->str, name->len);
	(void)g_string_free(name, TRUE);
}

/* A directory of an image. */
struct directory {
	uint64_t at, size;
	bool wide;		/* names are in UTF-16 (Joliet) */
};

/* Those that are still to be read, and all that were found: a loop ends. */
struct tree {
	GArray *pending;	/* of struct directory */
	GHashTable *known;	/* of their beginnings + whether wide */
};

static void
add_directory(struct tree *tree, const unsigned char *record, bool wide)
{
	const struct directory directory = { ms_little(record + 2, 4) * SECTOR,
		ms_little(record + 10, 4), wide };

	if (g_hash_table_add(tree->known, GSIZE_TO_POINTER(directory.at +
	    wide)))
		g_array_append_val(tree->pending, directory);
}

/* The record of SIZE bytes at AT. */
static void
read_record(const struct reader *reader, struct tree *tree, size_t at,
    size_t size, bool wide)
{
	const unsigned char *p = reader->data + at;
	const size_t length = p[32];
	size_t rest = RECORD_SIZE + length + (length % 2 == 0 ? 1 : 0);

	if (RECORD_SIZE + length > size)
		return;
	/* "\0" and "\1" are the directory itself and the one it is in. */
	if (length == 1 && p[RECORD_SIZE] < 2)
		return;
	if (p[25] & 2) {
		add_directory(tree, p, wide);
		return;
	}
	if (wide)
		tell_wide(reader, p + RECORD_SIZE, length);
	else
		tell(reader, p + RECORD_SIZE, length);
	if (rest < size)
		tell_rock_ridge(reader, at + rest, size - rest);
}

/* ECMA-119 9.1: records do not go over sectors. */
static enum ms_status
read_directory(struct reader *reader, struct tree *tree,
    const struct directory *directory)
{
	/* It may be large and have nothing in it, as may many. */
	enum ms_status status = ms_budget_time(reader->budget, reader->err);
	uint64_t at = directory->at, end;

	if (!has(reader, at, 1))
		return status;
	end = at + MIN(directory->size, reader->size - at);
	while (status == MS_OK && at < end) {
		const size_t size = reader->data[at];

		if (size <= RECORD_SIZE || size > end - at) {
			at = (at / SECTOR + 1) * SECTOR;
			continue;
		}
		status = charge(reader);
		if (status == MS_OK)
			read_record(reader, tree, (size_t)at, size,
			    directory->wide);
		at += size;
	}
	return status;
}

/* ECMA-119 8: descriptors, each with the record of a root. */
static enum ms_status
list_iso(struct reader *reader)
{
	struct tree tree = {
		.pending = g_array_new(FALSE, FALSE,
		    sizeof(struct directory)),
		.known = g_hash_table_new(NULL, NULL),
	};
	enum ms_status status = MS_OK;

	for (uint64_t i = 0; i < DESCRIPTORS_MAX &&
	    has(reader, (DESCRIPTORS + i) * SECTOR, SECTOR); i++) {
		const unsigned char *p = reader->data +
		    (DESCRIPTORS + i) * SECTOR;

		if (memcmp(p + 1, "CD001", 5) != 0)
			break;
		/* Joliet has an escape sequence for its charset. */
		if (p[0] == 1 || p[0] == 2)
			add_directory(&tree, p + 156, p[0] == 2 &&
			    p[88] == '%' && p[89] == '/');
	}
	while (status == MS_OK && tree.pending->len > 0) {
		const struct directory directory = g_array_index(
		    tree.pending, struct directory, tree.pending->len - 1);

		g_array_set_size(tree.pending, tree.pending->len - 1);
		status = read_directory(reader, &tree, &directory);
	}
	g_hash_table_unref(tree.known);
	g_array_unref(tree.pending);
	return status;
}

/* ECMA-167 3/7.2, 4/14.4: the tag of an identifier of a file, with the sum of
 * its bytes. */
static bool
is_identifier(const unsigned char *p)
{
	unsigned char sum = 0;

	if (p[0] != 1 || p[1] != 1 || p[5] != 0)
		return false;
	for (int i = 0; i < 16; i++)
		sum = (unsigned char)(sum + (i == 4 ? 0 : p[i]));
	return sum == p[4];
}

/* All identifiers, wherever they are: there are many ways that lead to them.
 * Each begins at four bytes. */
static enum ms_status
list_udf(struct reader *reader)
{
	enum ms_status status = MS_OK;

	for (size_t at = 0; status == MS_OK &&
	    has(reader, at, IDENTIFIER_SIZE + 1); at += 4) {
		const unsigned char *p = reader->data + at;
		const size_t length = p[19];
		uint64_t begin;

		if (!is_identifier(p))
			continue;
		status = charge(reader);
		begin = at + IDENTIFIER_SIZE + ms_little(p + 36, 2);
		/* Directories are no files. */
		if (status != MS_OK || (p[18] & 2) || length < 2 ||
		    !has(reader, begin, length))
			continue;
		p = reader->data + begin;
		if (*p == 16)
			tell_wide(reader, p + 1, length - 1);
		else
			tell(reader, p + 1, length - 1);
	}
	return status;
}

/* Some programs read an image of both kinds by one, some by the other. */
static enum ms_status
list_image(struct reader *reader)
{
	enum ms_status status = list_iso(reader);

	return status == MS_OK ? list_udf(reader) : status;
}

/* Nobody makes files of what is in a book of help, and there is one file
 * without a name of its own in what COMPRESS.EXE made. */
static enum ms_status
list_nothing(struct reader *reader)
{
	(void)reader;
	return MS_OK;
}

enum ms_status
ms_listing(const struct ms_listing_input *input,
    void (*name)(void *arg, const char *name), void *arg,
    struct ms_error *err)
{
	static const struct {
		const char *type;
		enum ms_status (*list)(struct reader *reader);
	} kinds[] = {
		{ "application/vnd.ms-cab-compressed", list_cab },
		{ "application/x-arj", list_arj },
		{ "application/x-iso9660-image", list_image },
		{ "application/x-udf-image", list_image },
		{ "application/vnd.ms-htmlhelp", list_nothing },
		{ "application/x-ms-compress-szdd", list_nothing },
	};
	struct reader reader = { .data = input->data, .size = input->size,
		.budget = input->budget, .left = input->budget->limits.parts,
		.name = name, .arg = arg, .err = err };

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (strcmp(input->type->name, kinds[i].type) == 0)
			return kinds[i].list(&reader);
	return ms_error_set(err, MS_E_UNSUPPORTED, "the names in this %s are "
	    "not known", input->type->name);
}
