#include "capture/maillog.h"

#include "capture/choir.h"
#include "capture/logline.h"

#include <string.h>

#define NAME_MAX_SIZE ((size_t)512)

/* Which way a line goes, and what of it was said. */
struct said_line {
	bool server;			/* it is our smtpd's log */
	bool out;			/* was written by the program */
	struct ms_piece text;
	const char *address;
	size_t address_size;
};

/* Is the program's last component NAME? */
static bool
is_program(const struct ms_logline *line, const char *name)
{
	size_t size = strlen(name);

	return line->program_size > size &&
	    memcmp(line->program + line->program_size - size, name,
		size) == 0 && line->program[line->program_size - size - 1] ==
		'/';
}

/* Is it Postfix that says it? */
static bool
is_ours(const struct ms_logline *line, bool *server)
{
	*server = is_program(line, "smtpd");
	return line->program_size > 7 &&
	    memcmp(line->program, "postfix", 7) == 0 &&
	    (*server || is_program(line, "smtp") || is_program(line, "lmtp"));
}

/* "host[addr]", perhaps with ":25", and END after it; what is before the
 * bracket is not empty, which tells it from a proxy's address. Returns what
 * is after END, NULL if it is not so. */
static const char *
peer(const struct ms_piece *text, const char **address, size_t *size)
{
	const char *at = (const char *)text->data;
	const char *end = at + MIN(text->size, NAME_MAX_SIZE);
	const char *open = memchr(at, '[', (size_t)(end - at));
	const char *close = open ? memchr(open, ']', (size_t)(end - open)) :
	    NULL;

	if (!close || open == at || memchr(at, ' ', (size_t)(open - at)))
		return NULL;
	*address = open + 1;
	*size = (size_t)(close - open) - 1;
	return close + 1;
}

/* ":25" at AT, or nothing. */
static const char *
port(const char *at, const char *end)
{
	const char *digit = at + 1;

	if (at == end || *at != ':')
		return at;
	while (digit < end && g_ascii_isdigit(*digit))
		digit++;
	return digit > at + 1 ? digit : at;
}

/* "< host[addr]: text" */
static bool
take_apart(const struct ms_logline *log, struct said_line *line)
{
	struct ms_piece rest = log->text;
	const char *at, *end = (const char *)rest.data + rest.size;

	if (!is_ours(log, &line->server) || (!ms_textlines_starts(&rest, "< ")
	    && !ms_textlines_starts(&rest, "> ")))
		return false;
	line->out = rest.data[0] == '>';
	ms_textlines_drop(&rest, 2);
	at = peer(&rest, &line->address, &line->address_size);
	if (!at)
		return false;
	at = port(at, end);
	if (at == end || *at != ':')
		return false;
	at += at + 1 < end && at[1] == ' ' ? 2 : 1;
	line->text = rest;
	ms_textlines_drop(&line->text, (size_t)(at - (const char *)rest.data));
	return true;
}

static bool
detect(const unsigned char *head, size_t size)
{
	struct ms_piece piece;
	struct ms_logline log;
	struct said_line line;
	bool first = true;

	while (ms_textlines_cut(&head, &size, &piece)) {
		if (ms_textlines_is_blank(&piece))
			continue;
		/* Every line has a time, and a program that says it. */
		if (!ms_logline(&piece, &log) || log.who ==
		    (const char *)piece.data) {
			if (first)
				return false;
			continue;
		}
		first = false;
		if (take_apart(&log, &line))
			return true;
	}
	return false;
}

static void *
begin(struct ms_desk *desk)
{
	return ms_choir_new(desk);
}

/* "192.0.2.1", "[2001:db8::1]", from what a log has between brackets. */
static char *
address_of(const char *text, size_t size)
{
	static const char tag[] = "IPv6:";
	size_t skip = size > sizeof tag && g_ascii_strncasecmp(text, tag,
	    sizeof tag - 1) == 0 ? sizeof tag - 1 : 0;

	text += skip;
	size -= skip;
	return memchr(text, ':', size) ?
	    g_strdup_printf("[%.*s]", (int)size, text) :
	    g_strndup(text, size);
}

static void
name_peer(struct ms_speech *speech, bool server, const char *address,
    size_t size)
{
	struct ms_dialogue *dialogue = ms_speech_dialogue(speech);
	char **name = server ? &dialogue->client : &dialogue->server;

	if (!*name)
		*name = address_of(address, size);
}

/* Does TEXT say that a connection begins, that it broke, or that it ended?
 * What comes after is PEER. */
static bool
says(const struct ms_piece *text, const char *what, struct ms_piece *peer)
{
	if (!ms_textlines_starts(text, what))
		return false;
	*peer = *text;
	ms_textlines_drop(peer, strlen(what));
	return true;
}

/* "Anonymous TLS connection established from ..." */
static bool
says_tls(const struct ms_piece *text)
{
	static const char words[] = "TLS connection established from ";

	return memmem(text->data, MIN(text->size, NAME_MAX_SIZE), words,
	    sizeof words - 1) != NULL;
}

/* What smtpd says of a connection, without an SMTP line. */
static enum ms_status
event(struct ms_choir *choir, const char *name, const struct ms_logline *log,
    struct ms_error *err)
{
	struct ms_speech *speech = ms_choir_find(choir, name);
	struct ms_piece rest;
	const char *address;
	size_t size;
	enum ms_status status = MS_OK;

	if (says(&log->text, "connect from ", &rest)) {
		status = ms_choir_start(choir, name, &speech, err);
		if (status == MS_OK && peer(&rest, &address, &size))
			name_peer(speech, true, address, size);
	} else if (!speech) {
		return MS_OK;
	} else if (says(&log->text, "disconnect from ", &rest)) {
		if (ms_speech_any(speech))
			status = ms_speech_end(speech, MS_SIDE_CLIENT,
			    log->time_us, err);
		if (status == MS_OK)
			status = ms_choir_done(choir, name, err);
	} else if (says_tls(&log->text)) {
		status = ms_speech_secure(speech, log->time_us, err);
	}
	return status;
}

static enum ms_status
line(void *state, const struct ms_piece *piece, struct ms_error *err)
{
	struct ms_choir *choir = state;
	struct ms_logline log;
	struct said_line line;
	struct ms_said said = { .piece = piece };
	struct ms_speech *speech;
	enum ms_status status;
	bool server;
	char *name;

	if (!piece->first)
		return ms_choir_more(choir, piece, err);
	if (!ms_logline(piece, &log) || !is_ours(&log, &server))
		return MS_OK;
	name = g_strndup(log.who, log.who_size);
	if (!take_apart(&log, &line)) {
		status = server ? event(choir, name, &log, err) : MS_OK;
		g_free(name);
		return status;
	}
	said.side = line.out == line.server ? MS_SIDE_SERVER : MS_SIDE_CLIENT;
	said.time_us = log.time_us;
	said.data = line.text.data;
	said.size = line.text.size;
	speech = ms_choir_find(choir, name);
	status = ms_choir_say(choir, name, &said, err);
	if (status == MS_OK) {
		/* Where nothing said that the connection began, it may have
		 * begun before the log. */
		if (!speech && line.server &&
		    said.side == MS_SIDE_CLIENT)
			ms_speech_dialogue(ms_choir_find(choir,
			    name))->begun = false;
		name_peer(ms_choir_find(choir, name), line.server,
		    line.address, line.address_size);
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

const struct ms_form ms_maillog = { detect, begin, line, finish, release };
