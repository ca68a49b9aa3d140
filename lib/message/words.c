#include "message/words.h"

#include "message/charset.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* No name is longer, however it is encoded. */
#define TEXT_MAX 65536

/* One encoded word; loans of the text. */
struct word {
	const char *charset;
	size_t charset_size;
	char coding;		/* 'b' or 'q' */
	const char *text;
	size_t size;
	const char *end;	/* what stands behind it */
};

/* One way to read a text. */
struct reading {
	bool joined;		/* words of one charset that follow each other
				 * are decoded together */
	struct ms_charset_way way;
	GString *out;
	GString *bytes;		/* decoded, and not yet in OUT, */
	struct word latest;	/* the last word in BYTES */
	unsigned bits, count;	/* of base64: COUNT bits that are no byte yet */
	bool follows;		/* a word followed another one */
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Is there a word at P? */
static bool
read_word(const char *p, struct word *word)
{
	size_t size;
	const char *end;

	if (p[0] != '=' || p[1] != '?')
		return false;
	word->charset = p + 2;
	/* Its language (RFC 2231, 5) says nothing. */
	word->charset_size = strcspn(p + 2, "?* \t\r\n");
	p += 2 + strcspn(p + 2, "? \t\r\n");
	if (*p != '?' || p[1] == '\0' || p[2] != '?')
		return false;
	word->coding = g_ascii_tolower(p[1]);
	if (word->coding != 'b' && word->coding != 'q')
		return false;
	word->text = p + 3;
	end = strstr(word->text, "?=");
	size = end ? (size_t)(end - word->text) : strlen(word->text);
	word->size = size;
	word->end = word->text + size + (end ? 2 : 0);
	return true;
}

/* Put into OUT what was decoded. */
static void
flush(struct reading *reading)
{
	if (reading->bytes->len > 0)
		ms_charset_append(&reading->way, reading->latest.charset,
		    reading->latest.charset_size, reading->bytes->str,
		    reading->bytes->len, reading->out);
	g_string_truncate(reading->bytes, 0);
	reading->count = 0;
}

static void
decode_base64(struct reading *reading, const struct word *word)
{
	static const char letters[] = G_CSET_A_2_Z G_CSET_a_2_z
	    G_CSET_DIGITS "+/";

	for (size_t i = 0; i < word->size; i++) {
		const char *letter = strchr(letters, word->text[i]);

		/* Behind padding, another group may begin. */
		if (word->text[i] == '=')
			reading->count = 0;
		if (!letter)
			continue;
		reading->bits = (reading->bits << 6 |
		    (unsigned)(letter - letters)) & 0xffff;
		reading->count += 6;
		if (reading->count < 8)
			continue;
		reading->count -= 8;
		g_string_append_c(reading->bytes, (char)(reading->bits >>
		    reading->count & 0xff));
	}
}

static void
decode_q(struct reading *reading, const struct word *word)
{
	const char *p = word->text, *end = p + word->size;

	for (; p < end; p++) {
		if (*p == '=' && end - p > 2 && g_ascii_isxdigit(p[1]) &&
		    g_ascii_isxdigit(p[2])) {
			g_string_append_c(reading->bytes,
			    (char)(g_ascii_xdigit_value(p[1]) * 16 +
			    g_ascii_xdigit_value(p[2])));
			p += 2;
		} else {
			g_string_append_c(reading->bytes, *p == '_' ? ' ' :
			    *p);
		}
	}
}

/* Are they decoded together, if that is done? */
static bool
belong(const struct word *one, const struct word *next)
{
	return one->coding == next->coding &&
	    one->charset_size == next->charset_size &&
	    g_ascii_strncasecmp(one->charset, next->charset,
	    one->charset_size) == 0;
}

/* Decode WORD, behind another one if FOLLOWS. */
static void
take(struct reading *reading, const struct word *word, bool follows)
{
	reading->follows |= follows;
	if (!follows || !reading->joined || !belong(&reading->latest, word))
		flush(reading);
	reading->latest = *word;
	if (word->coding == 'b')
		decode_base64(reading, word);
	else
		decode_q(reading, word);
}

/* Read TEXT; were there words in it? */
static bool
read_text(struct reading *reading, const char *text)
{
	const char *p = text, *behind = NULL;
	struct word word;

	reading->latest = (struct word){ .charset = "" };
	while (*p) {
		const char *at = p;

		/* Blanks between two words are part of neither. */
		while (behind && is_blank(*at))
			at++;
		if (read_word(at, &word)) {
			take(reading, &word, behind != NULL);
			p = behind = word.end;
			continue;
		}
		if (behind)
			flush(reading);
		behind = NULL;
		g_string_append_len(reading->out, p, MAX(at - p, 1));
		p = MAX(at, p + 1);
	}
	flush(reading);
	return reading->latest.end != NULL;
}

/* Read TEXT in the ways that make a difference: all of them, or the first. */
static void
read_all(const char *text, bool all, GPtrArray *readings)
{
	struct reading first = { .out = NULL };
	bool any = true;

	for (unsigned i = 0; any && i < (all ? 2 * MS_CHARSET_HOWS : 1); i++) {
		struct reading reading = {
			.joined = i % 2 == 1,
			.way = { (enum ms_charset_how)(i / 2), false, false },
			.out = g_string_new(NULL),
			.bytes = g_string_new(NULL),
		};
		const bool wanted = i == 0 ||
		    ((!reading.joined || first.follows) &&
		    ms_charset_differs(reading.way.how, &first.way));

		if (wanted)
			any = read_text(&reading, text);
		if (wanted && any)
			ms_charset_add(reading.out->str, reading.out->len,
			    readings);
		(void)g_string_free(reading.bytes, TRUE);
		(void)g_string_free(reading.out, TRUE);
		if (i == 0)
			first = reading;
	}
}

void
ms_words(const char *text, GPtrArray *readings)
{
	const size_t size = strlen(text);
	const guint from = readings->len;
	guint to;

	read_all(text + (size > TEXT_MAX ? size - TEXT_MAX : 0), true,
	    readings);
	/* Some programs decode what they have decoded. */
	to = readings->len;
	for (guint i = from; i < to; i++)
		if (strstr(readings->pdata[i], "=?"))
			read_all(readings->pdata[i], false, readings);
}
