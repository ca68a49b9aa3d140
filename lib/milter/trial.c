#include "milter/trial.h"

#include "base/clock.h"
#include "milter/socketname.h"
#include "net/dial.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

/* Version, and all actions that a filter may want to be allowed. */
#define VERSION 6
#define VERSION_MIN 2
#define ACTIONS 0x1ff
/* The one change of the protocol that is offered: values of fields with the
 * blanks before them. */
#define LEADING_SPACE 0x100000

/* Of an answer; pieces of a new body are the largest. */
#define PACKET_MAX ((size_t)1 << 20)
/* Of what is sent of a body at once. */
#define CHUNK ((size_t)65535)

/* This many bytes tell how long a packet is. */
#define LENGTH 4

struct talk {
	const struct ms_trial *trial;
	struct ms_dial *dial;
	struct ms_trial_answer *answer;
	GByteArray *packet;	/* to be sent, with room for its length */
	unsigned char *heard;	/* PACKET_MAX bytes */
	bool spaced;		/* LEADING_SPACE is agreed */
	struct ms_error *err;
};

void
ms_trial_clear(struct ms_trial_answer *answer)
{
	g_free(answer->reply);
	*answer = (struct ms_trial_answer){ MS_TRIAL_GO_ON, NULL, false };
}

/* "550 5.7.1 No" and a NUL. */
static enum ms_status
hear_reply(struct ms_trial_answer *answer, const unsigned char *data,
    size_t size, struct ms_error *err)
{
	const char *text = (const char *)data;

	if (size < 4 || data[size - 1] != '\0' || strlen(text) != size - 1 ||
	    (*text != '4' && *text != '5'))
		return ms_error_set(err, MS_E_FORMAT, "a reply that is none");
	answer->fate = *text == '4' ? MS_TRIAL_DEFERRED : MS_TRIAL_REFUSED;
	g_free(answer->reply);
	answer->reply = g_strdup(text);
	return MS_END;
}

enum ms_status
ms_trial_hear(struct ms_trial_answer *answer, const unsigned char *data,
    size_t size, struct ms_error *err)
{
	static const struct {
		char command;
		enum ms_trial_fate fate;
	} last[] = {
		{ 'c', MS_TRIAL_GO_ON },	/* continue */
		{ 's', MS_TRIAL_GO_ON },	/* skip the rest of the body */
		{ 'a', MS_TRIAL_ACCEPTED },
		{ 'r', MS_TRIAL_REFUSED },
		{ 't', MS_TRIAL_DEFERRED },
		{ '4', MS_TRIAL_DEFERRED },	/* and close */
		{ 'f', MS_TRIAL_DEFERRED },	/* the connection fails */
		{ 'd', MS_TRIAL_DROPPED },
	};
	/* Progress; and changes to recipients, body, sender, header. */
	static const char more[] = "p+2-behim";
	const char command = size > 0 ? (char)*data : '\0';

	for (size_t i = 0; i < G_N_ELEMENTS(last); i++) {
		if (last[i].command != command)
			continue;
		answer->fate = last[i].fate;
		return MS_END;
	}
	if (command == 'y')
		return hear_reply(answer, data + 1, size - 1, err);
	answer->kept |= command == 'q';
	if (command == 'q' || (command != '\0' && strchr(more, command)))
		return MS_OK;
	return ms_error_set(err, MS_E_FORMAT, "an answer that there is not");
}

/* Begin the packet of COMMAND. */
static void
begin(struct talk *talk, char command)
{
	g_byte_array_set_size(talk->packet, LENGTH);
	g_byte_array_append(talk->packet, (const guint8 *)&command, 1);
}

static void
put_number(struct talk *talk, uint32_t number)
{
	const guint32 big = GUINT32_TO_BE(number);

	g_byte_array_append(talk->packet, (const guint8 *)&big, sizeof big);
}

/* With the NUL behind it. */
static void
put_text(struct talk *talk, const char *text)
{
	g_byte_array_append(talk->packet, (const guint8 *)text,
	    (guint)strlen(text) + 1);
}

static enum ms_status
send_packet(struct talk *talk)
{
	const guint32 size = GUINT32_TO_BE(talk->packet->len - LENGTH);

	memcpy(talk->packet->data, &size, LENGTH);
	return ms_dial_write(talk->dial, talk->packet->data,
	    talk->packet->len, ms_clock_ms() + talk->trial->timeout_ms,
	    talk->err);
}

static enum ms_status
read_all(struct talk *talk, unsigned char *data, size_t size)
{
	const int64_t deadline_ms = ms_clock_ms() + talk->trial->timeout_ms;
	enum ms_status status = MS_OK;
	size_t got = 0;

	for (size_t at = 0; at < size && status == MS_OK; at += got)
		status = ms_dial_read(talk->dial, data + at, size - at,
		    deadline_ms, &got, talk->err);
	return status == MS_END ? ms_error_set(talk->err, MS_E_PEER,
	    "it has closed the connection") : status;
}

/* The next packet; *SIZE does not count its length. */
static enum ms_status
read_packet(struct talk *talk, size_t *size)
{
	guint32 length;
	const enum ms_status status = read_all(talk, (unsigned char *)&length,
	    sizeof length);

	*size = GUINT32_FROM_BE(length);
	if (status != MS_OK)
		return status;
	if (*size == 0 || *size > PACKET_MAX)
		return ms_error_set(talk->err, MS_E_PEER, "it is no filter: "
		    "%zu bytes at once", *size);
	return read_all(talk, talk->heard, *size);
}

/* Send what has begun, and hear all that is said to it. MS_END: nothing more
 * is to be sent. */
static enum ms_status
step(struct talk *talk)
{
	enum ms_status status = send_packet(talk);
	size_t size;

	while (status == MS_OK) {
		status = read_packet(talk, &size);
		if (status == MS_OK)
			status = ms_trial_hear(talk->answer, talk->heard,
			    size, talk->err);
	}
	if (status == MS_E_FORMAT) {
		ms_error_context(talk->err, "it is no filter");
		return MS_E_PEER;
	}
	if (status != MS_END)
		return status;
	return talk->answer->fate == MS_TRIAL_GO_ON ? MS_OK : MS_END;
}

static uint32_t
number_at(const unsigned char *data)
{
	guint32 big;

	memcpy(&big, data, sizeof big);
	return GUINT32_FROM_BE(big);
}

static enum ms_status
agree(struct talk *talk)
{
	enum ms_status status;
	uint32_t version;
	size_t size;

	begin(talk, 'O');
	put_number(talk, VERSION);
	put_number(talk, ACTIONS);
	put_number(talk, LEADING_SPACE);
	status = send_packet(talk);
	if (status == MS_OK)
		status = read_packet(talk, &size);
	if (status != MS_OK)
		return status;
	if (size < 1 + 3 * sizeof version || *talk->heard != 'O')
		return ms_error_set(talk->err, MS_E_PEER, "it is no filter");
	version = number_at(talk->heard + 1);
	talk->spaced = number_at(talk->heard + 9) & LEADING_SPACE;
	if (version < VERSION_MIN || version > VERSION ||
	    number_at(talk->heard + 9) & ~(uint32_t)LEADING_SPACE)
		return ms_error_set(talk->err, MS_E_PEER, "it is no filter, "
		    "or wants another protocol");
	return MS_OK;
}

static enum ms_status
send_address(struct talk *talk, char command, const char *address)
{
	char *path = g_strdup_printf("<%s>", address);

	begin(talk, command);
	put_text(talk, path);
	g_free(path);
	return step(talk);
}

/* As far as the message itself: who it is that sends it, and to whom. */
static enum ms_status
introduce(struct talk *talk)
{
	enum ms_status status;

	begin(talk, 'C');
	put_text(talk, "selftest.invalid");
	/* IPv4, port 25. */
	g_byte_array_append(talk->packet, (const guint8 *)"4\0\031", 3);
	put_text(talk, "127.0.0.1");
	status = step(talk);
	if (status != MS_OK)
		return status;
	begin(talk, 'H');
	put_text(talk, "selftest.invalid");
	status = step(talk);
	if (status == MS_OK)
		status = send_address(talk, 'M', talk->trial->sender);
	if (status == MS_OK)
		status = send_address(talk, 'R', talk->trial->recipient);
	if (status != MS_OK)
		return status;
	begin(talk, 'T');
	return step(talk);
}

/* The field from START to END, without its last line end: lines that go on end
 * in LF. */
static enum ms_status
send_field(struct talk *talk, const char *start, const char *end)
{
	const char *colon = memchr(start, ':', (size_t)(end - start));
	char *name, *value, **lines;

	if (!colon)
		return MS_OK;
	name = g_strndup(start, (gsize)(colon - start));
	colon += !talk->spaced && colon + 1 < end && colon[1] == ' ';
	value = g_strndup(colon + 1, (gsize)(end - colon - 1));
	lines = g_strsplit(value, "\r\n", -1);
	g_free(value);
	value = g_strjoinv("\n", lines);
	begin(talk, 'L');
	put_text(talk, name);
	put_text(talk, value);
	g_strfreev(lines);
	g_free(value);
	g_free(name);
	return step(talk);
}

/* Fields, up to the empty line; *BODY is behind that. */
static enum ms_status
send_header(struct talk *talk, const char **body)
{
	const char *at = talk->trial->data, *end = at + talk->trial->size;
	enum ms_status status = MS_OK;

	while (status == MS_OK && at < end && *at != '\r') {
		const char *stop = at;

		do
			stop = g_strstr_len(stop, end - stop, "\r\n");
		while (stop && (stop += 2) < end &&
		    (*stop == ' ' || *stop == '\t'));
		if (!stop)
			break;
		status = send_field(talk, at, stop - 2);
		at = stop;
	}
	*body = at + (end - at >= 2 && *at == '\r' ? 2 : 0);
	if (status != MS_OK)
		return status;
	begin(talk, 'N');
	return step(talk);
}

static enum ms_status
send_message(struct talk *talk)
{
	const char *at, *end = talk->trial->data + talk->trial->size;
	enum ms_status status = send_header(talk, &at);

	while (status == MS_OK && at < end) {
		const size_t size = MIN((size_t)(end - at), CHUNK);

		begin(talk, 'B');
		g_byte_array_append(talk->packet, (const guint8 *)at,
		    (guint)size);
		status = step(talk);
		at += size;
	}
	if (status != MS_OK)
		return status;
	begin(talk, 'E');
	return step(talk);
}

static enum ms_status
hold(struct talk *talk)
{
	struct ms_trial_answer *answer = talk->answer;
	enum ms_status status = agree(talk);

	if (status == MS_OK)
		status = introduce(talk);
	if (status == MS_OK)
		status = send_message(talk);
	if (status < 0)
		return status;
	/* Who has nothing more to say accepts it. */
	if (answer->fate == MS_TRIAL_GO_ON)
		answer->fate = MS_TRIAL_ACCEPTED;
	if (answer->fate == MS_TRIAL_ACCEPTED && answer->kept)
		answer->fate = MS_TRIAL_KEPT;
	begin(talk, 'Q');
	/* It is over, whether that is heard or not. */
	(void)send_packet(talk);
	return MS_OK;
}

enum ms_status
ms_trial(const struct ms_trial *trial, struct ms_trial_answer *answer,
    struct ms_error *err)
{
	char *address = ms_socketname_dial(trial->address, err);
	struct talk talk = { .trial = trial, .answer = answer, .err = err };
	enum ms_status status;

	*answer = (struct ms_trial_answer){ MS_TRIAL_GO_ON, NULL, false };
	if (!address)
		return MS_E_USAGE;
	status = ms_dial_open(address, ms_clock_ms() + trial->timeout_ms,
	    &talk.dial, err);
	g_free(address);
	if (status != MS_OK)
		return status;
	talk.packet = g_byte_array_new();
	talk.heard = g_malloc(PACKET_MAX);
	status = hold(&talk);
	if (status != MS_OK)
		ms_trial_clear(answer);
	g_free(talk.heard);
	g_byte_array_unref(talk.packet);
	ms_dial_close(talk.dial);
	return status;
}
