#include "capture/disguise.h"

#include "base/mark.h"

#include <arpa/inet.h>
#include <glib.h>
#include <stdint.h>
#include <string.h>

/* Words that are remembered, so that no two become the same; and their
 * longest. Others become what the key makes of them. */
#define WORDS_MAX 100000
#define WORD_MAX 128
#define TRIES 32		/* to find a pseudonym that nobody has */

#define MARK sizeof(struct ms_mark)

#define IP_MAX 45		/* characters of an IPv6 address */

struct ms_disguise {
	struct ms_marker *marker;
	GHashTable *words;	/* word, in lower case, to its pseudonym */
	GHashTable *taken;	/* the pseudonyms; on loan from there */
};

struct ms_disguise *
ms_disguise_new(void)
{
	struct ms_disguise *disguise = g_new0(struct ms_disguise, 1);

	disguise->marker = ms_mark_start();
	disguise->words = g_hash_table_new_full(g_str_hash, g_str_equal,
	    g_free, g_free);
	disguise->taken = g_hash_table_new(g_str_hash, g_str_equal);
	return disguise;
}

void
ms_disguise_free(struct ms_disguise *disguise)
{
	if (!disguise)
		return;
	g_hash_table_unref(disguise->taken);
	g_hash_table_unref(disguise->words);
	ms_mark_stop(disguise->marker);
	g_free(disguise);
}

static bool
is_word(unsigned char c)
{
	return g_ascii_isalnum(c) || c >= 128;
}

/* What the key makes of the SIZE bytes at TEXT; N for another result. */
static void
bytes_of(const struct ms_disguise *disguise, unsigned n, const void *text,
    size_t size, unsigned char bytes[MARK])
{
	const struct ms_mark mark = ms_mark_of(disguise->marker, n, text,
	    size);

	memcpy(bytes, mark.words, MARK);
}

/* Make of the SIZE bytes of WORD what the key says in the attempt N. */
static void
scramble(const struct ms_disguise *disguise, const char *word, size_t size,
    unsigned n, char *out)
{
	unsigned char bytes[MARK];

	bytes_of(disguise, n, word, size, bytes);
	for (size_t i = 0; i < size; i++) {
		/* A long word is not to repeat itself. */
		unsigned byte = bytes[i % MARK] + (unsigned)(i / MARK * 7);

		out[i] = (char)(g_ascii_isdigit(word[i]) ? '0' + byte % 10 :
		    'a' + byte % 26);
	}
	out[size] = '\0';
}

/* Is the pseudonym OUT of WORD any good? */
static bool
is_free(const struct ms_disguise *disguise, const char *word,
    const char *out)
{
	return strcmp(word, out) != 0 &&
	    !g_hash_table_contains(disguise->taken, out);
}

/* The pseudonym of WORD, in lower case, on loan. */
static const char *
look_up(struct ms_disguise *disguise, const char *word, size_t size,
    char *out)
{
	const char *known = g_hash_table_lookup(disguise->words, word);
	unsigned n = 0;

	if (known)
		return known;
	do {
		scramble(disguise, word, size, n++, out);
	} while (n < TRIES && !is_free(disguise, word, out));
	if (g_hash_table_size(disguise->words) < WORDS_MAX) {
		char *copy = g_strdup(out);

		g_hash_table_insert(disguise->words, g_strdup(word), copy);
		g_hash_table_add(disguise->taken, copy);
	}
	return out;
}

/* At most WORD_MAX bytes. Capitals stay where they were. */
static void
replace_piece(struct ms_disguise *disguise, unsigned char *text, size_t size)
{
	char word[WORD_MAX + 1], out[WORD_MAX + 1];
	const char *pseudonym;

	for (size_t i = 0; i < size; i++)
		word[i] = g_ascii_tolower((char)text[i]);
	word[size] = '\0';
	pseudonym = look_up(disguise, word, size, out);
	for (size_t i = 0; i < size; i++)
		text[i] = (unsigned char)(g_ascii_isupper(text[i]) ?
		    g_ascii_toupper(pseudonym[i]) : pseudonym[i]);
}

static void
replace_word(struct ms_disguise *disguise, unsigned char *text, size_t size)
{
	for (size_t at = 0; at < size; at += WORD_MAX)
		replace_piece(disguise, text + at, MIN(size - at, WORD_MAX));
}

/* The number of characters of an IPv4 address at TEXT, or 0. */
static size_t
is_ipv4(const unsigned char *text, size_t size)
{
	size_t at = 0;

	for (int part = 0; part < 4; part++) {
		unsigned value = 0;
		size_t digits = 0;

		if (part > 0 && (at == size || text[at++] != '.'))
			return 0;
		while (at < size && g_ascii_isdigit(text[at]) && digits < 4) {
			value = value * 10 + (unsigned)(text[at++] - '0');
			digits++;
		}
		if (digits == 0 || digits > 3 || value > 255)
			return 0;
	}
	return at < size && is_word(text[at]) ? 0 : at;
}

static size_t
is_ipv6(const unsigned char *text, size_t size)
{
	char copy[IP_MAX + 1];
	struct in6_addr address;
	size_t n = 0, colons = 0;

	while (n < size && n < IP_MAX && (g_ascii_isxdigit(text[n]) ||
	    text[n] == ':' || text[n] == '.')) {
		colons += text[n] == ':';
		copy[n] = (char)text[n];
		n++;
	}
	if (colons < 2 || (n < size && is_word(text[n])))
		return 0;
	/* A full stop or a colon may end the sentence. */
	for (int i = 0; i < 2 && n > 2; i++, n--) {
		copy[n] = '\0';
		if (inet_pton(AF_INET6, copy, &address) == 1)
			return n;
	}
	return 0;
}

/* The part of an address of SIZE characters at TEXT becomes what BYTE says,
 * without a zero in front; in IPv4 it is decimal and not over 255. */
static void
replace_part(unsigned char *text, size_t size, unsigned byte, bool ipv4)
{
	unsigned value = size == 1 ? byte % 10 : size == 2 ? 10 + byte % 90 :
	    100 + byte % 156;

	for (size_t i = size; i-- > 0; value /= 10, byte = byte * 7 + 3) {
		bool first = i == 0 && size > 1;

		if (ipv4)
			text[i] = (unsigned char)('0' + value % 10);
		else
			text[i] = (unsigned char)"0123456789abcdef"[first ?
			    1 + byte % 15 : byte % 16];
	}
}

static void
replace_parts(unsigned char *text, size_t size,
    const unsigned char bytes[MARK])
{
	size_t to, part = 0;

	for (size_t from = 0; from < size; from = to + 1, part++) {
		bool ipv4;

		for (to = from; to < size && g_ascii_isxdigit(text[to]);)
			to++;
		ipv4 = (to < size && text[to] == '.') ||
		    (from > 0 && text[from - 1] == '.');
		replace_part(text + from, to - from,
		    bytes[part % MARK], ipv4);
	}
}

/* Not the same one: but one that has no digits cannot change. */
static void
replace_ip(struct ms_disguise *disguise, unsigned char *text, size_t size)
{
	unsigned char old[IP_MAX];
	unsigned char bytes[MARK];

	for (size_t i = 0; i < size; i++)
		old[i] = (unsigned char)g_ascii_tolower((char)text[i]);
	for (unsigned n = 0; n < TRIES; n++) {
		bytes_of(disguise, TRIES + n, old, size, bytes);
		replace_parts(text, size, bytes);
		if (memcmp(text, old, size) != 0)
			return;
	}
}

/* An IP address at TEXT becomes another one: its size, or 0. */
static size_t
take_ip(struct ms_disguise *disguise, unsigned char *text, size_t size)
{
	size_t n = is_ipv4(text, size);

	if (n == 0)
		n = is_ipv6(text, size);
	if (n > 0)
		replace_ip(disguise, text, n);
	return n;
}

bool
ms_disguise_known(const unsigned char *text, size_t size,
    const char *const words[])
{
	for (size_t i = 0; words && words[i]; i++)
		if (strlen(words[i]) == size &&
		    g_ascii_strncasecmp(words[i], (const char *)text, size) ==
		    0)
			return true;
	return false;
}

/* A character that words of a host's name or an address are joined by. */
static bool
joins(unsigned char c)
{
	return c == '.' || c == '@' || c == '_' || c == '+' || c == '%' ||
	    c == '\\';
}

/* Does what is at FROM to TO of TEXT stand alone? A full stop at the end of a
 * sentence joins nothing. */
static bool
stands_alone(const unsigned char *text, size_t size, size_t from, size_t to)
{
	if (from > 0 && (joins(text[from - 1]) || text[from - 1] == '<'))
		return false;
	if (to == size || !joins(text[to]))
		return to == size || text[to] != '>';
	return text[to] == '.' && (to + 1 == size || text[to + 1] <= ' ');
}

/* Words with hyphens or underscores in them can be kept as one; none is longer
 * than WORD_MAX, so that it is not looked for in a whole line again and again.
 */
static size_t
word_end(const unsigned char *text, size_t size, size_t from, bool whole)
{
	size_t to = from;

	while (to < size && (!whole || to - from <= WORD_MAX) &&
	    (is_word(text[to]) || (whole && (text[to] == '-' ||
	    text[to] == '_') && to + 1 < size && is_word(text[to + 1]))))
		to++;
	return to;
}

/* "<CRLF>" is a word to keep with its brackets, or an address. 0: it is none
 * to keep. */
static size_t
is_kept_in_brackets(const unsigned char *text, size_t size,
    const char *const keep[])
{
	const size_t end = text[0] == '<' ? word_end(text, size, 1, false) : 0;

	return end > 0 && end < size && text[end] == '>' &&
	    ms_disguise_known(text, end + 1, keep) ? end + 1 : 0;
}

void
ms_disguise_words(struct ms_disguise *disguise, unsigned char *text,
    size_t size, const char *const keep[])
{
	size_t at = 0, n;

	while (at < size) {
		n = take_ip(disguise, text + at, size - at);
		if (n == 0)
			n = is_kept_in_brackets(text + at, size - at, keep);
		if (n > 0) {
			at += n;
			continue;
		}
		n = word_end(text, size, at, true);
		if (n > at && stands_alone(text, size, at, n) &&
		    ms_disguise_known(text + at, n - at, keep)) {
			at = n;
			continue;
		}
		n = word_end(text, size, at, false);
		if (n > at)
			replace_word(disguise, text + at, n - at);
		at = MAX(n, at + 1);
	}
}

/* Can C be in an address, or in a host's name? */
static bool
in_address(unsigned char c)
{
	return is_word(c) || joins(c) || c == '-';
}

/* Has the run something that only addresses and hosts' names have? */
static bool
is_address(const unsigned char *text, size_t size)
{
	for (size_t i = 1; i + 1 < size; i++)
		if ((text[i] == '@' || text[i] == '.') &&
		    is_word(text[i - 1]) && is_word(text[i + 1]))
			return true;
	return false;
}

void
ms_disguise_addresses(struct ms_disguise *disguise, unsigned char *text,
    size_t size, const char *const keep[])
{
	size_t at = 0, n;

	while (at < size) {
		size_t end = at;

		n = take_ip(disguise, text + at, size - at);
		if (n > 0) {
			at += n;
			continue;
		}
		while (end < size && in_address(text[end]))
			end++;
		n = word_end(text, size, at, true);
		if (end > at && is_address(text + at, end - at))
			ms_disguise_words(disguise, text + at, end - at,
			    NULL);
		else if (n > at && n == end &&
		    ms_disguise_known(text + at, n - at, keep))
			end = n;
		else
			ms_disguise_blank(text + at, end > at ? end - at : 1);
		at = MAX(end, at + 1);
	}
}

/* The size of the character of UTF-8 at TEXT; 1: none. */
static size_t
utf8_size(const unsigned char *text, size_t size)
{
	gunichar c = g_utf8_get_char_validated((const char *)text,
	    (gssize)size);

	if (c == (gunichar)-1 || c == (gunichar)-2)
		return 1;
	return (size_t)g_unichar_to_utf8(c, NULL);
}

void
ms_disguise_blank(unsigned char *text, size_t size)
{
	static const char *const stand_ins[] = {
		"", "\xe9", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
	};
	size_t n = 1;

	for (size_t at = 0; at < size; at += n) {
		unsigned char c = text[at];

		n = 1;
		if (g_ascii_isalpha(c)) {
			text[at] = 'x';
		} else if (g_ascii_isdigit(c)) {
			text[at] = '0';
		} else if (c >= 128) {
			n = utf8_size(text + at, size - at);
			memcpy(text + at, stand_ins[n], n);
		} else if (c < ' ' && c != '\0' && c != '\t' && c != '\r' &&
		    c != '\n') {
			text[at] = 1;
		}
	}
}
