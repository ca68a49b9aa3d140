#include "message/boundary.h"

#include "base/find.h"

#include <glib.h>

#include <stdbool.h>
#include <string.h>

/* Longer values are not compared with lines but counted as if they were spelt
 * oddly. RFC 2046 allows 70. */
#define BOUNDARY_MAX 256

/* A message that declares more boundaries than this is judged as if every
 * line that starts with two hyphens were one. */
#define DECLARED_MAX 20000

/* Lines are told apart by hash: two that fall into one bucket count as the
 * same, which makes the count larger and never smaller. */
#define BUCKETS 65536u

#define WORD "boundary"
#define WORD_SIZE (sizeof WORD - 1)

struct declared {
	GHashTable *values;	/* of GBytes: what GMime will take them for */
	size_t odd;		/* declarations whose value only a mail
				 * program knows */
};

/*
 * Lines that start with two hyphens and are no known value. An oddly spelt
 * declaration makes one kind of them boundaries, at worst the most frequent
 * one; so as many of the most frequent kinds count as there are such
 * declarations.
 */
struct others {
	uint32_t buckets[BUCKETS];
	GArray *at_least;	/* [n] uint32_t: buckets with n lines or more */
};

static const unsigned char *
next_delimiter(const unsigned char *p, const unsigned char *end)
{
	return p < end ? ms_find(p, (size_t)(end - p), "\n--", 3) : NULL;
}

static bool
is_blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

/* Does the field go on behind P, where the value has ended? */
static bool
ends_here(const unsigned char *p, const unsigned char *end, bool quoted)
{
	while (p < end && is_blank(*p))
		p++;
	if (p == end || *p == ';')
		return true;
	p += *p == '\r' && p + 1 < end;
	return *p == '\n' && (quoted || p + 1 == end || !is_blank(p[1]));
}

/*
 * The value at P if all parsers agree on it: a token or a quoted string
 * without a fold, a comment, a backslash, or an encoded word. Returns NULL if
 * it is anything else.
 */
static GBytes *
plain_value(const unsigned char *p, const unsigned char *end)
{
	bool quoted;
	const unsigned char *start;
	size_t size;

	while (p < end && is_blank(*p))
		p++;
	quoted = p < end && *p == '"';
	p += quoted;
	for (start = p; p < end && *p > ' ' && *p < 127; p++)
		if (quoted ? *p == '"' || *p == '\\' :
		    strchr("\"\\();", *p) != NULL)
			break;
		else if (*p == '=' && p + 1 < end && p[1] == '?')
			return NULL;
	size = (size_t)(p - start);
	if (quoted && (p == end || *p++ != '"'))
		return NULL;
	if (size == 0 || size > BOUNDARY_MAX || !ends_here(p, end, quoted))
		return NULL;
	return g_bytes_new(start, size);
}

/* What follows the word at P. */
static void
declare(struct declared *declared, const unsigned char *p,
    const unsigned char *end)
{
	bool odd = false;
	GBytes *value;

	/* "*0*" and the like (RFC 2231), folds, comments: whatever can stand
	 * before an equals sign. */
	while (p < end && *p != '\0' && strchr(" \t\r\n*0123456789", *p)) {
		odd = odd || !is_blank(*p);
		p++;
	}
	if (p == end || (*p != '=' && *p != '('))
		return;
	value = odd || *p == '(' ? NULL : plain_value(p + 1, end);
	if (value)
		g_hash_table_add(declared->values, value);
	else
		declared->odd++;
}

/* The next WORD in any case at or after P, or NULL. What is not WORD is
 * passed over by as many bytes as its last one allows (Horspool). */
static const unsigned char *
next_word(const unsigned char *p, const unsigned char *end,
    const unsigned char steps[256])
{
	while ((size_t)(end - p) >= WORD_SIZE) {
		if ((p[WORD_SIZE - 1] | 0x20) == WORD[WORD_SIZE - 1] &&
		    g_ascii_strncasecmp((const char *)p, WORD, WORD_SIZE) == 0)
			return p;
		p += steps[p[WORD_SIZE - 1]];
	}
	return NULL;
}

static void
find_declared(const unsigned char *data, const unsigned char *end,
    struct declared *declared)
{
	unsigned char steps[256];
	const unsigned char *p = data;

	memset(steps, WORD_SIZE, sizeof steps);
	for (size_t i = 0; i < WORD_SIZE - 1; i++) {
		unsigned char letter = (unsigned char)WORD[i];

		steps[letter] = (unsigned char)(WORD_SIZE - 1 - i);
		steps[letter & ~0x20u] = steps[letter];
	}
	while ((p = next_word(p, end, steps))) {
		p += WORD_SIZE;
		declare(declared, p, end);
		if (g_hash_table_size(declared->values) + declared->odd >=
		    DECLARED_MAX)
			return;
	}
}

/* FNV-1a. */
static uint32_t
bucket_of(const unsigned char *line, size_t size)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ line[i]) * 0x100000001b3;
	return (uint32_t)((hash ^ hash >> 32) % BUCKETS);
}

/* One line more in its bucket. Returns whether there is now one more in the
 * MOST most frequent ones. */
static bool
add_other(struct others *others, const unsigned char *line, size_t size,
    size_t most)
{
	uint32_t *lines = &others->buckets[bucket_of(line, size)];
	uint32_t *more;

	++*lines;
	if (others->at_least->len <= *lines)
		g_array_set_size(others->at_least, *lines + 1);
	more = &g_array_index(others->at_least, uint32_t, *lines);
	return (*more)++ < most;
}

/* May the line of SIZE bytes at LINE, behind its two hyphens, begin a part
 * more? */
static bool
counts(const struct declared *declared, struct others *others,
    const unsigned char *line, size_t size)
{
	GBytes *key;
	bool known;

	while (size > 0 && line[size - 1] <= ' ')
		size--;
	if (size == 0)
		return false;
	if (size <= BOUNDARY_MAX) {
		key = g_bytes_new_static(line, size);
		known = g_hash_table_contains(declared->values, key);
		g_bytes_unref(key);
		if (known)
			return true;
	}
	return declared->odd > 0 &&
	    add_other(others, line, size, declared->odd);
}

/* Where the line begins that is one more than MAX_PARTS. */
static const unsigned char *
one_too_many(const unsigned char *data, const unsigned char *end,
    const struct declared *declared, uint64_t max_parts)
{
	bool all = g_hash_table_size(declared->values) + declared->odd >=
	    DECLARED_MAX;
	struct others *others = g_new0(struct others, 1);
	const unsigned char *p = data;
	uint64_t count = 0;

	others->at_least = g_array_new(FALSE, TRUE, sizeof(uint32_t));
	for (; (p = next_delimiter(p, end)); p += 3) {
		const unsigned char *eol = memchr(p + 3, '\n',
		    (size_t)(end - p - 3));
		size_t size = (size_t)((eol ? eol : end) - (p + 3));

		if ((all || counts(declared, others, p + 3, size)) &&
		    ++count > max_parts)
			break;
	}
	g_array_unref(others->at_least);
	g_free(others);
	return p ? p + 1 : end;
}

size_t
ms_boundary_prefix(const unsigned char *data, size_t size,
    uint64_t max_parts)
{
	const unsigned char *p = data, *end = data + size;
	struct declared declared = { NULL, 0 };
	uint64_t count = 0;

	/* Nearly all mail is done here. */
	while (count <= max_parts && (p = next_delimiter(p, end)))
		count++, p += 3;
	if (count <= max_parts)
		return size;
	declared.values = g_hash_table_new_full(g_bytes_hash, g_bytes_equal,
	    (GDestroyNotify)g_bytes_unref, NULL);
	find_declared(data, end, &declared);
	p = one_too_many(data, end, &declared, max_parts);
	g_hash_table_unref(declared.values);
	return (size_t)(p - data);
}
