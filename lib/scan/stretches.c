#include "scan/stretches.h"

#include "message/charset.h"
#include "scan/seen.h"

#include <glib.h>

#include <stdint.h>
#include <string.h>

/* Bytes of one stretch, besides what it shares with the one before. */
#define STRETCH ((size_t)32 << 10)
#define ROOM (STRETCH + MS_STRETCHES_OVERLAP)

struct stretches {
	char *room;		/* ROOM bytes, */
	size_t used;		/* so many of them used, */
	size_t from;		/* and so many of these shown before */
	bool utf8;		/* it is to be valid */
	bool over;
	struct ms_seen *seen;	/* NULL: all is shown as it is */
	ms_stretches_visit *visit;
	void *arg;
};

/* Where a character begins, at most a few bytes before AT. */
static size_t
align(const struct stretches *s, size_t at)
{
	for (int i = 0; s->utf8 && i < 3 && at > 0 && at < s->used &&
	    ((unsigned char)s->room[at] & 0xc0) == 0x80; i++)
		at--;
	return at;
}

/* Show what there is; MORE follows. */
static void
show(struct stretches *s, bool more)
{
	size_t size = more ? align(s, s->used - 1) : s->used;
	size_t keep;

	if (!s->utf8 || g_utf8_validate_len(s->room, size, NULL)) {
		s->over = !s->visit(s->arg, s->room, size, s->from, more);
	} else {
		/* What is put in place of what is wrong is longer. */
		char *before = g_utf8_make_valid(s->room, (gssize)s->from);
		char *rest = g_utf8_make_valid(s->room + s->from,
		    (gssize)(size - s->from));
		char *all = g_strconcat(before, rest, NULL);

		s->over = !s->visit(s->arg, all, strlen(all), strlen(before),
		    more);
		g_free(all);
		g_free(rest);
		g_free(before);
	}
	keep = align(s, size > MS_STRETCHES_OVERLAP ?
	    size - MS_STRETCHES_OVERLAP : 0);
	memmove(s->room, s->room + keep, s->used - keep);
	s->used -= keep;
	/* What begins in the overlap may have ended behind it: once more, but
	 * for a first byte that shows that this is no beginning. */
	s->from = 1;
	while (s->utf8 && s->from < s->used && s->from < 4 &&
	    ((unsigned char)s->room[s->from] & 0xc0) == 0x80)
		s->from++;
}

static void
feed(void *arg, const char *data, size_t size)
{
	struct stretches *s = arg;

	while (size > 0 && !s->over) {
		size_t n = MIN(size, ROOM - s->used);

		memcpy(s->room + s->used, data, n);
		s->used += n;
		data += n;
		size -= n;
		if (s->used == ROOM && size > 0)
			show(s, true);
	}
}

/* Bytes of the text, which may be shown as they are, or not. */
static void
take(struct stretches *s, const char *data, size_t size)
{
	if (!s->seen) {
		feed(s, data, size);
		return;
	}
	while (size > 0 && !s->over) {
		size_t n = MIN(size, STRETCH);

		ms_seen_feed(s->seen, data, n);
		data += n;
		size -= n;
	}
}

/* The same, as who converts has it. */
static bool
take_converted(void *arg, const char *data, size_t size)
{
	struct stretches *s = arg;

	take(s, data, size);
	return !s->over;
}

bool
ms_stretches(const unsigned char *data, size_t size, const char *charset,
    unsigned how, ms_stretches_visit *visit, void *arg)
{
	struct stretches s = { .utf8 = charset != NULL, .visit = visit,
		.arg = arg };
	GIConv cd = !charset || ms_charset_is_usual(charset) ? (GIConv)-1 :
	    ms_charset_open(charset);

	s.room = g_malloc(ROOM);
	if (how != 0)
		s.seen = ms_seen_new(how, feed, &s);
	if (cd == (GIConv)-1) {
		take(&s, (const char *)data, size);
	} else {
		ms_charset_convert(cd, data, size,
		    &(const struct ms_charset_taker){ take_converted, &s,
		    "?" });
		(void)g_iconv_close(cd);
	}
	if (s.seen && !s.over)
		ms_seen_end(s.seen);
	if (!s.over)
		show(&s, false);
	ms_seen_free(s.seen);
	g_free(s.room);
	return !s.over;
}
