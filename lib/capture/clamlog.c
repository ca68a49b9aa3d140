#include "capture/clamlog.h"

#include "capture/choir.h"
#include "capture/logline.h"

#include <string.h>

#define CUT 79			/* bytes that are logged of a line */
#define ID_MAX 16

/* Take "100000: " off the text of LOG, and write its NAME, which has the
 * process in it. */
static bool
take_id(struct ms_logline *log, char **name)
{
	const unsigned char *text = log->text.data;
	size_t size = 0;

	if (log->program_size != 9 ||
	    memcmp(log->program, "clamsmtpd", 9) != 0)
		return false;
	while (size < MIN(log->text.size, ID_MAX) &&
	    g_ascii_isxdigit(text[size]))
		size++;
	if (size == 0 || log->text.size < size + 2 || text[size] != ':' ||
	    text[size + 1] != ' ')
		return false;
	*name = g_strdup_printf("%.*s %.*s", (int)log->who_size, log->who,
	    (int)size, (const char *)text);
	ms_textlines_drop(&log->text, size + 2);
	return true;
}

/* Take "CLIENT < " off TEXT. */
static bool
take_mark(struct ms_piece *text, enum ms_side *side)
{
	if (ms_textlines_starts(text, "CLIENT < "))
		*side = MS_SIDE_CLIENT;
	else if (ms_textlines_starts(text, "CLIENT > "))
		*side = MS_SIDE_SERVER;
	else
		return false;
	ms_textlines_drop(text, 9);
	return true;
}

static bool
detect(const unsigned char *head, size_t size)
{
	struct ms_piece piece;
	struct ms_logline log;
	enum ms_side side;
	bool first = true;
	char *name;

	while (ms_textlines_cut(&head, &size, &piece)) {
		if (ms_textlines_is_blank(&piece))
			continue;
		if (!ms_logline(&piece, &log)) {
			if (first)
				return false;
			continue;
		}
		/* Without a time, the first word is the program's name. */
		if (first && log.who == (const char *)piece.data &&
		    !ms_textlines_starts(&piece, "clamsmtpd"))
			return false;
		first = false;
		if (!take_id(&log, &name))
			continue;
		g_free(name);
		if (take_mark(&log.text, &side))
			return true;
	}
	return false;
}

static void *
begin(struct ms_desk *desk)
{
	return ms_choir_new(desk);
}

/* What is no SMTP line. */
static enum ms_status
event(struct ms_choir *choir, const char *name, const struct ms_logline *log,
    struct ms_error *err)
{
	static const char accepted[] = "accepted connection from: ";
	struct ms_speech *speech;
	enum ms_status status = MS_OK;

	if (ms_textlines_starts(&log->text, accepted)) {
		struct ms_piece rest = log->text;

		ms_textlines_drop(&rest, sizeof accepted - 1);
		status = ms_choir_start(choir, name, &speech, err);
		if (status == MS_OK && rest.size > 0 && rest.size < 256)
			ms_speech_dialogue(speech)->client = g_strndup(
			    (const char *)rest.data, rest.size);
	} else if (ms_textlines_starts(&log->text,
	    "CLIENT connection closed")) {
		speech = ms_choir_find(choir, name);
		if (speech && ms_speech_any(speech))
			status = ms_speech_end(speech, MS_SIDE_SERVER,
			    log->time_us, err);
		if (status == MS_OK)
			status = ms_choir_done(choir, name, err);
	}
	return status;
}

/* A line that was cut is said with a gap before its end. */
static enum ms_status
say(struct ms_choir *choir, const char *name, const struct ms_said *said,
    struct ms_error *err)
{
	static const struct ms_piece end = {
		.data = (const unsigned char *)"", .last = true,
		.ending = MS_TEXTLINES_LF,
	};
	struct ms_piece open = *said->piece;
	struct ms_said begun = *said;
	struct ms_speech *speech;
	enum ms_status status;

	if (said->size < CUT)
		return ms_choir_say(choir, name, said, err);
	open.last = false;
	begun.piece = &open;
	status = ms_choir_say(choir, name, &begun, err);
	if (status != MS_OK || !(speech = ms_choir_find(choir, name)))
		return status;
	status = ms_speech_gap(speech, said->side, said->time_us, err);
	return status == MS_OK ? ms_choir_more(choir, &end, err) : status;
}

static enum ms_status
line(void *state, const struct ms_piece *piece, struct ms_error *err)
{
	struct ms_choir *choir = state;
	struct ms_logline log;
	struct ms_said said = { .piece = piece };
	enum ms_status status;
	char *name;

	/* No line of this log is so long that it comes in pieces. */
	if (!piece->first || !piece->last || !ms_logline(piece, &log) ||
	    !take_id(&log, &name))
		return MS_OK;
	if (take_mark(&log.text, &said.side)) {
		said.time_us = log.time_us;
		said.data = log.text.data;
		said.size = log.text.size;
		status = say(choir, name, &said, err);
	} else {
		status = event(choir, name, &log, err);
	}
	g_free(name);
	return status;
}

static enum ms_status
finish(void *state, const char *cut, struct ms_error *err)
{
	return ms_choir_all_done(state, cut, err);
}

static void
release(void *state)
{
	ms_choir_free(state);
}

const struct ms_form ms_clamlog = { detect, begin, line, finish, release };
