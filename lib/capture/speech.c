#include "capture/speech.h"

#include "capture/utter.h"

#include <string.h>

/* What of a line is looked at. */
#define START 64

enum place {
	COMMANDS,
	ASKED,			/* the client said DATA */
	CONTENT
};

struct ms_speech {
	struct ms_utter utter;
	bool blind;
	enum place place;
	bool quit;		/* the client did */
	bool partial;		/* the server's last line was "250-..." */
	bool greeting;		/* 220 is awaited, and begins nothing */
	bool starttls;		/* and TLS begins after it */
	bool secure_next, gap_next;
	bool torn;		/* something of this content is missing */
	int64_t time_us;	/* of raw bytes */
	uint64_t skipped, first_skipped;
	/* the line that is being said */
	struct ms_said said;
	unsigned char start[START];
	size_t started;
	bool longer;		/* than START */
};

struct ms_speech *
ms_speech_new(struct ms_desk *desk, bool blind)
{
	struct ms_speech *speech = g_new0(struct ms_speech, 1);

	ms_utter_init(&speech->utter, desk);
	speech->blind = blind;
	speech->time_us = -1;
	return speech;
}

void
ms_speech_free(struct ms_speech *speech)
{
	if (!speech)
		return;
	ms_utter_clear(&speech->utter);
	g_free(speech);
}

struct ms_dialogue *
ms_speech_dialogue(struct ms_speech *speech)
{
	return speech->utter.dialogue;
}

static bool
is_verb(const struct ms_speech *speech, const char *verb)
{
	size_t size = strlen(verb);

	return speech->started >= size &&
	    g_ascii_strncasecmp((const char *)speech->start, verb,
		size) == 0 &&
	    (speech->started == size || speech->start[size] == ' ' ||
		speech->start[size] == '\t');
}

/* The client said a line. */
static void
heard_client(struct ms_speech *speech)
{
	if (speech->place == CONTENT) {
		if (!speech->longer && speech->started == 1 &&
		    speech->start[0] == '.')
			speech->place = COMMANDS;
		return;
	}
	speech->place = is_verb(speech, "DATA") ? ASKED : COMMANDS;
	speech->quit = is_verb(speech, "QUIT");
	speech->starttls = is_verb(speech, "STARTTLS");
	speech->greeting = speech->starttls || is_verb(speech, "XCLIENT");
	if (speech->blind && is_verb(speech, "BDAT"))
		speech->gap_next = true;
}

/* Does LINE begin with CODE, three digits that are a whole word? */
static bool
is_code(const unsigned char *line, size_t size, const char *code)
{
	return size >= 3 && memcmp(line, code, 3) == 0 &&
	    (size == 3 || line[3] == ' ' || line[3] == '-');
}

/* The server said a line. */
static void
heard_server(struct ms_speech *speech)
{
	speech->partial = speech->started > 3 && speech->start[3] == '-';
	/* What ended this content may be what is missing. */
	if (speech->place == CONTENT && speech->torn)
		speech->place = COMMANDS;
	if (speech->place == ASKED &&
	    is_code(speech->start, speech->started, "354")) {
		speech->place = speech->blind ? COMMANDS : CONTENT;
		speech->gap_next = speech->blind;
		speech->torn = false;
	}
	if (speech->partial)
		return;
	if (speech->starttls &&
	    is_code(speech->start, speech->started, "220"))
		speech->secure_next = true;
	if (speech->starttls || speech->greeting)
		speech->starttls = speech->greeting = false;
}

/* What has to be there before SIDE says more. */
static enum ms_status
before(struct ms_speech *speech, enum ms_side side, int64_t time_us,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;

	/* Without replies nobody says that DATA was answered. */
	if (side == MS_SIDE_CLIENT && speech->place == ASKED &&
	    !speech->utter.dialogue->heard[MS_SIDE_SERVER] && !speech->blind)
		speech->place = CONTENT;
	if (speech->secure_next)
		status = ms_utter_secure(&speech->utter, time_us, err);
	if (status == MS_OK && speech->gap_next)
		status = ms_utter_gap(&speech->utter, MS_SIDE_CLIENT,
		    time_us, 0, err);
	speech->secure_next = speech->gap_next = false;
	return status;
}

/* Say SIZE bytes of the line, and its end if it was the last of them. */
static enum ms_status
say(struct ms_speech *speech, const void *data, size_t size,
    const struct ms_piece *piece, struct ms_error *err)
{
	const struct ms_said *said = &speech->said;
	bool bare = said->bare && piece->ending == MS_TEXTLINES_LF;
	size_t room = START - speech->started;
	enum ms_status status;

	memcpy(speech->start + speech->started, data, MIN(room, size));
	speech->started += MIN(room, size);
	speech->longer |= size > room;
	status = ms_utter_say(&speech->utter, said->side, said->time_us, data,
	    size, err);
	if (status != MS_OK || !piece->last)
		return status;
	if (said->side == MS_SIDE_CLIENT)
		heard_client(speech);
	else
		heard_server(speech);
	return ms_utter_say(&speech->utter, said->side, said->time_us,
	    bare ? "\n" : "\r\n", bare ? 1 : 2, err);
}

enum ms_status
ms_speech_say(struct ms_speech *speech, const struct ms_said *said,
    struct ms_error *err)
{
	enum ms_status status;

	speech->said = *said;
	speech->started = 0;
	speech->longer = false;
	status = before(speech, said->side, said->time_us, err);
	return status == MS_OK ?
	    say(speech, said->data, said->size, said->piece, err) : status;
}

enum ms_status
ms_speech_more(struct ms_speech *speech, const struct ms_piece *piece,
    struct ms_error *err)
{
	return say(speech, piece->data, piece->size, piece, err);
}

void
ms_speech_at(struct ms_speech *speech, int64_t time_us)
{
	speech->time_us = time_us;
}

enum ms_status
ms_speech_raw(struct ms_speech *speech, enum ms_side side, const void *data,
    size_t size, struct ms_error *err)
{
	return ms_utter_say(&speech->utter, side, speech->time_us, data, size,
	    err);
}

enum ms_status
ms_speech_gap(struct ms_speech *speech, enum ms_side side, int64_t time_us,
    struct ms_error *err)
{
	speech->torn |= side == MS_SIDE_CLIENT;
	return ms_utter_gap(&speech->utter, side, time_us, 0, err);
}

enum ms_status
ms_speech_end(struct ms_speech *speech, enum ms_side side, int64_t time_us,
    struct ms_error *err)
{
	const struct ms_turn end = {
		.kind = MS_TURN_END, .side = side, .time_us = time_us,
	};
	enum ms_status status;

	speech->secure_next = false;
	status = before(speech, MS_SIDE_SERVER, time_us, err);
	return status == MS_OK ? ms_utter_end(&speech->utter, &end, err) :
	    status;
}

enum ms_status
ms_speech_secure(struct ms_speech *speech, int64_t time_us,
    struct ms_error *err)
{
	speech->secure_next = true;
	speech->starttls = speech->greeting = false;
	return before(speech, MS_SIDE_SERVER, time_us, err);
}

enum ms_status
ms_speech_skip(struct ms_speech *speech, struct ms_error *err)
{
	if (speech->skipped++ == 0)
		speech->first_skipped = ms_desk_line(speech->utter.desk);
	return speech->place == CONTENT ?
	    ms_speech_gap(speech, MS_SIDE_CLIENT, -1, err) : MS_OK;
}

bool
ms_speech_is_new(const struct ms_speech *speech, enum ms_side side,
    const void *line, size_t size)
{
	static const char *const greetings[] = { "EHLO ", "HELO ", "LHLO " };

	if (speech->place == CONTENT)
		return false;
	if (side == MS_SIDE_SERVER)
		return speech->utter.dialogue->heard[MS_SIDE_SERVER] &&
		    !speech->partial && !speech->greeting &&
		    is_code(line, size, "220");
	for (size_t i = 0; i < G_N_ELEMENTS(greetings); i++)
		if (size > 5 && g_ascii_strncasecmp(line, greetings[i],
		    5) == 0)
			return speech->quit;
	return false;
}

bool
ms_speech_in_content(const struct ms_speech *speech)
{
	return speech->place == CONTENT;
}

bool
ms_speech_any(const struct ms_speech *speech)
{
	return ms_utter_any(&speech->utter);
}

/* What is to be said about it when it is over. */
static enum ms_status
close_with(struct ms_speech *speech, const char *cut, struct ms_error *err)
{
	struct ms_utter *utter = &speech->utter;
	enum ms_status status = before(speech, MS_SIDE_SERVER, -1, err);
	char text[160];

	for (int side = 0; cut && side < MS_SIDES && status == MS_OK; side++)
		status = ms_utter_gap(utter, (enum ms_side)side, -1, 0, err);
	if (status == MS_OK && cut)
		status = ms_utter_note(utter, MS_SIDE_CLIENT, -1, cut, err);
	if (status != MS_OK || speech->skipped == 0)
		return status;
	(void)g_snprintf(text, sizeof text, "%" G_GUINT64_FORMAT
	    " lines are not part of the dialogue, the first is line "
	    "%" G_GUINT64_FORMAT, speech->skipped, speech->first_skipped);
	return ms_utter_note(utter, MS_SIDE_CLIENT, -1, text, err);
}

enum ms_status
ms_speech_done(struct ms_speech *speech, const char *cut,
    struct ms_error *err)
{
	enum ms_status status = MS_OK, last;

	speech->secure_next = false;
	if (ms_speech_any(speech))
		status = close_with(speech, cut, err);
	last = ms_utter_done(&speech->utter, err);
	ms_speech_free(speech);
	return status == MS_OK ? last : status;
}
