#include "capture/veil.h"

#include "capture/conceal.h"
#include "capture/disguise.h"

#include <string.h>

enum mode { COMMANDS, CONTENT, CHUNK };

struct ms_veil {
	struct ms_disguise *disguise;
	struct ms_conceal *conceal;
	bool continued[MS_SIDES];	/* the line began earlier */
	bool secret;		/* the client's is a rest that must not be
				 * seen */
	enum mode mode;
	bool heard;		/* there is a server that answers */
	uint64_t asked, answered;
	uint64_t data;		/* the number of a DATA that waits; 0: none */
	bool auth;		/* an exchange goes on */
	bool at_line;		/* of content: what was before ended a line */
	bool gap;		/* in content */
	bool message;		/* chunks of one were sent, not the last */
	uint64_t chunk_left;
};

struct ms_veil *
ms_veil_new(void)
{
	struct ms_veil *veil = g_new0(struct ms_veil, 1);

	veil->disguise = ms_disguise_new();
	veil->conceal = ms_conceal_new(veil->disguise);
	return veil;
}

void
ms_veil_free(struct ms_veil *veil)
{
	if (!veil)
		return;
	ms_conceal_free(veil->conceal);
	ms_disguise_free(veil->disguise);
	g_free(veil);
}

/* Words of MAIL, RCPT and the like that are no address. */
static const char *const command_words[] = {
	"7bit", "8bitmime", "addr", "auth", "binarymime", "body", "by", "delay",
	"destaddr", "destport", "envid", "esmtp", "failure", "from", "full",
	"hdrs", "helo", "holdfor", "ident", "ipv4", "ipv6", "login",
	"mt-priority", "name", "never", "notify", "orcpt", "port", "proto",
	"remote", "requiretls", "ret", "reverse_name", "rfc822", "size", "smtp",
	"smtputf8", "source", "success", "tcp4", "tcp6", "tempunavail", "to",
	"unavailable", "unknown", "utf-8", NULL,
};

static const char *const mechanisms[] = {
	"anonymous", "cram-md5", "digest-md5", "external", "gssapi", "login",
	"ntlm", "oauthbearer", "plain", "scram-sha-1", "scram-sha-1-plus",
	"scram-sha-256", "scram-sha-256-plus", "xoauth2", NULL,
};

/* Words of replies: extensions, and what servers say to everybody. */
static const char *const reply_words[] = {
	"<cr>", "<crlf>", "<lf>", "8bitmime", "a", "accepted", "access", "addr",
	"address", "again", "ahead", "allowed", "already", "and", "anonymous",
	"as", "auth", "authentication", "bad", "binarymime", "body", "burl",
	"by", "bye", "bytes", "cannot", "chunking", "client", "closing",
	"command", "commands", "connection", "content", "cram-md5", "data",
	"deliverby", "delivered", "delivery", "denied", "destaddr", "destport",
	"digest-md5", "disabled", "dsn", "end", "ending", "enhancedstatuscodes",
	"enough", "enter", "error", "esmtp", "etrn", "exceeded", "exim", "expn",
	"external", "failed", "first", "for", "found", "from", "full",
	"futurerelease", "go", "greylisted", "gssapi", "hello", "helo", "help",
	"here", "host", "id", "ident", "in", "input", "invalid", "is", "it",
	"itself", "later", "limit", "limits", "line", "lmtp", "local", "login",
	"mail", "mailbox", "message", "mt-priority", "name", "need", "no",
	"not", "ntlm", "oauthbearer", "of", "ok", "okay", "on", "out",
	"permitted", "pipelining", "plain", "please", "policy", "port",
	"postfix", "proto", "queued", "quota", "rcpt", "ready", "received",
	"recipient", "recipients", "refused", "rejected", "relay", "relaying",
	"reply", "requested", "required", "requiretls", "reset", "reverse_name",
	"scram-sha-1", "scram-sha-256", "sender", "sendmail", "sequence",
	"server", "service", "session", "sessions", "size", "smtp", "smtputf8",
	"source", "spam", "start", "starttls", "still", "storage", "successful",
	"such", "syntax", "system", "table", "temporarily", "temporary",
	"terminating", "the", "this", "timeout", "tls", "to", "too",
	"transaction", "transmission", "try", "turn", "unable", "unavailable",
	"unknown", "unrecognized", "user", "valid", "verify", "virus", "vrfy",
	"was", "with", "xclient", "xforward", "xoauth2", "you", "your", NULL,
};

/* What only whoever said it may know. */
static void
mask(unsigned char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (text[i] != '=' && text[i] != '\r' && text[i] != '\n' &&
		    text[i] != ' ' && text[i] != '*')
			text[i] = 'A';
}

static size_t
skip_digits(const unsigned char *text, size_t size, size_t at)
{
	while (at < size && g_ascii_isdigit(text[at]))
		at++;
	return at;
}

/* Words of KEEP stay, and the number behind SIZE. */
static void
keep_words(const struct ms_veil *veil, unsigned char *text, size_t size,
    const char *const keep[])
{
	size_t from = 0, at = 0;

	for (; at + 5 <= size; at++) {
		if (g_ascii_strncasecmp((const char *)text + at, "size", 4) !=
		    0 || (text[at + 4] != '=' && text[at + 4] != ' ') ||
		    (at > 0 && text[at - 1] != ' '))
			continue;
		ms_disguise_words(veil->disguise, text + from,
		    at + 5 - from, keep);
		from = skip_digits(text, size, at + 5);
		at = from - 1;
	}
	ms_disguise_words(veil->disguise, text + from, size - from, keep);
}

/* The client. What follows a verb is for one of these. */
typedef void command_fn(struct ms_veil *veil, unsigned char *text,
    size_t size);

static void
do_words(struct ms_veil *veil, unsigned char *text, size_t size)
{
	ms_disguise_words(veil->disguise, text, size, NULL);
}

static void
do_parameters(struct ms_veil *veil, unsigned char *text, size_t size)
{
	keep_words(veil, text, size, command_words);
}

static void
do_mail(struct ms_veil *veil, unsigned char *text, size_t size)
{
	veil->message = false;
	do_parameters(veil, text, size);
}

static void
do_reset(struct ms_veil *veil, unsigned char *text, size_t size)
{
	veil->message = false;
	do_words(veil, text, size);
}

static void
begin_content(struct ms_veil *veil)
{
	veil->mode = CONTENT;
	veil->data = 0;
	veil->at_line = true;
	veil->gap = false;
	ms_conceal_begin(veil->conceal);
}

static void
do_data(struct ms_veil *veil, unsigned char *text, size_t size)
{
	do_words(veil, text, size);
	if (veil->heard)
		veil->data = veil->asked + 1;
	else
		begin_content(veil);
}

/* BDAT SIZE [LAST]: the chunk follows at once. */
static void
do_chunk(struct ms_veil *veil, unsigned char *text, size_t size)
{
	static const char *const last[] = { "last", NULL };
	size_t at = 0, end;
	uint64_t chunk = 0;
	bool is_last = false;

	while (at < size && text[at] == ' ')
		at++;
	end = skip_digits(text, size, at);
	for (; at < end; at++)
		chunk = chunk > UINT64_MAX / 10 - 1 ? UINT64_MAX :
		    chunk * 10 + (uint64_t)(text[at] - '0');
	if (!veil->message)
		ms_conceal_begin(veil->conceal);
	for (size_t i = end; i + 4 <= size; i++)
		is_last |= ms_disguise_known(text + i, 4, last);
	veil->message = !is_last;
	veil->chunk_left = chunk;
	if (chunk > 0)
		veil->mode = CHUNK;
	ms_disguise_words(veil->disguise, text + end, size - end, last);
}

static void
do_auth(struct ms_veil *veil, unsigned char *text, size_t size)
{
	size_t from = 0, to;

	while (from < size && text[from] == ' ')
		from++;
	to = from;
	while (to < size && text[to] > ' ')
		to++;
	if (!ms_disguise_known(text + from, to - from, mechanisms))
		to = from;
	mask(text + to, size - to);
	veil->auth = true;
	veil->secret = true;
}

static const struct {
	const char *verb;
	command_fn *rest;
} verbs[] = {
	{ "auth", do_auth }, { "bdat", do_chunk }, { "data", do_data },
	{ "ehlo", do_words }, { "etrn", do_words }, { "expn", do_words },
	{ "helo", do_words }, { "help", do_words }, { "lhlo", do_words },
	{ "mail", do_mail }, { "noop", do_words },
	{ "proxy", do_parameters }, { "quit", do_words },
	{ "rcpt", do_parameters }, { "rset", do_reset },
	{ "starttls", do_words }, { "turn", do_words },
	{ "vrfy", do_words }, { "xclient", do_parameters },
	{ "xforward", do_parameters },
};

/* The index of the verb that LINE begins with, or -1; *END is behind it. */
static int
find_verb(const unsigned char *line, size_t size, size_t *end)
{
	size_t n = 0;

	while (n < size && g_ascii_isalpha(line[n]))
		n++;
	*end = n;
	if (n < size && line[n] > ' ')
		return -1;
	for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
		if (strlen(verbs[i].verb) == n && g_ascii_strncasecmp(
		    verbs[i].verb, (const char *)line, n) == 0)
			return (int)i;
	return -1;
}

/* After DATA, before its reply: is it content that did not wait, or is it
 * commands? Only what says nothing stays. */
static void
redact_unclear(unsigned char *line, size_t size)
{
	size_t end, word = size;
	int verb = find_verb(line, size, &end);

	while (word > 0 && line[word - 1] <= ' ')
		word--;
	if (verb < 0 || end != word)
		ms_disguise_blank(line, size);
}

static void
redact_command(struct ms_veil *veil, unsigned char *line, size_t size)
{
	size_t end;
	int verb = find_verb(line, size, &end);

	veil->secret = false;
	if (veil->data > 0) {
		redact_unclear(line, size);
	} else if (veil->auth && veil->heard) {
		veil->secret = true;
		mask(line, size);
	} else if (verb < 0) {
		ms_disguise_words(veil->disguise, line, size, NULL);
	} else {
		veil->auth = false;
		verbs[verb].rest(veil, line + end, size - end);
	}
	veil->asked++;
}

/* Is this the line that ends content? */
static bool
is_end(const struct ms_veil *veil, const unsigned char *line,
    size_t size)
{
	if (!veil->at_line)
		return false;
	if (size == 3 && memcmp(line, ".\r\n", 3) == 0)
		return true;
	return !veil->heard && size == 2 && memcmp(line, ".\n", 2) == 0;
}

static void
redact_content(struct ms_veil *veil, unsigned char *line, size_t size,
    bool continued)
{
	if (!continued && veil->mode == CONTENT &&
	    is_end(veil, line, size)) {
		veil->mode = COMMANDS;
		veil->asked++;
		return;
	}
	ms_conceal_line(veil->conceal, line, size, continued);
	veil->at_line = size > 1 && line[size - 1] == '\n' &&
	    (line[size - 2] == '\r' || !veil->heard);
}

/* The server. */

/* The reply with this CODE is whole. */
static void
note_reply(struct ms_veil *veil, int code)
{
	if (veil->answered < veil->asked)
		veil->answered++;
	if (code != 334)
		veil->auth = false;
	if (veil->data > 0 && code == 354)
		begin_content(veil);
	else if (veil->data > 0 && veil->answered >= veil->data)
		veil->data = 0;
	else if (veil->mode == CONTENT && veil->gap && code != 354)
		veil->mode = COMMANDS;
}

/* The size of an enhanced status code at TEXT (RFC 3463), or 0. */
static size_t
enhanced_code(const unsigned char *text, size_t size)
{
	size_t at = 0;

	for (int part = 0; part < 3; part++) {
		size_t end;

		if (part > 0 && (at == size || text[at++] != '.'))
			return 0;
		end = skip_digits(text, size, at);
		if (end == at || end - at > (part == 0 ? 1 : 3))
			return 0;
		at = end;
	}
	return at == size || text[at] <= ' ' ? at : 0;
}

static void
redact_reply(struct ms_veil *veil, unsigned char *line, size_t size)
{
	size_t at = 4;
	int code;

	if (skip_digits(line, MIN(size, 4), 0) != 3 ||
	    (size > 3 && line[3] > ' ' && line[3] != '-')) {
		ms_disguise_words(veil->disguise, line, size, NULL);
		return;
	}
	code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0';
	if (size > 4)
		at += enhanced_code(line + 4, size - 4);
	if (at < size && code == 334)
		mask(line + at, size - at);
	else if (at < size)
		keep_words(veil, line + at, size - at, reply_words);
	if (size < 4 || line[3] != '-')
		note_reply(veil, code);
}

void
ms_veil_begin(struct ms_veil *veil, bool heard)
{
	memset(veil->continued, 0, sizeof veil->continued);
	veil->mode = COMMANDS;
	veil->heard = heard;
	veil->asked = veil->answered = veil->data = 0;
	veil->secret = veil->auth = veil->gap = veil->message = false;
}

size_t
ms_veil_room(const struct ms_veil *veil, enum ms_side side)
{
	return side == MS_SIDE_CLIENT && veil->mode == CHUNK ?
	    (size_t)veil->chunk_left : SIZE_MAX;
}

bool
ms_veil_is_between(const struct ms_veil *veil, enum ms_side side)
{
	return !veil->continued[side] &&
	    (side == MS_SIDE_SERVER || veil->mode == COMMANDS);
}

/* So much of the chunk was taken. */
static void
count_chunk(struct ms_veil *veil, uint64_t size)
{
	veil->chunk_left -= MIN(size, veil->chunk_left);
	if (veil->chunk_left == 0)
		veil->mode = COMMANDS;
}

void
ms_veil_line(struct ms_veil *veil, enum ms_side side, unsigned char *line,
    size_t size, bool ended)
{
	bool continued = veil->continued[side];

	veil->continued[side] = !ended;
	if (side == MS_SIDE_CLIENT && veil->mode != COMMANDS) {
		bool chunk = veil->mode == CHUNK;

		redact_content(veil, line, size, continued);
		if (chunk)
			count_chunk(veil, size);
		/* A command begins behind a chunk. */
		if (chunk && veil->mode == COMMANDS)
			veil->continued[side] = false;
	} else if (continued && side == MS_SIDE_CLIENT && veil->secret) {
		mask(line, size);
	} else if (continued) {
		ms_disguise_blank(line, size);
	} else if (side == MS_SIDE_CLIENT) {
		redact_command(veil, line, size);
	} else {
		redact_reply(veil, line, size);
	}
}

void
ms_veil_gap(struct ms_veil *veil, enum ms_side side, uint64_t size)
{
	veil->continued[side] = true;
	if (side != MS_SIDE_CLIENT || veil->mode == COMMANDS)
		return;
	veil->gap = true;
	veil->at_line = false;
	ms_conceal_gap(veil->conceal);
	if (veil->mode == CHUNK)
		count_chunk(veil, size > 0 ? size : UINT64_MAX);
}

void
ms_veil_name(struct ms_veil *veil, char *name, size_t size)
{
	ms_disguise_words(veil->disguise, (unsigned char *)name, size, NULL);
}
