#include "capture/sinkdump.h"

#include "capture/speech.h"
#include "message/date.h"

#include <string.h>

#define FIELD_MAX ((size_t)8192)

enum place {
	BETWEEN,		/* before the first */
	ENVELOPE,		/* X-Client-Addr has been seen */
	RECEIVED,
	MESSAGE
};

struct state {
	struct ms_desk *desk;
	struct ms_speech *speech;
	enum place place;
	bool crlf;		/* the file's lines all end so */
	uint64_t empty;		/* lines that may be the last of a message */
	GString *held;		/* "X-Client-Addr: ..." within a message: the
				 * next line tells what it is */
	char proto[5];
	GString *commands;	/* that are said when the time is known */
};

static const char first[] = "X-Client-Addr: ";
static const char second[] = "X-Client-Proto: ";

/* The protocol that LINE names, or NULL. */
static const char *
proto_of(const struct ms_piece *line)
{
	static const char *const protos[] = { "ESMTP", "SMTP", "LMTP" };
	size_t skip = sizeof second - 1;

	if (!ms_textlines_starts(line, second))
		return NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(protos); i++)
		if (line->size == skip + strlen(protos[i]) &&
		    memcmp(line->data + skip, protos[i],
			line->size - skip) == 0)
			return protos[i];
	return NULL;
}

static bool
detect(const unsigned char *head, size_t size)
{
	struct ms_piece line;

	return ms_textlines_cut(&head, &size, &line) &&
	    ms_textlines_starts(&line, first) &&
	    ms_textlines_cut(&head, &size, &line) && proto_of(&line) &&
	    ms_textlines_cut(&head, &size, &line) &&
	    (ms_textlines_starts(&line, "X-Helo-Args: ") ||
		ms_textlines_starts(&line, "X-Mail-Args: "));
}

static void *
begin(struct ms_desk *desk)
{
	struct state *state = g_new0(struct state, 1);

	state->desk = desk;
	state->held = g_string_new(NULL);
	state->commands = g_string_new(NULL);
	return state;
}

/* Say BYTES as they are, at the mail's time. */
static enum ms_status
say(struct state *state, const void *bytes, size_t size,
    struct ms_error *err)
{
	return ms_speech_raw(state->speech, MS_SIDE_CLIENT, bytes, size, err);
}

/* The message ends here, and with it the dialogue. WHOLE: as it should. */
static enum ms_status
end_message(struct state *state, bool whole, const char *cut,
    struct ms_error *err)
{
	struct ms_speech *speech = state->speech;
	enum ms_status status = MS_OK;

	if (!speech)
		return MS_OK;
	if (state->place == MESSAGE && whole)
		status = say(state, ".\r\n", 3, err);
	else
		status = ms_speech_gap(speech, MS_SIDE_CLIENT, -1, err);
	state->speech = NULL;
	state->place = BETWEEN;
	if (status == MS_OK)
		return ms_speech_done(speech, cut, err);
	ms_speech_free(speech);
	return status;
}

/* A dump begins with the client's address. */
static void
start(struct state *state, const char *address, size_t size)
{
	struct ms_dialogue *dialogue;

	state->speech = ms_speech_new(state->desk, false);
	dialogue = ms_speech_dialogue(state->speech);
	if (size > 5 && g_ascii_strncasecmp(address, "ipv6:", 5) == 0)
		dialogue->client = g_strdup_printf("[%.*s]", (int)size - 5,
		    address + 5);
	else if (size > 0)
		dialogue->client = g_strndup(address, size);
	state->place = ENVELOPE;
	state->empty = 0;
	g_string_truncate(state->commands, 0);
}

/* The command that an envelope line stands for; false: it is none. */
static bool
take_envelope(struct state *state, const struct ms_piece *line)
{
	static const struct {
		const char *name, *command;
	} fields[] = {
		{ "X-Helo-Args: ", NULL },
		{ "X-Mail-Args: ", "MAIL FROM:" },
		{ "X-Rcpt-Args: ", "RCPT TO:" },
	};
	const char *proto = proto_of(line);

	if (proto) {
		(void)g_strlcpy(state->proto, proto[0] == 'E' ? "EHLO" :
		    proto[0] == 'L' ? "LHLO" : "HELO", sizeof state->proto);
		return true;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		size_t skip = strlen(fields[i].name);

		if (!ms_textlines_starts(line, fields[i].name))
			continue;
		g_string_append_printf(state->commands, "%s%s",
		    fields[i].command ? fields[i].command : state->proto,
		    fields[i].command ? "" : " ");
		g_string_append_len(state->commands,
		    (const char *)line->data + skip,
		    (gssize)(line->size - skip));
		g_string_append(state->commands, "\r\n");
		return true;
	}
	return false;
}

/* The third line of the Received field is the time. */
static enum ms_status
take_received(struct state *state, const struct ms_piece *line,
    struct ms_error *err)
{
	char *text;
	int64_t seconds;

	if (line->size == 0 || line->data[0] != '\t')
		return MS_OK;
	if (ms_textlines_starts(line, "\tby "))
		return MS_OK;
	text = g_strndup((const char *)line->data, MIN(line->size, 200));
	seconds = ms_date_parse(text);
	g_free(text);
	ms_speech_at(state->speech, seconds < 0 ? -1 : seconds * 1000000);
	state->place = MESSAGE;
	g_string_append(state->commands, "DATA\r\n");
	return say(state, state->commands->str, state->commands->len, err);
}

/* Say the lines that were held back: they were part of the message. */
static enum ms_status
release_held(struct state *state, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	for (; state->empty > 0 && status == MS_OK; state->empty--)
		status = say(state, "\r\n", 2, err);
	if (status == MS_OK && state->held->len > 0) {
		g_string_append(state->held, "\r\n");
		status = say(state, state->held->str, state->held->len, err);
	}
	g_string_truncate(state->held, 0);
	return status;
}

static enum ms_status
take_message(struct state *state, const struct ms_piece *line,
    struct ms_error *err)
{
	bool one = line->first && line->last;
	enum ms_status status;
	char *address;

	if (state->held->len > 0 && one && proto_of(line)) {
		size_t skip = sizeof first - 1;

		address = g_strndup(state->held->str + skip,
		    state->held->len - skip);
		g_string_truncate(state->held, 0);
		/* The last empty line is smtp-sink's. */
		state->empty--;
		status = release_held(state, err);
		if (status == MS_OK)
			status = end_message(state, true, NULL, err);
		start(state, address, strlen(address));
		ms_speech_dialogue(state->speech)->position--;
		(void)take_envelope(state, line);
		g_free(address);
		return status;
	}
	if (one && line->size == 0) {
		status = state->held->len > 0 ? release_held(state, err) :
		    MS_OK;
		state->empty++;
		return status;
	}
	if (one && state->empty > 0 && state->held->len == 0 &&
	    line->size < FIELD_MAX && ms_textlines_starts(line, first) &&
	    !memchr(line->data, '\0', line->size)) {
		g_string_append_len(state->held, (const char *)line->data,
		    (gssize)line->size);
		return MS_OK;
	}
	status = release_held(state, err);
	if (status == MS_OK && line->first && line->size > 0 &&
	    line->data[0] == '.')
		status = say(state, ".", 1, err);
	if (status == MS_OK)
		status = say(state, line->data, line->size, err);
	return status == MS_OK && line->last ?
	    say(state, "\r\n", 2, err) : status;
}

/* A line before the message. */
static enum ms_status
take_head(struct state *state, const struct ms_piece *line,
    struct ms_error *err)
{
	bool whole = line->first && line->last && line->size < FIELD_MAX;
	enum ms_status status;

	if (state->place == BETWEEN && whole &&
	    ms_textlines_starts(line, first)) {
		start(state, (const char *)line->data + sizeof first - 1,
		    MIN(line->size - sizeof first + 1, 256));
		return MS_OK;
	}
	if (state->place == BETWEEN)	/* of -S, or nothing of ours */
		return MS_OK;
	if (state->place == RECEIVED && whole)
		return take_received(state, line, err);
	if (whole && take_envelope(state, line) &&
	    state->commands->len < MS_TEXTLINES_PIECE)
		return MS_OK;
	if (whole && ms_textlines_starts(line, "Received: from ")) {
		state->place = RECEIVED;
		return MS_OK;
	}
	ms_desk_complain(state->desk, "no field of an smtp-sink dump");
	status = say(state, state->commands->str, state->commands->len, err);
	return status == MS_OK ? end_message(state, false, NULL, err) :
	    status;
}

static enum ms_status
line(void *arg, const struct ms_piece *piece, struct ms_error *err)
{
	struct state *state = arg;
	struct ms_piece rest = *piece;
	enum ms_status status;

	if (piece->number == 1 && piece->last)
		state->crlf = piece->ending == MS_TEXTLINES_CRLF;
	if (state->place != MESSAGE)
		return take_head(state, piece, err);
	/* In a file whose lines end in LF, a carriage return was sent. */
	if (piece->ending != MS_TEXTLINES_CRLF || state->crlf)
		return take_message(state, &rest, err);
	rest.last = false;
	status = take_message(state, &rest, err);
	return status == MS_OK ? say(state, "\r\r\n", 3, err) : status;
}

static enum ms_status
finish(void *arg, const char *cut, struct ms_error *err)
{
	struct state *state = arg;
	bool whole = !cut && state->place == MESSAGE && state->empty > 0 &&
	    state->held->len == 0;
	enum ms_status status = MS_OK;

	if (whole)
		state->empty--;
	if (state->place == MESSAGE)
		status = release_held(state, err);
	else if (state->speech)
		status = say(state, state->commands->str,
		    state->commands->len, err);
	return status == MS_OK ? end_message(state, whole, cut, err) : status;
}

static void
release(void *arg)
{
	struct state *state = arg;

	ms_speech_free(state->speech);
	g_string_free(state->held, TRUE);
	g_string_free(state->commands, TRUE);
	g_free(state);
}

const struct ms_form ms_sinkdump = { detect, begin, line, finish, release };
