#include "capture/sides.h"

#include "capture/floor.h"

#include <string.h>

/* Take the mark and the blank after it off LINE; false: it has none. */
static bool
marked(struct ms_piece *line, enum ms_side *side)
{
	size_t i = 0;

	while (i < line->size && (line->data[i] == ' ' ||
	    line->data[i] == '\t'))
		i++;
	if (line->size - i < 2 || line->data[i + 1] != ':' ||
	    (line->data[i] != 'C' && line->data[i] != 'S'))
		return false;
	if (line->size - i > 2 && line->data[i + 2] != ' ' &&
	    line->data[i + 2] != '\t')
		return false;
	*side = line->data[i] == 'C' ? MS_SIDE_CLIENT : MS_SIDE_SERVER;
	ms_textlines_drop(line, MIN(i + 3, line->size));
	return true;
}

static bool
detect(const unsigned char *head, size_t size)
{
	static const char *const first[][5] = {
		[MS_SIDE_CLIENT] = { "EHLO ", "HELO ", "LHLO " },
		[MS_SIDE_SERVER] = { "220 ", "220-", "554 ", "421 " },
	};
	struct ms_piece line;
	enum ms_side side;
	bool found = false;

	for (unsigned n = 0; n < 2 && ms_textlines_cut(&head, &size, &line);) {
		if (ms_textlines_is_blank(&line) || line.data[0] == '#')
			continue;
		if (!marked(&line, &side))
			return false;
		for (size_t i = 0; n == 0 && first[side][i]; i++)
			if (line.size >= strlen(first[side][i]) &&
			    g_ascii_strncasecmp((const char *)line.data,
				first[side][i], strlen(first[side][i])) == 0)
				found = true;
		if (!found)
			return false;
		n++;
	}
	return found;
}

static void *
begin(struct ms_desk *desk)
{
	struct ms_floor *floor = g_new0(struct ms_floor, 1);

	floor->desk = desk;
	return floor;
}

/* "<sends message>": what RFCs write for what they do not show. */
static bool
is_remark(const struct ms_piece *line)
{
	return line->size >= 2 && line->last && line->data[0] == '<' &&
	    line->data[line->size - 1] == '>';
}

static enum ms_status
line(void *state, const struct ms_piece *piece, struct ms_error *err)
{
	struct ms_floor *floor = state;
	struct ms_piece rest = *piece;
	struct ms_said said = { .time_us = -1, .piece = piece };

	if (!piece->first)
		return ms_floor_more(floor, piece, err);
	if (!marked(&rest, &said.side)) {
		floor->speaking = false;
		if (ms_textlines_is_blank(piece))
			return MS_OK;
		return ms_floor_skip(floor, err);
	}
	if (is_remark(&rest) && !(floor->speech &&
	    ms_speech_in_content(floor->speech)))
		return ms_floor_skip(floor, err);
	said.data = rest.data;
	said.size = rest.size;
	return ms_floor_say(floor, &said, err);
}

static enum ms_status
finish(void *state, const char *cut, struct ms_error *err)
{
	return ms_floor_done(state, cut, err);
}

static void
release(void *state)
{
	struct ms_floor *floor = state;

	ms_speech_free(floor->speech);
	g_free(floor);
}

const struct ms_form ms_sides = { detect, begin, line, finish, release };
