#include "message/lines.h"

#include <string.h>

bool
ms_lines_cut(const unsigned char *at, const unsigned char *end,
    struct ms_line *line)
{
	const unsigned char *eol;

	if (at == end)
		return false;
	eol = memchr(at, '\n', (size_t)(end - at));
	line->data = at;
	line->next = eol ? eol + 1 : end;
	line->size = (size_t)((eol ? eol : end) - at);
	if (line->size > 0 && at[line->size - 1] == '\r')
		line->size--;
	return true;
}

static const unsigned char *
find(const unsigned char *at, const unsigned char *end, int c)
{
	const unsigned char *found = at < end ?
	    memchr(at, c, (size_t)(end - at)) : NULL;

	return found ? found : end;
}

void
ms_lines_start(struct ms_lines *lines, const unsigned char *data, size_t size)
{
	lines->at = data;
	lines->end = data + size;
	lines->lf = find(data, lines->end, '\n');
	lines->cr = find(data, lines->end, '\r');
}

bool
ms_lines_next(struct ms_lines *lines, struct ms_line *line)
{
	const unsigned char *eol;

	if (lines->at == lines->end)
		return false;
	/* Each is searched for only when it has been passed, so that no byte
	 * is looked at twice for the same. */
	if (lines->lf < lines->at)
		lines->lf = find(lines->at, lines->end, '\n');
	if (lines->cr < lines->at)
		lines->cr = find(lines->at, lines->end, '\r');
	eol = lines->cr < lines->lf ? lines->cr : lines->lf;
	line->data = lines->at;
	line->size = (size_t)(eol - lines->at);
	if (eol < lines->end)
		eol += eol + 1 == lines->lf && *eol == '\r' ? 2 : 1;
	line->next = lines->at = eol > lines->end ? lines->end : eol;
	return true;
}

bool
ms_lines_is_blank(const struct ms_line *line)
{
	for (size_t i = 0; i < line->size; i++)
		if (line->data[i] > ' ' && line->data[i] != 127)
			return false;
	return true;
}
