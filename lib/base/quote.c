#include "base/quote.h"

#include <string.h>

/* Code points that are valid UTF-8 but must not reach a terminal as they
 * are: first and last of each range. */
static const gunichar unsafe[][2] = {
	{ 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x061c, 0x061c },
	{ 0x180e, 0x180e }, { 0x200b, 0x200f }, { 0x2028, 0x202e },
	{ 0x2060, 0x206f }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff },
	{ 0xfff0, 0xfffb }, { 0xe0000, 0xe0fff },
};

static bool
is_unsafe(gunichar c)
{
	for (size_t i = 0; i < G_N_ELEMENTS(unsafe); i++)
		if (c >= unsafe[i][0] && c <= unsafe[i][1])
			return true;
	return false;
}

static void
escape(GString *out, const unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		g_string_append_printf(out, "\\x%02x", bytes[i]);
}

void
ms_quote_append(GString *out, const void *data, size_t size)
{
	const unsigned char *p = data, *end = p + size;

	while (p < end) {
		gunichar c = g_utf8_get_char_validated((const char *)p,
		    end - p);
		size_t step;

		if (c == (gunichar)-1 || c == (gunichar)-2) {
			escape(out, p++, 1);
			continue;
		}
		/* A NUL validates as a character of no length in some
		 * versions of GLib, so its length is not asked for. */
		step = *p < 0x80 ? 1 :
		    (size_t)(g_utf8_next_char((const char *)p) -
		    (const char *)p);
		if (is_unsafe(c))
			escape(out, p, step);
		else if (c == '\\')
			g_string_append(out, "\\\\");
		else
			g_string_append_len(out, (const char *)p,
			    (gssize)step);
		p += step;
	}
}

char *
ms_quote_string(const char *text)
{
	GString *out;

	if (!text)
		return NULL;
	out = g_string_sized_new(64);
	ms_quote_append(out, text, strlen(text));
	return g_string_free(out, FALSE);
}

/* Bytes of the escape at TEXT, of which SIZE are there; what it stands for is
 * then in *BYTE. 0: it is none. */
static size_t
unescape(const char *text, size_t size, char *byte)
{
	int high, low;

	if (size >= 2 && text[1] == '\\') {
		*byte = '\\';
		return 2;
	}
	if (size < 4 || text[1] != 'x')
		return 0;
	high = g_ascii_xdigit_value(text[2]);
	low = g_ascii_xdigit_value(text[3]);
	if (high < 0 || low < 0)
		return 0;
	*byte = (char)(high << 4 | low);
	return 4;
}

bool
ms_quote_undo(GString *out, const void *text, size_t size)
{
	const char *p = text, *end = p + size;

	while (p < end) {
		const char *backslash = memchr(p, '\\', (size_t)(end - p));
		const char *stop = backslash ? backslash : end;
		size_t step;
		char byte;

		g_string_append_len(out, p, stop - p);
		p = stop;
		if (p == end)
			break;
		step = unescape(p, (size_t)(end - p), &byte);
		if (step == 0)
			return false;
		g_string_append_c(out, byte);
		p += step;
	}
	return true;
}
