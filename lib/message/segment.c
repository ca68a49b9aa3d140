#include "message/segment.h"

#include "message/lines.h"
#include "message/occur.h"

#include <stdlib.h>
#include <string.h>

/* More delimiters than this are not looked at. */
#define CUTS_MAX 50000

/* More boundaries than this are not looked at one by one. */
#define GROUPS_MAX 256

/* What is kept of the places that mention a boundary. */
#define MENTION_MAX 256
#define MENTIONS_MAX (256u << 10)

/* Shorter names may be words. */
#define NAME_MIN 5

/* A line that may be a delimiter. */
struct cut {
	size_t from, to;	/* the line with its end */
};

/* The cuts with the same text, in order. */
struct group {
	GArray *cuts;		/* indices */
};

/* Bytes of the message. */
struct span {
	const unsigned char *data;
	size_t size;
};

struct search {
	GString *mentions;	/* texts after the word "boundary" */
	GArray *names;		/* the likely names of boundaries in them:
				 * struct span, sorted */
	GArray *cuts;		/* of struct cut */
	GArray *words;		/* struct ms_occur_word: for each cut, what
				 * mentions it */
	GStringChunk *plain;	/* text of those that are not so in the
				 * message */
	GHashTable *groups;	/* of cuts at boundaries that are mentioned */
	bool all;		/* nothing was left out */
};

static bool
is_edge(unsigned char c)
{
	return c <= ' ' || c == '-' || c == '"' || c == '\'' || c == ';' ||
	    c == ',' || c == '<' || c == '>' || c == 127;
}

/* Does LINE start with two hyphens, blanks and the like before them aside? */
static bool
is_cut(const struct ms_line *line)
{
	size_t i = 0;

	while (i < line->size && i < 16 && line->data[i] <= ' ')
		i++;
	return line->size - i >= 2 && line->data[i] == '-' &&
	    line->data[i + 1] == '-';
}

/* What makes a delimiter this one. */
static struct span
key_of(const unsigned char *data, size_t size)
{
	size = MIN(size, (size_t)MENTION_MAX);
	while (size > 0 && is_edge(data[size - 1]))
		size--;
	while (size > 0 && is_edge(*data))
		data++, size--;
	return (struct span){ data, size };
}

static void
free_group(gpointer data)
{
	struct group *group = data;

	g_array_unref(group->cuts);
	g_free(group);
}

static bool
is_mentionable(unsigned char c)
{
	return c > ' ' && c != '"' && c != '\\';
}

static void
mention(GString *mentions, unsigned char c)
{
	if (is_mentionable(c))
		g_string_append_c(mentions, (gchar)c);
}

/* How KEY would be mentioned. */
static struct ms_occur_word
word_of(struct search *search, const struct span *key)
{
	GString *plain = NULL;
	struct ms_occur_word word = { .data = key->data, .size = key->size };
	size_t i = 0;

	while (i < key->size && is_mentionable(key->data[i]))
		i++;
	if (i == key->size)
		return word;
	plain = g_string_new(NULL);
	for (i = 0; i < key->size; i++)
		mention(plain, key->data[i]);
	word.size = plain->len;
	word.data = (const unsigned char *)g_string_chunk_insert_len(
	    search->plain, plain->str, (gssize)plain->len);
	g_string_free(plain, TRUE);
	return word;
}

/* The next cut is LINE, from FROM to TO. */
static void
add_cut(struct search *search, const struct ms_line *line,
    const struct cut *cut)
{
	const struct span key = key_of(line->data, line->size);
	const struct ms_occur_word word = word_of(search, &key);

	g_array_append_val(search->words, word);
	g_array_append_vals(search->cuts, cut, 1);
}

/* Cut NUMBER, at the delimiter KEY, is at a boundary that is mentioned. */
static void
add_to_group(struct search *search, const struct span *key, guint number)
{
	GBytes *text = g_bytes_new_static(key->data, key->size);
	struct group *group = g_hash_table_lookup(search->groups, text);

	if (!group && g_hash_table_size(search->groups) < GROUPS_MAX) {
		group = g_new(struct group, 1);
		group->cuts = g_array_new(FALSE, FALSE, sizeof(guint));
		g_hash_table_insert(search->groups, g_bytes_ref(text), group);
	}
	if (group)
		g_array_append_val(group->cuts, number);
	else
		search->all = false;
	g_bytes_unref(text);
}

static void
find_groups(struct search *search, const unsigned char *data)
{
	struct ms_occur_word *words = (void *)search->words->data;

	ms_occur((const unsigned char *)search->mentions->str,
	    search->mentions->len, words, search->words->len);
	for (guint i = 0; i < search->cuts->len; i++) {
		const struct cut *cut = &g_array_index(search->cuts,
		    struct cut, i);
		const struct span key = key_of(data + cut->from,
		    cut->to - cut->from);

		if (words[i].found)
			add_to_group(search, &key, i);
	}
}

/* The value that follows at DATA, if it is one that can be told from words. */
static void
add_name(GArray *names, const unsigned char *data, size_t size)
{
	const unsigned char *from = memchr(data, '=', MIN(size, (size_t)16));
	const unsigned char *end = data + size, *to;
	struct span key;

	if (!from)
		return;
	for (from++; from < end && is_edge(*from); from++)
		continue;
	for (to = from; to < end && !strchr("\r\n\";", *to); to++)
		continue;
	key = key_of(from, (size_t)(to - from));
	if (key.size >= NAME_MIN)
		g_array_append_val(names, key);
}

static int
compare_spans(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return memcmp(x->data, y->data, x->size);
}

/* Take down what follows the word "boundary", without what may be written
 * around and inside of the name of one. */
static void
find_mentions(struct search *search, const unsigned char *data, size_t size)
{
	GString *mentions = search->mentions;
	const unsigned char *end = data + size;

	for (const unsigned char *p = data; end - p > 6; p++) {
		size_t left, i;

		if ((*p | 0x20) != 'o' ||
		    g_ascii_strncasecmp((const char *)p, "oundar", 6) != 0)
			continue;
		if (mentions->len >= MENTIONS_MAX) {
			search->all = false;
			return;
		}
		p += 6;
		left = MIN((size_t)(end - p), (size_t)MENTION_MAX);
		add_name(search->names, p, left);
		/* A name may be folded onto the next line. */
		for (i = 0; i < left && p[i] != '\n'; i++)
			mention(mentions, p[i]);
		for (i++; i < left && p[i] != '\n'; i++)
			mention(mentions, p[i]);
		g_string_append_c(mentions, '\n');
	}
}

/* Is LINE the name of a boundary, with fewer hyphens than it should have, or
 * with marks of a reply? */
static bool
is_name(const struct ms_line *line, const GArray *names)
{
	struct span key;

	if (line->size < NAME_MIN || line->size > MENTION_MAX ||
	    names->len == 0)
		return false;
	key = key_of(line->data, line->size);
	return bsearch(&key, names->data, names->len, sizeof key,
	    compare_spans);
}

static void
find_cuts(struct search *search, const unsigned char *data, size_t size)
{
	struct ms_lines lines;
	struct ms_line line;

	ms_lines_start(&lines, data, size);
	while (ms_lines_next(&lines, &line)) {
		struct cut cut = { (size_t)(line.data - data),
			(size_t)(line.next - data) };

		if (!is_cut(&line) && !is_name(&line, search->names))
			continue;
		if (search->cuts->len == CUTS_MAX) {
			search->all = false;
			return;
		}
		add_cut(search, &line, &cut);
	}
}

/* The segments between cuts of GROUP that have other cuts between them. */
static void
add_group(GArray *segments, const GArray *cuts, const struct group *group)
{
	for (guint i = 0; i + 1 < group->cuts->len; i++) {
		guint a = g_array_index(group->cuts, guint, i);
		guint b = g_array_index(group->cuts, guint, i + 1);
		struct ms_segment segment = {
			g_array_index(cuts, struct cut, a).to,
			g_array_index(cuts, struct cut, b).from,
		};

		if (b > a + 1)
			g_array_append_val(segments, segment);
	}
}

GArray *
ms_segment_find(const unsigned char *data, size_t size, bool *all)
{
	struct search search = {
		.mentions = g_string_new(NULL),
		.names = g_array_new(FALSE, FALSE, sizeof(struct span)),
		.cuts = g_array_new(FALSE, FALSE, sizeof(struct cut)),
		.words = g_array_new(FALSE, FALSE,
		    sizeof(struct ms_occur_word)),
		.plain = g_string_chunk_new(1024),
		.groups = g_hash_table_new_full(g_bytes_hash, g_bytes_equal,
		    (GDestroyNotify)g_bytes_unref, free_group),
		.all = true,
	};
	GArray *segments = g_array_new(FALSE, FALSE,
	    sizeof(struct ms_segment));
	struct ms_segment segment = { 0, 0 };
	GHashTableIter iter;
	gpointer group;

	find_mentions(&search, data, size);
	g_array_sort(search.names, compare_spans);
	find_cuts(&search, data, size);
	find_groups(&search, data);
	for (guint i = 0; i < search.cuts->len; i++) {
		const struct cut *cut = &g_array_index(search.cuts,
		    struct cut, i);

		segment.to = cut->from;
		g_array_append_val(segments, segment);
		segment.from = cut->to;
	}
	segment.to = size;
	g_array_append_val(segments, segment);
	g_hash_table_iter_init(&iter, search.groups);
	while (g_hash_table_iter_next(&iter, NULL, &group))
		add_group(segments, search.cuts, group);
	g_string_free(search.mentions, TRUE);
	g_array_unref(search.cuts);
	g_array_unref(search.words);
	g_array_unref(search.names);
	g_string_chunk_free(search.plain);
	g_hash_table_unref(search.groups);
	*all = search.all;
	return segments;
}

/* A field of whatever spelling, or the continuation of one? */
static bool
is_field(const struct ms_line *line)
{
	size_t size = MIN(line->size, (size_t)128);

	return size > 0 && (line->data[0] == ' ' || line->data[0] == '\t' ||
	    memchr(line->data, ':', size));
}

/* A field that says how something is to be read? */
static bool
is_content_field(const struct ms_line *line)
{
	size_t size = MIN(line->size, (size_t)128), at = 0;

	while (at < size && line->data[at] <= ' ')
		at++;
	return size - at > 8 && memchr(line->data + at, ':', size - at) &&
	    (g_ascii_strncasecmp((const char *)line->data + at, "content",
	    7) == 0 || g_ascii_strncasecmp((const char *)line->data + at,
	    "mime-ver", 8) == 0);
}

static size_t
add_start(size_t starts[MS_SEGMENT_STARTS], size_t count, size_t start)
{
	if (count < MS_SEGMENT_STARTS &&
	    (count == 0 || starts[count - 1] < start))
		starts[count++] = start;
	return count;
}

static size_t
leading_blanks(const struct ms_line *line)
{
	size_t n = 0;

	while (n < line->size && line->data[n] <= ' ')
		n++;
	return n;
}

size_t
ms_segment_starts(const unsigned char *data, const struct ms_segment *segment,
    size_t starts[MS_SEGMENT_STARTS])
{
	bool blank, first = true, was_blank = false;
	struct ms_lines lines;
	struct ms_line line;
	size_t count = 0;

	ms_lines_start(&lines, data + segment->from,
	    segment->to - segment->from);
	while (count < MS_SEGMENT_STARTS && ms_lines_next(&lines, &line)) {
		size_t at = (size_t)(line.data - data);

		blank = ms_lines_is_blank(&line);
		/* The last header ended; is this another one? */
		if (was_blank && !blank) {
			count = add_start(starts, count, at);
			count = add_start(starts, count,
			    at + leading_blanks(&line));
			if (leading_blanks(&line) == 0 &&
			    !is_content_field(&line))
				break;
		}
		if (blank ? first : !is_field(&line))
			count = add_start(starts, count, at);
		if (blank || !is_field(&line))
			count = add_start(starts, count,
			    (size_t)(line.next - data));
		was_blank = blank;
		first = false;
	}
	return count;
}
