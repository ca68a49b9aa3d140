#include "message/charset.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

/* No charset has a longer name. */
#define NAME_MAX_SIZE 40

bool
ms_charset_is_usual(const char *name)
{
	static const char *const names[] = { "utf-8", "utf8", "us-ascii",
		"ascii" };

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (g_ascii_strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

/* The same, or is nothing said? */
static bool
is_usual(const char *name)
{
	return *name == '\0' || ms_charset_is_usual(name);
}

/* Those in which each byte of ASCII is itself, wherever it stands. */
static bool
is_plain(const char *name)
{
	static const char *const begins[] = { "iso-8859-", "windows-125",
		"koi8-" };

	for (size_t i = 0; i < G_N_ELEMENTS(begins); i++)
		if (g_ascii_strncasecmp(name, begins[i],
		    strlen(begins[i])) == 0)
			return true;
	return is_usual(name);
}

/* "//" and what may follow it are for iconv, not for charsets. */
static bool
is_name(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!g_ascii_isalnum(text[i]) && !strchr("-_.:+()", text[i]))
			return false;
	return length <= NAME_MAX_SIZE;
}

GIConv
ms_charset_open(const char *name)
{
	const size_t size = strlen(name);

	return size == 0 || !is_name(name, size) ? (GIConv)-1 :
	    g_iconv_open("UTF-8", name);
}

void
ms_charset_convert(GIConv cd, const void *data, size_t size,
    const struct ms_charset_taker *taker)
{
	/* Read only: the cast leads to no write. */
	char *in = (char *)(uintptr_t)data;
	gsize left = size;
	char block[4096];
	bool on = true;

	while (on && left > 0) {
		char *to = block;
		gsize room = sizeof block;
		gsize r = g_iconv(cd, &in, &left, &to, &room);

		on = taker->take(taker->arg, block, sizeof block - room);
		if (r != (gsize)-1 || errno == E2BIG)
			continue;
		if (errno != EILSEQ)
			return;
		in++;
		left--;
		on = on && taker->take(taker->arg, taker->instead,
		    strlen(taker->instead));
	}
}

static bool
append(void *arg, const char *text, size_t size)
{
	g_string_append_len(arg, text, (gssize)size);
	return true;
}

void
ms_charset_append(struct ms_charset_way *way, const char *charset,
    size_t length, const char *data, size_t size, GString *out)
{
	char name[NAME_MAX_SIZE + 1] = "";
	GIConv cd = (GIConv)-1;
	const bool known = is_name(charset, length);

	if (known)
		memcpy(name, charset, length);
	way->differs |= !known || !is_plain(name);
	if (way->how != MS_CHARSET_NONE && known && !is_usual(name))
		cd = g_iconv_open("UTF-8", name);
	if (way->how != MS_CHARSET_NONE && cd == (GIConv)-1 && !(known &&
	    is_plain(name))) {
		way->unknown = true;
		if (way->how == MS_CHARSET_EBCDIC)
			cd = g_iconv_open("UTF-8", "IBM037");
	}
	if (cd == (GIConv)-1) {
		g_string_append_len(out, data, (gssize)size);
		return;
	}
	ms_charset_convert(cd, data, size, &(const struct ms_charset_taker){
	    append, out, "" });
	(void)g_iconv_close(cd);
}

bool
ms_charset_differs(enum ms_charset_how how,
    const struct ms_charset_way *first)
{
	return (how != MS_CHARSET_NONE || first->differs) &&
	    (how != MS_CHARSET_EBCDIC || first->unknown);
}

/* Add TEXT, which is taken, unless it is empty. */
static void
add(char *text, GPtrArray *readings)
{
	if (*text != '\0')
		g_ptr_array_add(readings, text);
	else
		g_free(text);
}

void
ms_charset_add(const char *text, size_t length, GPtrArray *readings)
{
	GString *rest;

	add(g_strndup(text, length), readings);
	if (!memchr(text, '\0', length))
		return;
	rest = g_string_new(NULL);
	for (size_t i = 0; i < length; i++)
		if (text[i] != '\0')
			g_string_append_c(rest, text[i]);
	add(g_string_free(rest, FALSE), readings);
}
