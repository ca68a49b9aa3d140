#ifndef MS_CHARSET_H
#define MS_CHARSET_H

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * Text that a header says is in some charset. Mail programs know different
 * ones, and show what they do not know as it is, so whoever asks whether a
 * text is bad has to look at each way to read it.
 */

enum ms_charset_how {
	MS_CHARSET_DECLARED,	/* in the charset that is declared */
	MS_CHARSET_NONE,	/* as it is */
	MS_CHARSET_EBCDIC,	/* as the first, and as the charsets of IBM's
				 * large machines, which agree on letters,
				 * where that one is not known */
	MS_CHARSET_HOWS
};

/* A way to read texts, and what it was worth. */
struct ms_charset_way {
	enum ms_charset_how how;
	bool differs;		/* ASCII may not be what it seems in it: the
				 * text as it is would be another reading */
	bool unknown;		/* a charset is not known here */
};

/* Append the SIZE bytes at DATA, read by WAY, to OUT, in UTF-8 as far as that
 * can be had; bytes that are no character of CHARSET, of LENGTH bytes, are left
 * out. What it was worth is added to WAY. */
void ms_charset_append(struct ms_charset_way *way, const char *charset,
    size_t length, const char *data, size_t size, GString *out);

/* Can what is read in the way HOW be something else than what FIRST, the way
 * DECLARED, has given? */
bool ms_charset_differs(enum ms_charset_how how,
    const struct ms_charset_way *first);

/* Does NAME say that a text is UTF-8, or ASCII? */
bool ms_charset_is_usual(const char *name);

/* From NAME, and not what iconv takes for more than a name, to UTF-8: for
 * g_iconv_close(). (GIConv)-1: it is not known here. */
GIConv ms_charset_open(const char *name);

/* Who takes what is converted, piece by piece. */
struct ms_charset_taker {
	bool (*take)(void *arg, const char *text, size_t size);
					/* false: no more is wanted */
	void *arg;
	const char *instead;	/* of a byte that is no character */
};

/* Convert the SIZE bytes at DATA, by CD. */
void ms_charset_convert(GIConv cd, const void *data, size_t size,
    const struct ms_charset_taker *taker);

/* Append to READINGS, which frees with g_free(), what the LENGTH bytes at TEXT
 * are if a NUL ends them, and if it is passed over. */
void ms_charset_add(const char *text, size_t length, GPtrArray *readings);

#endif
