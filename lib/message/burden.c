#include "message/burden.h"

#include <glib.h>
#include <stdint.h>
#include <string.h>

/* In one field: each is a call in a call. */
#define COLONS_MAX 1000

/* The sum of the squares of the sizes of all such fields: some tenths of a
 * second. And of the sizes. */
#define SQUARES_MAX ((uint64_t)1 << 28)
#define ADDRESSES_MAX ((uint64_t)512 << 10)

/* All headers. A field costs some hundred bytes, a parameter of three bytes
 * likewise; a line that is folded no more than it has. */
#define LINES_MAX ((uint64_t)1 << 18)
#define BYTES_MAX ((uint64_t)4 << 20)

struct weighing {
	/* The field of addresses that the last line is of; 0: it is none. */
	uint64_t size, colons;
	uint64_t most_colons, squares, addresses;	/* of all of them */
	/* Headers. */
	bool inside;		/* the next line may be of one */
	bool nests;		/* what comes behind it is a message */
	bool digests;		/* somewhere parts may be messages unsaid */
	uint64_t here;		/* lines of this one */
	uint64_t lines, bytes;
};

/* The name of a field of addresses at LINE, before the colon and what blanks
 * there are; 0: there is none. */
static size_t
address_name(const unsigned char *line, size_t size)
{
	static const char *const names[] = { "from", "to", "cc", "bcc",
		"sender", "reply-to" };

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		const size_t n = strlen(names[i]);
		size_t at = n;

		if (size <= n || g_ascii_strncasecmp((const char *)line,
		    names[i], n) != 0)
			continue;
		while (at < size && (line[at] == ' ' || line[at] == '\t'))
			at++;
		if (at < size && line[at] == ':')
			return n;
	}
	return 0;
}

static bool
has_word(const unsigned char *line, size_t size, const char *word)
{
	const size_t n = strlen(word);

	for (size_t i = 0; i + n <= size; i++)
		if ((line[i] | 0x20) == *word &&
		    g_ascii_strncasecmp((const char *)line + i, word, n) == 0)
			return true;
	return false;
}

/* The type message/anything, with what may stand before the slash; not the
 * field Message-ID. */
static bool
is_of_message(const unsigned char *line, size_t size)
{
	return has_word(line, size, "message/") ||
	    (has_word(line, size, "content-type") &&
	    has_word(line, size, "message")) ||
	    ((*line == ' ' || *line == '\t') &&
	    has_word(line, size, "message"));
}

static void
end_field(struct weighing *w)
{
	w->most_colons = MAX(w->most_colons, w->colons);
	w->squares += w->size * w->size;
	w->addresses += w->size;
	w->size = w->colons = 0;
}

static void
weigh_addresses(struct weighing *w, const unsigned char *line, size_t size)
{
	const bool folded = size > 0 && (*line == ' ' || *line == '\t');

	if (!folded && w->size > 0)
		end_field(w);
	if (folded ? w->size == 0 : address_name(line, size) == 0)
		return;
	w->size += size + 1;
	for (size_t i = 0; i < size; i++)
		w->colons += line[i] == ':';
}

static void
weigh_header(struct weighing *w, const unsigned char *line, size_t size)
{
	const bool empty = size == 0 || (size == 1 && *line == '\r');

	if (size >= 2 && line[0] == '-' && line[1] == '-') {
		w->inside = true;
		w->nests = false;
		w->here = 0;
	} else if (w->inside && empty) {
		w->inside = w->nests || (w->digests && w->here == 0);
		w->nests = false;
		w->here = 0;
	} else if (w->inside) {
		w->here++;
		w->lines += *line != ' ' && *line != '\t';
		w->bytes += size + 1;
		w->nests |= is_of_message(line, size);
		w->digests |= has_word(line, size, "digest");
	}
}

struct ms_burden
ms_burden(const unsigned char *data, size_t size)
{
	struct weighing w = { .inside = true };
	const unsigned char *p = data, *end = data + size;
	struct ms_burden burden = { false, false };

	while (p < end && !burden.headers) {
		const unsigned char *eol = memchr(p, '\n', (size_t)(end - p));
		const size_t n = (size_t)((eol ? eol : end) - p);

		weigh_addresses(&w, p, n);
		weigh_header(&w, p, n);
		burden.headers = w.lines > LINES_MAX || w.bytes > BYTES_MAX;
		p = eol ? eol + 1 : end;
	}
	end_field(&w);
	burden.addresses = w.most_colons > COLONS_MAX ||
	    w.squares > SQUARES_MAX || w.addresses > ADDRESSES_MAX;
	return burden;
}

void
ms_burden_hide(unsigned char *data, size_t size)
{
	unsigned char *p = data, *end = data + size;

	while (p < end) {
		unsigned char *eol = memchr(p, '\n', (size_t)(end - p));

		if (address_name(p, (size_t)((eol ? eol : end) - p)) > 0)
			*p = 'X';
		p = eol ? eol + 1 : end;
	}
}
