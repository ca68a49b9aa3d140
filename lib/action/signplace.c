#include "action/signplace.h"

#include "base/find.h"
#include "message/structure.h"

#include <string.h>

enum {
	DEPTH_MAX = 8,		/* multiparts within each other */
	PARTS_MAX = 100,	/* that are looked at */
	FIELD_MAX = 8192	/* bytes of a field that counts, unfolded */
};

/* What a header says. */
struct entity {
	GString *type, *encoding, *disposition;	/* NULL: no such field */
	bool bad;		/* two of one kind, or what is no header */
};

/* A multipart that is open. */
struct level {
	const char *boundary;
	size_t size;
	bool alternative;
};

struct walk {
	const unsigned char *data;
	size_t size, at;
	bool whole;
	struct ms_signplace *place;
	struct level levels[DEPTH_MAX];
	unsigned depth;
	unsigned parts;
	unsigned alternative;	/* depth of the one in which a text was found;
				 * 0: it is in none */
	bool over;
};

enum kind { KIND_REFUSED, KIND_OTHER, KIND_MULTIPART, KIND_TEXT };

/* Behind the line at AT. */
static size_t
line_after(const struct walk *w, size_t at)
{
	const unsigned char *lf = memchr(w->data + at, '\n', w->size - at);

	return lf ? (size_t)(lf + 1 - w->data) : w->size;
}

static void
on_doubt(void *arg, const char *reason, const char *detail)
{
	(void)reason;
	(void)detail;
	*(bool *)arg = true;
}

/* Where what FIELD says goes, if it counts. */
static GString **
slot_of(struct entity *entity, const unsigned char *field, size_t size)
{
	const struct {
		const char *name;
		GString **slot;
	} rows[] = {
		{ "content-type", &entity->type },
		{ "content-transfer-encoding", &entity->encoding },
		{ "content-disposition", &entity->disposition },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (strlen(rows[i].name) == size && g_ascii_strncasecmp(
		    rows[i].name, (const char *)field, size) == 0)
			return rows[i].slot;
	/* A digest of what would be changed. */
	entity->bad |= size == strlen("content-md5") && g_ascii_strncasecmp(
	    "content-md5", (const char *)field, size) == 0;
	return NULL;
}

/* The SIZE bytes at LINE, without its end, are more of INTO. */
static void
append(struct entity *entity, GString *into, const unsigned char *line,
    size_t size)
{
	if (into->len + size > FIELD_MAX || memchr(line, '\0', size) ||
	    memchr(line, '\r', size))
		entity->bad = true;
	else
		g_string_append_len(into, (const char *)line, (gssize)size);
}

/* A line that begins a field, of SIZE bytes without its end: where it goes. */
static GString *
begin_field(struct entity *entity, const unsigned char *line, size_t size)
{
	const unsigned char *colon = memchr(line, ':', size);
	size_t name = colon ? (size_t)(colon - line) : 0;
	GString **slot;

	while (name > 0 && (line[name - 1] == ' ' || line[name - 1] == '\t'))
		name--;
	for (size_t i = 0; i < name; i++)
		entity->bad |= line[i] <= ' ' || line[i] > '~';
	entity->bad |= name == 0;
	if (entity->bad)
		return NULL;
	slot = slot_of(entity, line, name);
	if (!slot)
		return NULL;
	entity->bad |= *slot != NULL;
	if (!*slot)
		*slot = g_string_new(NULL);
	append(entity, *slot, colon + 1, size - (size_t)(colon + 1 - line));
	return *slot;
}

/* Read the header where W is, and go behind it. */
static void
read_header(struct walk *w, struct entity *entity)
{
	GString *field = NULL;
	bool first = true;

	*entity = (struct entity){ .bad = false };
	while (w->at < w->size && !entity->bad) {
		const unsigned char *line = w->data + w->at;
		const size_t next = line_after(w, w->at);
		size_t size = next - w->at;

		w->at = next;
		while (size > 0 && line[size - 1] == '\n')
			size--;
		if (size > 0 && line[size - 1] == '\r')
			size--;
		if (size == 0)
			return;
		if (*line != ' ' && *line != '\t')
			field = begin_field(entity, line, size);
		else if (first)
			entity->bad = true;
		else if (field)
			append(entity, field, line, size);
		first = false;
	}
	/* It has no end. */
	entity->bad = true;
}

static void
clear_entity(struct entity *entity)
{
	if (entity->type)
		(void)g_string_free(entity->type, TRUE);
	if (entity->encoding)
		(void)g_string_free(entity->encoding, TRUE);
	if (entity->disposition)
		(void)g_string_free(entity->disposition, TRUE);
}

/* Is it shown, and not a file? */
static bool
is_shown(const struct entity *entity, const struct ms_structure *type,
    struct ms_doubts *doubts)
{
	struct ms_structure disposition;
	bool shown;

	if (ms_structure_get(type, "name"))
		return false;
	if (!entity->disposition)
		return true;
	ms_structure_read(&disposition,
	    (const unsigned char *)entity->disposition->str,
	    entity->disposition->len, false, doubts, 1);
	shown = strcmp(disposition.value, "inline") == 0 &&
	    !ms_structure_get(&disposition, "filename");
	ms_structure_clear(&disposition);
	return shown;
}

/* The transfer encoding; false: it is none of those. */
static bool
read_encoding(const struct entity *entity, enum ms_signplace_encoding *encoding)
{
	static const struct {
		const char *name;
		enum ms_signplace_encoding encoding;
	} rows[] = {
		{ "7bit", MS_SIGNPLACE_7BIT },
		{ "8bit", MS_SIGNPLACE_8BIT },
		{ "binary", MS_SIGNPLACE_8BIT },
		{ "quoted-printable", MS_SIGNPLACE_QP },
		{ "base64", MS_SIGNPLACE_BASE64 },
	};
	const char *text;

	*encoding = MS_SIGNPLACE_7BIT;
	if (!entity->encoding)
		return true;
	text = g_strstrip(entity->encoding->str);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (g_ascii_strcasecmp(rows[i].name, text) == 0) {
			*encoding = rows[i].encoding;
			return true;
		}
	return false;
}

/* A multipart of TYPE begins. */
static enum kind
open_multipart(struct walk *w, const struct entity *entity,
    const struct ms_structure *type)
{
	static const char *const untouched[] = { "signed", "encrypted",
		"report", "digest", "x-pgp-signed", NULL };
	const char *subtype = type->value + strlen("multipart/");
	const char *boundary = ms_structure_get(type, "boundary");
	enum ms_signplace_encoding encoding;
	char *copy;

	if (g_strv_contains(untouched, subtype) || !boundary ||
	    *boundary == '\0' || strpbrk(boundary, "\r\n") ||
	    !read_encoding(entity, &encoding) ||
	    encoding >= MS_SIGNPLACE_QP || w->depth == DEPTH_MAX)
		return KIND_REFUSED;
	copy = g_strdup(boundary);
	g_ptr_array_add(w->place->boundaries, copy);
	w->levels[w->depth++] = (struct level){ copy, strlen(copy),
		strcmp(subtype, "alternative") == 0 };
	return KIND_MULTIPART;
}

/* What is ENTITY? A text goes into PART. */
static enum kind
sort(struct walk *w, const struct entity *entity,
    const struct ms_structure *type, struct ms_doubts *doubts,
    struct ms_signplace_part *part)
{
	const char *value = *type->value != '\0' ? type->value : "text/plain";
	const char *charset = ms_structure_get(type, "charset");

	if (g_str_has_prefix(value, "multipart/"))
		return open_multipart(w, entity, type);
	if (strstr(value, "pkcs7") || strstr(value, "pgp"))
		return KIND_REFUSED;
	part->html = strcmp(value, "text/html") == 0;
	if ((!part->html && strcmp(value, "text/plain") != 0) ||
	    !is_shown(entity, type, doubts))
		return KIND_OTHER;
	if (!read_encoding(entity, &part->encoding))
		return KIND_REFUSED;
	part->charset = g_strdup(charset ? charset : "");
	return KIND_TEXT;
}

/* Read the header where W is. */
static enum kind
enter(struct walk *w, struct ms_signplace_part *part)
{
	bool doubtful = false;
	struct ms_doubts doubts = { on_doubt, &doubtful, 0, false };
	struct ms_structure type;
	struct entity entity;
	enum kind kind = KIND_REFUSED;

	*part = (struct ms_signplace_part){ .charset = NULL };
	read_header(w, &entity);
	if (!entity.bad && w->parts++ < PARTS_MAX) {
		const GString *text = entity.type;

		ms_structure_read(&type, (const unsigned char *)(text ?
		    text->str : "text/plain"), text ? text->len :
		    strlen("text/plain"), true, &doubts, 1);
		kind = sort(w, &entity, &type, &doubts, part);
		ms_structure_clear(&type);
	}
	clear_entity(&entity);
	if (doubtful)
		kind = KIND_REFUSED;
	if (kind != KIND_TEXT)
		g_clear_pointer(&part->charset, g_free);
	return kind;
}

/* Is the line at AT a delimiter (RFC 2046, 5.1.1) of an open multipart? That
 * one's depth, from 1, or 0; *LAST: it closes it. */
static unsigned
delimiter(const struct walk *w, size_t at, bool *last)
{
	const size_t end = line_after(w, at);

	/* It may go on where nobody looks. */
	if (!w->whole && w->data[end - 1] != '\n')
		return 0;
	for (unsigned i = w->depth; i > 0; i--) {
		const struct level *level = &w->levels[i - 1];
		size_t p = at + 2 + level->size;

		if (p > end || memcmp(w->data + at, "--", 2) != 0 ||
		    memcmp(w->data + at + 2, level->boundary, level->size) !=
		    0)
			continue;
		*last = end - p >= 2 && memcmp(w->data + p, "--", 2) == 0;
		if (*last)
			p += 2;
		while (p < end && strchr(" \t\r\n", w->data[p]) &&
		    w->data[p] != '\0')
			p++;
		if (p == end)
			return i;
	}
	return 0;
}

/* Go behind the next delimiter, closing what it closes; *END is where the body
 * before it ends. False: there is none. */
static bool
next_part(struct walk *w, size_t *end, bool *last)
{
	size_t at = w->at;

	while (at < w->size) {
		const unsigned char *found;
		const unsigned depth = w->data[at] == '-' && w->size - at > 2 ?
		    delimiter(w, at, last) : 0;

		if (depth > 0) {
			*end = at;
			if (*end > w->at && w->data[*end - 1] == '\n')
				(*end)--;
			if (*end > w->at && *end < at &&
			    w->data[*end - 1] == '\r')
				(*end)--;
			w->depth = *last ? depth - 1 : depth;
			w->at = line_after(w, at);
			return true;
		}
		found = ms_find(w->data + at, w->size - at, "\n--", 3);
		at = found ? (size_t)(found + 1 - w->data) : w->size;
	}
	*end = at;
	return false;
}

/* Is there a text of the same kind as PART already? */
static bool
has(const struct ms_signplace *place, const struct ms_signplace_part *part)
{
	return place->count > 0 && place->parts[0].html == part->html;
}

/* PART, which ends where it says, is a text. */
static void
take(struct walk *w, struct ms_signplace_part *part, unsigned depth)
{
	struct ms_signplace *place = w->place;

	if (place->count == 0) {
		/* Of the innermost alternatives around it. */
		while (depth > 0 && !w->levels[depth - 1].alternative)
			depth--;
		w->alternative = depth;
	}
	place->parts[place->count++] = *part;
	part->charset = NULL;
	w->over = w->alternative == 0 || place->count == 2;
}

/* Behind a delimiter, or at the start: what is there? False: the message has
 * no place. */
static bool
step(struct walk *w)
{
	struct ms_signplace_part part;
	const enum kind kind = enter(w, &part);
	const unsigned depth = w->depth;
	bool last = true, more;

	if (kind == KIND_REFUSED)
		return false;
	part.start = w->at;
	more = depth > 0 && next_part(w, &part.end, &last);
	if (!more) {
		/* What has no delimiter behind it. */
		part.end = w->size;
		part.last = true;
		w->over = true;
	}
	if (kind == KIND_TEXT && !has(w->place, &part) &&
	    part.end > part.start && (more || (w->whole && depth == 0)))
		take(w, &part, depth);
	g_free(part.charset);
	/* Epilogues have no parts. */
	while (more && !w->over && last) {
		w->over = w->depth < w->alternative || w->depth == 0;
		more = !w->over && next_part(w, &part.end, &last);
	}
	w->over |= !more || (w->place->count > 0 && w->depth < w->alternative);
	return true;
}

bool
ms_signplace(const unsigned char *data, size_t size, bool whole,
    struct ms_signplace *place)
{
	struct walk w = { .data = data, .size = size, .whole = whole,
		.place = place };
	bool good = true;

	*place = (struct ms_signplace){ .count = 0 };
	place->boundaries = g_ptr_array_new_with_free_func(g_free);
	/* A From_ line of a mailbox. */
	if (size > 5 && memcmp(data, "From ", 5) == 0)
		w.at = line_after(&w, 0);
	while (good && !w.over)
		good = step(&w);
	return good && place->count > 0;
}

void
ms_signplace_clear(struct ms_signplace *place)
{
	for (size_t i = 0; i < place->count; i++)
		g_free(place->parts[i].charset);
	if (place->boundaries)
		g_ptr_array_unref(place->boundaries);
	*place = (struct ms_signplace){ .count = 0 };
}
