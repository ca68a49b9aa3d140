#include "scan/seen.h"

#include "scan/invisible.h"
#include "scan/markup.h"

#include <glib.h>

#include <stdbool.h>
#include <string.h>

/* More marks upon one letter are not looked at: ordering them is quadratic. */
#define MARKS_MAX 16

struct ms_seen {
	unsigned how;
	ms_seen_put *put;
	void *arg;
	struct ms_markup markup;
	/* Of lines that flow: */
	char line[4];		/* the first characters of this one */
	size_t length;
	bool blank, cr;		/* read, and held back */
	bool end;		/* of a line, if the next is none that goes on;
				 * where they are folded */
	bool begins;		/* a line that goes on another: after this may
				 * come marks of quoting, and a blank */
	/* A character of which some bytes are missing, and the one that is
	 * finished but that marks may follow. */
	char cut[4];
	size_t cut_used;
	gunichar cluster[1 + MARKS_MAX];
	size_t cluster_used;
	char out[4096];
	size_t out_used;
};

/* Tabs and line ends stay, as blanks do. */
static bool
is_invisible(gunichar c)
{
	return c != '\t' && c != '\n' && ms_invisible(c);
}

/* Does C belong to the character before it: marks, and the later letters of
 * syllables of Korean? */
static bool
is_mark(gunichar c)
{
	return c >= 0x300 && (g_unichar_ismark(c) ||
	    (c >= 0x1161 && c <= 0x11ff));
}

static void
flush_out(struct ms_seen *seen)
{
	if (seen->out_used > 0)
		seen->put(seen->arg, seen->out, seen->out_used);
	seen->out_used = 0;
}

static void
put(struct ms_seen *seen, const char *data, size_t size)
{
	if (size > sizeof seen->out - seen->out_used)
		flush_out(seen);
	memcpy(seen->out + seen->out_used, data, size);
	seen->out_used += size;
}

/* Put TEXT, one character with its marks. Those that make no letter of a Latin
 * one stand around it: lines through it, say. */
static void
put_cluster(struct ms_seen *seen, const char *text)
{
	const char *first = g_utf8_next_char(text);

	put(seen, text, (size_t)(first - text));
	if (g_utf8_get_char(text) >= 0x250) {
		put(seen, first, strlen(first));
		return;
	}
	for (const char *p = first; *p != '\0'; p = g_utf8_next_char(p))
		if (!g_unichar_ismark(g_utf8_get_char(p)))
			put(seen, p, (size_t)(g_utf8_next_char(p) - p));
}

/* The character that was held back is complete. */
static void
end_cluster(struct ms_seen *seen)
{
	char utf8[6 * G_N_ELEMENTS(seen->cluster)];
	size_t size = 0;
	char *plain;

	if (seen->cluster_used == 1 && seen->cluster[0] < 0x80) {
		utf8[0] = (char)seen->cluster[0];
		put(seen, utf8, 1);
	} else if (seen->cluster_used > 0) {
		for (size_t i = 0; i < seen->cluster_used; i++)
			size += (size_t)g_unichar_to_utf8(seen->cluster[i],
			    utf8 + size);
		plain = g_utf8_normalize(utf8, (gssize)size,
		    G_NORMALIZE_NFKC);
		if (plain && *plain != '\0')
			put_cluster(seen, plain);
		g_free(plain);
	}
	seen->cluster_used = 0;
}

static void
take_char(struct ms_seen *seen, gunichar c)
{
	const bool ascii = c >= ' ' && c < 127;

	if (!ascii && is_invisible(c))
		return;
	if (!ascii && is_mark(c)) {
		if (seen->cluster_used < G_N_ELEMENTS(seen->cluster))
			seen->cluster[seen->cluster_used++] = c;
		return;
	}
	end_cluster(seen);
	seen->cluster[0] = ascii || !g_unichar_isspace(c) || c < 0x80 ? c :
	    ' ';
	seen->cluster_used = 1;
}

/* The bytes at hand are no character, and so is none of them. */
static void
end_cut(struct ms_seen *seen)
{
	for (size_t i = 0; i < seen->cut_used; i++)
		take_char(seen, 0xfffd);
	seen->cut_used = 0;
}

static void
take_byte(struct ms_seen *seen, char byte)
{
	gunichar c;

	if ((unsigned char)byte < 0x80 || (unsigned char)byte >= 0xc0)
		end_cut(seen);
	if ((unsigned char)byte < 0x80) {
		take_char(seen, (gunichar)byte);
		return;
	}
	seen->cut[seen->cut_used++] = byte;
	c = g_utf8_get_char_validated(seen->cut, (gssize)seen->cut_used);
	if (c == (gunichar)-2 && seen->cut_used < sizeof seen->cut)
		return;
	if (c == (gunichar)-2 || c == (gunichar)-1) {
		end_cut(seen);
		return;
	}
	seen->cut_used = 0;
	take_char(seen, c);
}

static void
take_bytes(void *arg, const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		take_byte(arg, data[i]);
}

/* Is this line nothing but what separates a signature? It does not flow. */
static bool
is_separator(const struct ms_seen *seen)
{
	return seen->length == 2 && memcmp(seen->line, "--", 2) == 0;
}

/* A line ended. */
static void
end_line(struct ms_seen *seen)
{
	const bool soft = seen->blank && !is_separator(seen);

	if (seen->blank && !(soft && (seen->how & MS_SEEN_DELSP)))
		take_bytes(seen, " ", 1);
	if (!soft && seen->cr)
		take_bytes(seen, "\r", 1);
	if (!soft)
		take_bytes(seen, "\n", 1);
	seen->begins = soft;
	seen->blank = seen->cr = false;
	memset(seen->line, 0, sizeof seen->line);
	seen->length = 0;
}

/* What was held back belongs to no line end. */
static void
release(struct ms_seen *seen)
{
	if (seen->blank)
		take_bytes(seen, " ", 1);
	if (seen->cr)
		take_bytes(seen, "\r", 1);
	seen->length += (size_t)seen->blank + seen->cr;
	seen->blank = seen->cr = false;
}

static void
take_flowed(struct ms_seen *seen, char c)
{
	if (c == '\n') {
		end_line(seen);
		return;
	}
	if (c == '\r' && !seen->cr) {
		seen->cr = true;
		return;
	}
	release(seen);
	if (seen->begins && (c == '>' || c == ' ')) {
		seen->begins = c == '>';
		return;
	}
	seen->begins = false;
	if (c == ' ') {
		seen->blank = true;
		return;
	}
	if (seen->length < sizeof seen->line)
		seen->line[seen->length] = c;
	seen->length++;
	take_bytes(seen, &c, 1);
}

static void
take_folded(struct ms_seen *seen, char c)
{
	const bool goes_on = seen->end && (c == ' ' || c == '\t');

	if (seen->end && !goes_on)
		take_bytes(seen, "\n", 1);
	seen->end = c == '\n';
	if (!seen->end && !goes_on)
		take_bytes(seen, &c, 1);
}

struct ms_seen *
ms_seen_new(unsigned how, ms_seen_put *put_to, void *arg)
{
	struct ms_seen *seen = g_new0(struct ms_seen, 1);

	seen->how = how;
	seen->put = put_to;
	seen->arg = arg;
	ms_markup_start(&seen->markup, take_bytes, seen);
	return seen;
}

void
ms_seen_free(struct ms_seen *seen)
{
	g_free(seen);
}

void
ms_seen_feed(struct ms_seen *seen, const char *data, size_t size)
{
	if (seen->how & MS_SEEN_HTML)
		ms_markup_feed(&seen->markup, data, size);
	else if (seen->how & MS_SEEN_FLOWED)
		for (size_t i = 0; i < size; i++)
			take_flowed(seen, data[i]);
	else if (seen->how & MS_SEEN_FOLDED)
		for (size_t i = 0; i < size; i++)
			take_folded(seen, data[i]);
	else
		take_bytes(seen, data, size);
}

void
ms_seen_end(struct ms_seen *seen)
{
	if (seen->how & MS_SEEN_HTML)
		ms_markup_end(&seen->markup);
	release(seen);
	if (seen->end)
		take_bytes(seen, "\n", 1);
	end_cut(seen);
	end_cluster(seen);
	flush_out(seen);
}
