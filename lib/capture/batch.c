#include "capture/batch.h"

#include "capture/floor.h"

#include <string.h>

struct state {
	struct ms_floor floor;
	bool stream;
	bool begun;		/* a line was seen that was not empty */
	bool exact;		/* no line end is changed */
	enum ms_side side;
};

static bool
has_verb(const struct ms_piece *line, const char *verb)
{
	size_t size = strlen(verb);

	return line->size >= size && g_ascii_strncasecmp(
	    (const char *)line->data, verb, size) == 0;
}

static bool
is_greeting(const struct ms_piece *line)
{
	return line->size < 520 && (has_verb(line, "EHLO ") ||
	    has_verb(line, "HELO ") || has_verb(line, "LHLO "));
}

/* The first line that is not empty. */
static bool
first_line(const unsigned char **at, size_t *left, struct ms_piece *line)
{
	while (ms_textlines_cut(at, left, line))
		if (!ms_textlines_is_blank(line))
			return true;
	return false;
}

/* HELO perhaps, MAIL and RCPT, then DATA; nothing else between, but for what
 * changes nothing. */
static bool
detect_batch(const unsigned char *head, size_t size)
{
	static const char *const other[] = {
		"RSET", "NOOP", "VERB", "TICK ", "XFORWARD ", "XCLIENT ",
		"HELO ", "EHLO ", "LHLO ",
	};
	struct ms_piece line;
	bool mail = false, rcpt = false;

	if (!first_line(&head, &size, &line) ||
	    (!is_greeting(&line) && !has_verb(&line, "MAIL FROM:")))
		return false;
	do {
		size_t i;

		if (has_verb(&line, "MAIL FROM:"))
			mail = true;
		else if (mail && has_verb(&line, "RCPT TO:"))
			rcpt = true;
		else if (rcpt && line.size == 4 && has_verb(&line, "DATA"))
			return true;
		else {
			for (i = 0; i < G_N_ELEMENTS(other); i++)
				if (has_verb(&line, other[i]))
					break;
			if (i == G_N_ELEMENTS(other))
				return false;
		}
	} while (ms_textlines_cut(&head, &size, &line));
	return false;
}

/* Is LINE "250 ..." or "250-..."? */
static bool
is_reply(const struct ms_piece *line)
{
	return line->size >= 4 && line->data[0] >= '2' &&
	    line->data[0] <= '5' && g_ascii_isdigit(line->data[1]) &&
	    g_ascii_isdigit(line->data[2]) &&
	    (line->data[3] == ' ' || line->data[3] == '-');
}

/* A greeting and a command, or a greeting and a reply, in lines with CRLF. */
static bool
detect_stream(const unsigned char *head, size_t size)
{
	static const char *const verbs[] = {
		"MAIL FROM:", "AUTH ", "STARTTLS", "XCLIENT ", "XFORWARD ",
		"RSET", "NOOP", "EHLO ", "HELO ", "LHLO ", "QUIT", "VRFY ",
	};
	struct ms_piece line;
	bool server;

	if (!ms_textlines_cut(&head, &size, &line) ||
	    line.ending != MS_TEXTLINES_CRLF)
		return false;
	server = ms_textlines_starts(&line, "220 ") ||
	    ms_textlines_starts(&line, "220-");
	if ((!server && !is_greeting(&line)) ||
	    !ms_textlines_cut(&head, &size, &line) ||
	    line.ending != MS_TEXTLINES_CRLF)
		return false;
	if (server)
		return is_reply(&line);
	for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
		if (has_verb(&line, verbs[i]))
			return true;
	return false;
}

static void *
begin_batch(struct ms_desk *desk)
{
	struct state *state = g_new0(struct state, 1);

	state->floor.desk = desk;
	return state;
}

static void *
begin_stream(struct ms_desk *desk)
{
	struct state *state = begin_batch(desk);

	state->stream = state->exact = true;
	return state;
}

/* The first line that is not empty says how the rest is to be read. */
static void
set_out(struct state *state, const struct ms_piece *piece)
{
	state->begun = true;
	if (state->stream)
		state->side = is_reply(piece) ? MS_SIDE_SERVER :
		    MS_SIDE_CLIENT;
	else
		state->exact = piece->ending == MS_TEXTLINES_CRLF;
}

static enum ms_status
line(void *arg, const struct ms_piece *piece, struct ms_error *err)
{
	static const char *const endings[] = {
		[MS_TEXTLINES_NONE] = "", [MS_TEXTLINES_LF] = "\n",
		[MS_TEXTLINES_CRLF] = "\r\n",
	};
	struct state *state = arg;
	struct ms_said said = {
		.time_us = -1, .data = piece->data, .size = piece->size,
		.piece = piece, .bare = state->exact,
	};
	struct ms_piece open = *piece;
	struct ms_speech *speech;
	enum ms_status status;

	if (!state->begun) {
		if (!state->stream && piece->size == 0)
			return MS_OK;
		set_out(state, piece);
		said.bare = state->exact;
	}
	said.side = state->side;
	if (state->stream) {
		speech = ms_floor_speech(&state->floor);
		status = ms_speech_raw(speech, state->side, piece->data,
		    piece->size, err);
		return status != MS_OK || !piece->last ? status :
		    ms_speech_raw(speech, state->side,
			endings[piece->ending], strlen(endings[piece->ending]),
			err);
	}
	/* A file that does not end in a line end ends within a line. */
	open.last = piece->last && piece->ending != MS_TEXTLINES_NONE;
	said.piece = &open;
	if (!piece->first)
		return ms_floor_more(&state->floor, &open, err);
	return ms_floor_say(&state->floor, &said, err);
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
	g_free(state);
}

const struct ms_form ms_batch = {
	detect_batch, begin_batch, line, finish, release
};
const struct ms_form ms_batch_stream = {
	detect_stream, begin_stream, line, finish, release
};
