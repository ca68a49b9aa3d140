#include "capture/swaks.h"

#include "capture/floor.h"

#include <string.h>

/* The first four characters of a line. */
static const struct {
	char mark[5];
	enum ms_side side;
	bool tls;
} marks[] = {
	{ " -> ", MS_SIDE_CLIENT, false }, { "**> ", MS_SIDE_CLIENT, false },
	{ " ~> ", MS_SIDE_CLIENT, true }, { "*~> ", MS_SIDE_CLIENT, true },
	{ "<-  ", MS_SIDE_SERVER, false }, { "<** ", MS_SIDE_SERVER, false },
	{ "<~  ", MS_SIDE_SERVER, true }, { "<~* ", MS_SIDE_SERVER, true },
};

struct state {
	struct ms_floor floor;
	bool crlf;		/* lines of this content ended so */
	bool secure;
	char *server;		/* that the next dialogue is with */
};

/* The index of the mark that LINE begins with; swaks ends every line with
 * what it has to say, but others take blanks away. */
static size_t
mark_of(const struct ms_piece *line)
{
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(marks); i++) {
		size_t bare = strlen(marks[i].mark);

		while (marks[i].mark[bare - 1] == ' ')
			bare--;
		if (ms_textlines_starts(line, marks[i].mark) ||
		    (line->last && line->size == bare &&
			memcmp(line->data, marks[i].mark, bare) == 0))
			break;
	}
	return i;
}

static bool
detect(const unsigned char *head, size_t size)
{
	struct ms_piece line;
	bool first = true;

	while (ms_textlines_cut(&head, &size, &line)) {
		size_t i = mark_of(&line);

		if (i < G_N_ELEMENTS(marks) &&
		    marks[i].side == MS_SIDE_SERVER)
			return line.size > 6 &&
			    g_ascii_isdigit(line.data[4]) &&
			    g_ascii_isdigit(line.data[5]);
		if (ms_textlines_starts(&line, "*** ") ||
		    ms_textlines_is_blank(&line))
			continue;
		if (first && !ms_textlines_starts(&line, "=== "))
			return false;
		first = false;
	}
	return false;
}

static void *
begin(struct ms_desk *desk)
{
	struct state *state = g_new0(struct state, 1);

	state->floor.desk = desk;
	return state;
}

/* What LINE says after TEXT, without its last STRIP characters. */
static char *
after(const struct ms_piece *line, const char *text, size_t strip)
{
	size_t skip = strlen(text);

	if (line->size <= skip + strip || line->size > 1024)
		return NULL;
	return g_strndup((const char *)line->data + skip,
	    line->size - skip - strip);
}

/* "=== ..." */
static enum ms_status
remark(struct state *state, const struct ms_piece *line,
    struct ms_error *err)
{
	struct ms_floor *floor = &state->floor;
	enum ms_status status = MS_OK;

	if (ms_textlines_starts(line, "=== Trying ")) {
		status = ms_floor_done(floor, NULL, err);
		g_free(state->server);
		state->server = after(line, "=== Trying ", 3);
		state->secure = false;
	} else if (ms_textlines_starts(line, "=== TLS started")) {
		status = ms_speech_secure(ms_floor_speech(floor), -1, err);
		state->secure = true;
	} else if (ms_textlines_starts(line, "=== Connection closed") &&
	    floor->speech) {
		status = ms_speech_end(floor->speech, MS_SIDE_SERVER, -1,
		    err);
	}
	return status;
}

/* With --suppress-data: " -> 11 lines sent". */
static bool
is_suppressed(const struct ms_piece *line)
{
	size_t i = 0;

	while (i < line->size && g_ascii_isdigit(line->data[i]))
		i++;
	return i > 0 && line->size - i == 11 &&
	    memcmp(line->data + i, " lines sent", 11) == 0;
}

static enum ms_status
say(struct state *state, size_t mark, const struct ms_piece *piece,
    struct ms_error *err)
{
	struct ms_floor *floor = &state->floor;
	struct ms_piece rest = *piece;
	struct ms_said said = {
		.side = marks[mark].side, .time_us = -1, .piece = piece,
	};
	enum ms_status status = MS_OK;
	bool content, dot;

	ms_textlines_drop(&rest, MIN(rest.size, 4));
	said.data = rest.data;
	said.size = rest.size;
	if (marks[mark].tls && !state->secure) {
		state->secure = true;
		status = ms_speech_secure(ms_floor_speech(floor), -1, err);
	}
	content = floor->speech && said.side == MS_SIDE_CLIENT &&
	    ms_speech_in_content(floor->speech);
	dot = rest.size == 1 && rest.data[0] == '.';
	if (content && is_suppressed(&rest) && !state->crlf)
		return ms_speech_gap(floor->speech, MS_SIDE_CLIENT, -1, err);
	/* Mail is printed with the carriage returns that it was sent with,
	 * so that one that is not there was not sent. */
	said.bare = content && state->crlf && !dot;
	state->crlf = content && !dot &&
	    (state->crlf || piece->ending == MS_TEXTLINES_CRLF);
	if (status == MS_OK)
		status = ms_floor_say(floor, &said, err);
	if (status == MS_OK && state->server) {
		g_free(ms_speech_dialogue(floor->speech)->server);
		ms_speech_dialogue(floor->speech)->server = state->server;
		state->server = NULL;
	}
	return status;
}

static enum ms_status
line(void *arg, const struct ms_piece *piece, struct ms_error *err)
{
	struct state *state = arg;
	size_t mark;

	if (!piece->first)
		return ms_floor_more(&state->floor, piece, err);
	mark = mark_of(piece);
	if (mark < G_N_ELEMENTS(marks))
		return say(state, mark, piece, err);
	state->floor.speaking = false;
	if (ms_textlines_starts(piece, "=== "))
		return remark(state, piece, err);
	/* "  > " and "<   " are the same in hexadecimal. */
	if (ms_textlines_is_blank(piece) ||
	    ms_textlines_starts(piece, "*** ") ||
	    ms_textlines_starts(piece, "  > ") ||
	    ms_textlines_starts(piece, "<   "))
		return MS_OK;
	return ms_floor_skip(&state->floor, err);
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

const struct ms_form ms_swaks = { detect, begin, line, finish, release };
