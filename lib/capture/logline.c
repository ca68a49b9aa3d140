#include "capture/logline.h"

#include "capture/stamp.h"

#include <glib.h>
#include <string.h>

/* What stands before the text is no longer. */
#define HEAD_MAX ((size_t)512)

/* Bytes of a time at TEXT, and of the blank after it; 0: there is none. */
static size_t
time_of(const char *text, size_t size, int64_t *time_us)
{
	static const char form[] = "Aaa .. ..:..:.. ";
	size_t used;

	*time_us = -1;
	if (ms_stamp_parse(text, size, time_us, &used) && used < size &&
	    text[used] == ' ')
		return used + 1;
	*time_us = -1;
	if (size < sizeof form - 1)
		return 0;
	for (size_t i = 0; i < sizeof form - 1; i++) {
		bool fits = form[i] == 'A' ? g_ascii_isupper(text[i]) :
		    form[i] == 'a' ? g_ascii_islower(text[i]) :
		    form[i] == '.' ? g_ascii_isdigit(text[i]) ||
			text[i] == ' ' : text[i] == form[i];

		if (!fits)
			return 0;
	}
	return sizeof form - 1;
}

/* Where "[123]: " or ": " ends the program's name. */
static const char *
colon_of(const char *at, const char *end)
{
	for (; at + 1 < end; at++) {
		if (at[0] == ':' && (at[1] == ' ' || at + 1 == end))
			return at;
		if (at[0] == ' ')
			return NULL;
	}
	return NULL;
}

bool
ms_logline(const struct ms_piece *piece, struct ms_logline *line)
{
	const char *text = (const char *)piece->data;
	const char *end = text + MIN(piece->size, HEAD_MAX);
	const char *program, *colon, *bracket, *space;
	size_t head = time_of(text, (size_t)(end - text), &line->time_us);

	line->who = program = text + head;
	if (head > 0) {
		space = memchr(program, ' ', (size_t)(end - program));
		if (!space)
			return false;
		program = space + 1;
	}
	colon = colon_of(program, end);
	if (!colon || colon == program)
		return false;
	line->who_size = (size_t)(colon - line->who);
	bracket = memchr(program, '[', (size_t)(colon - program));
	line->program = program;
	line->program_size = (size_t)((bracket ? bracket : colon) - program);
	line->text = *piece;
	ms_textlines_drop(&line->text, (size_t)(colon - text) + 2);
	return true;
}
