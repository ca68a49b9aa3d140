#include "capture/curllog.h"

#include "capture/floor.h"

#include <string.h>

struct state {
	struct ms_floor floor;
	char *server;		/* that the next dialogue is with */
};

/* Take what the progress meter wrote off the front of LINE: it ends in no
 * line feed. */
static void
take_meter(struct ms_piece *line)
{
	static const char meter[] = " 0123456789:-.kMGTPEd\r";
	size_t i = 0;

	if (line->size == 0 || (line->data[0] != '\r' && line->data[0] != ' '
	    && !g_ascii_isdigit(line->data[0])))
		return;
	while (i < line->size && line->data[i] != '\0' &&
	    strchr(meter, line->data[i]))
		i++;
	if (i < line->size && strchr("<>*{}", line->data[i]))
		ms_textlines_drop(line, i);
}

/* Take "< " or "> " off LINE. */
static bool
take_mark(struct ms_piece *line, enum ms_side *side)
{
	if (ms_textlines_starts(line, "> "))
		*side = MS_SIDE_CLIENT;
	else if (ms_textlines_starts(line, "< "))
		*side = MS_SIDE_SERVER;
	else
		return false;
	ms_textlines_drop(line, 2);
	return true;
}

/* curl speaks HTTP and more in the same way, but only SMTP's servers begin
 * with 220 and are answered so. */
static bool
detect(const unsigned char *head, size_t size)
{
	static const char *const verbs[] = { "EHLO ", "HELO ", "LHLO " };
	struct ms_piece line;
	enum ms_side side;
	bool first = true, greeted = false;

	while (ms_textlines_cut(&head, &size, &line)) {
		take_meter(&line);
		if (first && ms_textlines_starts(&line, "  % Total"))
			continue;
		if (!take_mark(&line, &side)) {
			if (first && line.size > 0 && line.data[0] != '*' &&
			    !ms_textlines_is_blank(&line) &&
			    !ms_textlines_starts(&line, "     "))
				return false;
			first &= !ms_textlines_starts(&line, "* ");
			continue;
		}
		first = false;
		if (side == MS_SIDE_SERVER) {
			greeted |= ms_textlines_starts(&line, "220");
			if (!greeted)
				return false;
			continue;
		}
		for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
			if (greeted && ms_textlines_starts(&line, verbs[i]))
				return true;
		return false;
	}
	return false;
}

static void *
begin(struct ms_desk *desk)
{
	struct state *state = g_new0(struct state, 1);

	state->floor.desk = desk;
	state->floor.blind = true;
	return state;
}

/* "Trying 192.0.2.1:25...", "Trying [2001:db8::1]:25..." */
static void
note_server(struct state *state, const struct ms_piece *line)
{
	const char *at = (const char *)line->data;
	const char *end = at + MIN(line->size, 256);
	const char *from = memmem(at, (size_t)(end - at), "Trying ", 7);
	const char *stop = from ? memmem(from, (size_t)(end - from), "...",
	    3) : NULL;

	g_free(state->server);
	state->server = stop && stop > from + 7 ?
	    g_strndup(from + 7, (size_t)(stop - from) - 7) : NULL;
}

/* "* ..." */
static enum ms_status
remark(struct state *state, const struct ms_piece *line, struct ms_error *err)
{
	struct ms_floor *floor = &state->floor;
	struct ms_piece rest = *line;
	enum ms_status status = MS_OK;

	ms_textlines_drop(&rest, 1);
	while (rest.size > 0 && rest.data[0] == ' ')
		ms_textlines_drop(&rest, 1);
	if (ms_textlines_starts(&rest, "Trying ")) {
		status = ms_floor_done(floor, NULL, err);
		note_server(state, line);
	} else if (ms_textlines_starts(&rest, "SSL connection using ")) {
		status = ms_speech_secure(ms_floor_speech(floor), -1, err);
	} else if (floor->speech &&
	    (ms_textlines_starts(&rest, "Closing connection") ||
	    ms_textlines_starts(&rest, "Connection #"))) {
		status = ms_floor_done(floor, NULL, err);
	}
	return status;
}

static enum ms_status
line(void *arg, const struct ms_piece *piece, struct ms_error *err)
{
	struct state *state = arg;
	struct ms_floor *floor = &state->floor;
	struct ms_piece rest = *piece;
	struct ms_said said = { .time_us = -1, .piece = piece };
	enum ms_status status;

	if (!piece->first)
		return ms_floor_more(floor, piece, err);
	floor->speaking = false;
	take_meter(&rest);
	if (ms_textlines_starts(&rest, "* "))
		return remark(state, &rest, err);
	/* What else there is, curl's standard output for example, is left
	 * out: it is printed once more, or is the content that is not. */
	if (!take_mark(&rest, &said.side))
		return MS_OK;
	said.data = rest.data;
	said.size = rest.size;
	status = ms_floor_say(floor, &said, err);
	if (status == MS_OK && state->server) {
		g_free(ms_speech_dialogue(floor->speech)->server);
		ms_speech_dialogue(floor->speech)->server = state->server;
		state->server = NULL;
	}
	return status;
}

static enum ms_status
finish(void *arg, const char *cut, struct ms_error *err)
{
	struct state *state = arg;

	return ms_floor_done(&state->floor, cut, err);
}

static void
release(void *arg)
{
	struct state *state = arg;

	ms_speech_free(state->floor.speech);
	g_free(state->server);
	g_free(state);
}

const struct ms_form ms_curllog = { detect, begin, line, finish, release };
