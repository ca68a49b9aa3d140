#include "capture/parley.h"

#include "base/write.h"

#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define HEADER 8
#define TURN_FIXED 18		/* of a turn, before its bytes */
#define RECORD_MAX (TURN_FIXED + MS_PARLEY_BYTES)
#define DIALOGUE_FIXED 17	/* of a dialogue, before its texts */
#define TEXT_MAX 255		/* of each of them */

enum { BEGUN = 1, HEARD_CLIENT = 2, HEARD_SERVER = 4, FLAGS = 7 };

/* What a position can be counted in; pointers to anything else are not made
 * from what comes down a pipe. */
static const char *const units[] = {
	"packet", "line", "byte", "record",
};

struct ms_parley_out {
	int fd;
	GByteArray *buffer;
};

struct ms_parley_out *
ms_parley_out_new(int fd)
{
	struct ms_parley_out *out = g_new0(struct ms_parley_out, 1);

	out->fd = fd;
	out->buffer = g_byte_array_sized_new(2 * RECORD_MAX);
	return out;
}

void
ms_parley_out_free(struct ms_parley_out *out)
{
	if (!out)
		return;
	g_byte_array_unref(out->buffer);
	g_free(out);
}

static enum ms_status
flush(struct ms_parley_out *out)
{
	enum ms_status status = ms_write(out->fd, out->buffer->data,
	    out->buffer->len);

	g_byte_array_set_size(out->buffer, 0);
	return status;
}

static void
put_number(unsigned char *to, uint64_t n, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		to[i] = (unsigned char)(n >> (8 * i) & 255);
}

static uint64_t
get_number(const unsigned char *from, size_t bytes)
{
	uint64_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		n |= (uint64_t)from[i] << (8 * i);
	return n;
}

/* Collect a record of FIXED and then DATA. */
static enum ms_status
put(struct ms_parley_out *out, enum ms_parley_type type,
    const GByteArray *fixed, const void *data, size_t size)
{
	unsigned char header[HEADER] = { (unsigned char)type };

	put_number(header + 4, fixed->len + size, 4);
	g_byte_array_append(out->buffer, header, sizeof header);
	g_byte_array_append(out->buffer, fixed->data, fixed->len);
	/* Never more than MS_PARLEY_BYTES. */
	g_byte_array_append(out->buffer, data, (guint)size);
	return out->buffer->len >= RECORD_MAX ? flush(out) : MS_OK;
}

/* A record of one byte and a text, sent at once. */
static enum ms_status
put_short(struct ms_parley_out *out, enum ms_parley_type type,
    const unsigned char *byte, const char *text)
{
	unsigned char none[1] = { 0 };
	GByteArray fixed = { none, 0 };
	size_t size = MIN(strlen(text), MS_PARLEY_NOTE);
	enum ms_status status;

	if (byte) {
		none[0] = *byte;
		fixed.len = 1;
	}
	status = put(out, type, &fixed, text, size);
	return status == MS_OK ? flush(out) : status;
}

enum ms_status
ms_parley_send_kind(struct ms_parley_out *out, enum ms_capture_format format)
{
	unsigned char byte = (unsigned char)format;

	return put_short(out, MS_PARLEY_KIND, &byte, "");
}

enum ms_status
ms_parley_send_over(struct ms_parley_out *out)
{
	return put_short(out, MS_PARLEY_OVER, NULL, "");
}

enum ms_status
ms_parley_send_failed(struct ms_parley_out *out, enum ms_status status,
    const char *why)
{
	unsigned char byte = (unsigned char)-(int)status;

	return put_short(out, MS_PARLEY_FAILED, &byte, why);
}

static void
append_text(GByteArray *to, const char *text)
{
	size_t size = text ? MIN(strlen(text), TEXT_MAX) : 0;
	unsigned char byte = (unsigned char)size;

	g_byte_array_append(to, &byte, 1);
	if (size > 0)
		g_byte_array_append(to, (const guchar *)text, (guint)size);
}

static enum ms_status
send_start(struct ms_parley_out *out, const struct ms_dialogue *dialogue)
{
	GByteArray *fixed = g_byte_array_new();
	unsigned char start[DIALOGUE_FIXED];
	enum ms_status status;

	put_number(start, dialogue->number, 8);
	put_number(start + 8, dialogue->position, 8);
	start[16] = (unsigned char)((dialogue->begun ? BEGUN : 0) |
	    (dialogue->heard[MS_SIDE_CLIENT] ? HEARD_CLIENT : 0) |
	    (dialogue->heard[MS_SIDE_SERVER] ? HEARD_SERVER : 0));
	g_byte_array_append(fixed, start, sizeof start);
	append_text(fixed, dialogue->unit);
	append_text(fixed, dialogue->client);
	append_text(fixed, dialogue->server);
	status = put(out, MS_PARLEY_DIALOGUE, fixed, "", 0);
	g_byte_array_unref(fixed);
	return status;
}

static enum ms_status
send_turn(struct ms_parley_out *out, const struct ms_dialogue *dialogue,
    size_t i, unsigned char *block, struct ms_error *err)
{
	const struct ms_turn *turn = ms_dialogue_turn(dialogue, i);
	unsigned char start[TURN_FIXED];
	const GByteArray fixed = { start, sizeof start };
	size_t max = turn->kind == MS_TURN_NOTE ? MS_PARLEY_NOTE :
	    MS_PARLEY_BYTES;
	enum ms_status status = MS_OK;
	uint64_t at = 0;
	size_t got = 0;

	start[0] = (unsigned char)turn->kind;
	start[1] = (unsigned char)turn->side;
	put_number(start + 2, (uint64_t)turn->time_us, 8);
	put_number(start + 10, turn->kind == MS_TURN_GAP ? turn->size : 0, 8);
	do {
		got = max;
		status = ms_dialogue_read(dialogue, i, at, block, &got, err);
		if (status == MS_OK && (got > 0 || at == 0))
			status = put(out, MS_PARLEY_TURN, &fixed, block, got);
		at += got;
	} while (status == MS_OK && got > 0 && turn->kind == MS_TURN_BYTES);
	return status;
}

enum ms_status
ms_parley_send(struct ms_parley_out *out, const struct ms_dialogue *dialogue,
    struct ms_error *err)
{
	unsigned char *block = g_malloc(MS_PARLEY_BYTES);
	enum ms_status status = send_start(out, dialogue);

	for (size_t i = 0; i < dialogue->turns->len && status == MS_OK; i++)
		status = send_turn(out, dialogue, i, block, err);
	g_free(block);
	return status == MS_OK ? put_short(out, MS_PARLEY_DONE, NULL, "") :
	    status;
}

struct ms_parley {
	struct ms_parley_config config;
	bool over;
	uint64_t taken;			/* bytes of records */
	unsigned char *buffer;		/* read ahead: from at to filled */
	size_t at, filled;
	enum ms_parley_type type;	/* of the current record */
	size_t size;
	unsigned char *content;
};

#define BUFFER 65536

struct ms_parley *
ms_parley_new(const struct ms_parley_config *config)
{
	struct ms_parley *parley = g_new0(struct ms_parley, 1);

	parley->config = *config;
	parley->buffer = g_malloc(BUFFER);
	parley->content = g_malloc(RECORD_MAX);
	return parley;
}

void
ms_parley_free(struct ms_parley *parley)
{
	if (!parley)
		return;
	g_free(parley->buffer);
	g_free(parley->content);
	g_free(parley);
}

static enum ms_status
nonsense(struct ms_error *err)
{
	return ms_error_set(err, MS_E_PEER,
	    "the capture reader broke the protocol");
}

/* This can wait for long: a signal is a reason to look up. In two halves, as
 * whoever is stopped and continued finds the first one over. */
static enum ms_status
fill(struct ms_parley *parley, struct ms_error *err)
{
	struct pollfd ready = { .fd = parley->config.stream,
		.events = POLLIN };
	int n = parley->config.wait_ms == 0;
	ssize_t got;

	for (int i = 0; i < 2 && n == 0; i++)
		n = poll(&ready, 1, parley->config.wait_ms / 2);
	if (n == 0)
		return ms_error_set(err, MS_E_PEER, "the capture reader does "
		    "not answer");
	got = n < 0 ? -1 : read(parley->config.stream, parley->buffer, BUFFER);
	if (got < 0) {
		(void)ms_error_errno(err, "capture reader");
		return MS_E_PEER;
	}
	if (got == 0)
		return ms_error_set(err, MS_E_PEER, "the capture reader "
		    "ended unexpectedly");
	parley->at = 0;
	parley->filled = (size_t)got;
	return MS_OK;
}

static enum ms_status
take(struct ms_parley *parley, unsigned char *to, size_t size,
    struct ms_error *err)
{
	while (size > 0) {
		enum ms_status status = parley->at < parley->filled ? MS_OK :
		    fill(parley, err);
		size_t n = MIN(size, parley->filled - parley->at);

		if (status != MS_OK)
			return status;
		memcpy(to, parley->buffer + parley->at, n);
		parley->at += n;
		to += n;
		size -= n;
	}
	return MS_OK;
}

/* The next record. */
static enum ms_status
read_record(struct ms_parley *parley, struct ms_error *err)
{
	unsigned char header[HEADER];
	enum ms_status status = take(parley, header, sizeof header, err);

	if (status != MS_OK)
		return status;
	parley->type = (enum ms_parley_type)header[0];
	parley->size = (size_t)get_number(header + 4, 4);
	if (get_number(header + 1, 3) != 0 || parley->size > RECORD_MAX)
		return nonsense(err);
	parley->taken += sizeof header + parley->size;
	if (parley->config.bytes_max > 0 &&
	    parley->taken > parley->config.bytes_max)
		return ms_error_set(err, MS_E_LIMIT, "more than %llu MB come "
		    "out of the capture: the rest is not read",
		    (unsigned long long)(parley->config.bytes_max >> 20));
	return take(parley, parley->content, parley->size, err);
}

/* What made the sender give up. */
static enum ms_status
sent_failure(const struct ms_parley *parley, struct ms_error *err)
{
	int status = parley->size > 0 ? -(int)parley->content[0] : 0;
	size_t size = parley->size - (parley->size > 0);
	const char *why = (const char *)parley->content + 1;

	switch (status) {
	case MS_E_IO:
	case MS_E_FORMAT:
	case MS_E_LIMIT:
	case MS_E_UNSUPPORTED:
		break;
	default:
		return nonsense(err);
	}
	if (size > MS_PARLEY_NOTE || memchr(why, '\0', size))
		return nonsense(err);
	return ms_error_set(err, (enum ms_status)status, "%.*s", (int)size,
	    why);
}

enum ms_status
ms_parley_kind(struct ms_parley *parley, enum ms_capture_format *format,
    struct ms_error *err)
{
	enum ms_status status = read_record(parley, err);

	if (status == MS_OK && parley->type == MS_PARLEY_FAILED)
		status = sent_failure(parley, err);
	else if (status == MS_OK && (parley->type != MS_PARLEY_KIND ||
	    parley->size != 1 || parley->content[0] < MS_CAPTURE_PCAP ||
	    parley->content[0] > MS_CAPTURE_CURLTEST))
		status = nonsense(err);
	parley->over = status != MS_OK;
	if (status == MS_OK)
		*format = (enum ms_capture_format)parley->content[0];
	return status;
}

/* The text at *AT, which then is behind it; NULL if it is empty. False: it is
 * none. */
static bool
read_text(const struct ms_parley *parley, size_t *at, char **text)
{
	size_t size;

	*text = NULL;
	if (*at >= parley->size)
		return false;
	size = parley->content[(*at)++];
	if (size > parley->size - *at ||
	    memchr(parley->content + *at, '\0', size))
		return false;
	if (size > 0)
		*text = g_strndup((const char *)parley->content + *at, size);
	*at += size;
	return true;
}

/* Fill in the start of DIALOGUE. */
static bool
read_start(const struct ms_parley *parley, struct ms_dialogue *dialogue)
{
	size_t at = DIALOGUE_FIXED;
	char *unit = NULL;
	bool ok;

	if (parley->size < DIALOGUE_FIXED ||
	    (parley->content[16] & ~FLAGS) != 0)
		return false;
	dialogue->number = get_number(parley->content, 8);
	dialogue->position = get_number(parley->content + 8, 8);
	dialogue->begun = parley->content[16] & BEGUN;
	dialogue->heard[MS_SIDE_CLIENT] = parley->content[16] & HEARD_CLIENT;
	dialogue->heard[MS_SIDE_SERVER] = parley->content[16] & HEARD_SERVER;
	ok = read_text(parley, &at, &unit) &&
	    read_text(parley, &at, &dialogue->client) &&
	    read_text(parley, &at, &dialogue->server) && at == parley->size;
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
		if (unit && strcmp(unit, units[i]) == 0)
			dialogue->unit = units[i];
	g_free(unit);
	return ok && dialogue->number > 0;
}

/* What there is no room for was not captured, as it were. */
static enum ms_status
add_bytes(const struct ms_parley *parley, struct ms_dialogue *dialogue,
    const struct ms_turn *turn, struct ms_error *err)
{
	enum ms_status status = ms_dialogue_say(dialogue, turn->side,
	    turn->time_us, parley->content + TURN_FIXED, (size_t)turn->size,
	    err);

	return status != MS_E_LIMIT ? status : ms_dialogue_gap(dialogue,
	    turn->side, turn->time_us, turn->size, err);
}

static enum ms_status
add_note(const struct ms_parley *parley, struct ms_dialogue *dialogue,
    const struct ms_turn *turn, struct ms_error *err)
{
	const char *from = (const char *)parley->content + TURN_FIXED;
	enum ms_status status;
	char *text;

	if (turn->size > MS_PARLEY_NOTE ||
	    memchr(from, '\0', (size_t)turn->size))
		return nonsense(err);
	text = g_strndup(from, (gsize)turn->size);
	status = ms_dialogue_note(dialogue, turn->side, turn->time_us, text,
	    err);
	g_free(text);
	return status == MS_E_LIMIT ? MS_OK : status;
}

static enum ms_status
add_turn(const struct ms_parley *parley, struct ms_dialogue *dialogue,
    struct ms_error *err)
{
	const unsigned char *content = parley->content;
	struct ms_turn turn = { 0 };
	uint64_t gap;

	if (parley->size < TURN_FIXED || content[0] >= MS_TURN_KINDS ||
	    content[1] >= MS_SIDES)
		return nonsense(err);
	turn.kind = (enum ms_turn_kind)content[0];
	turn.side = (enum ms_side)content[1];
	turn.time_us = (int64_t)get_number(content + 2, 8);
	turn.size = parley->size - TURN_FIXED;
	gap = get_number(content + 10, 8);
	if ((gap != 0 && turn.kind != MS_TURN_GAP) || turn.time_us < -1)
		return nonsense(err);
	if (turn.kind == MS_TURN_BYTES)
		return turn.size > 0 && turn.size <= MS_PARLEY_BYTES ?
		    add_bytes(parley, dialogue, &turn, err) : nonsense(err);
	if (turn.kind == MS_TURN_NOTE)
		return add_note(parley, dialogue, &turn, err);
	if (turn.size > 0)
		return nonsense(err);
	if (turn.kind == MS_TURN_GAP)
		return ms_dialogue_gap(dialogue, turn.side, turn.time_us, gap,
		    err);
	if (turn.kind == MS_TURN_SECURE)
		return ms_dialogue_secure(dialogue, turn.time_us, err);
	return ms_dialogue_end(dialogue, turn.side, turn.time_us,
	    turn.kind == MS_TURN_RESET, err);
}

/* All that follows the start of DIALOGUE. */
static enum ms_status
read_turns(struct ms_parley *parley, struct ms_dialogue *dialogue,
    struct ms_error *err)
{
	enum ms_status status;

	for (;;) {
		status = read_record(parley, err);
		if (status != MS_OK)
			return status;
		switch (parley->type) {
		case MS_PARLEY_TURN:
			status = add_turn(parley, dialogue, err);
			if (status != MS_OK)
				return status;
			break;
		case MS_PARLEY_DONE:
			return parley->size == 0 ? MS_OK : nonsense(err);
		case MS_PARLEY_FAILED:
			return sent_failure(parley, err);
		default:
			return nonsense(err);
		}
	}
}

static enum ms_status
next(struct ms_parley *parley, struct ms_dialogue **dialogue,
    struct ms_error *err)
{
	enum ms_status status = read_record(parley, err);
	struct ms_dialogue *made;

	if (status != MS_OK)
		return status;
	if (parley->type == MS_PARLEY_OVER && parley->size == 0)
		return MS_END;
	if (parley->type == MS_PARLEY_FAILED)
		return sent_failure(parley, err);
	if (parley->type != MS_PARLEY_DIALOGUE)
		return nonsense(err);
	made = ms_dialogue_new(parley->config.stash);
	status = read_start(parley, made) ? read_turns(parley, made, err) :
	    nonsense(err);
	if (status == MS_OK)
		*dialogue = made;
	else
		ms_dialogue_free(made);
	return status;
}

enum ms_status
ms_parley_next(struct ms_parley *parley, struct ms_dialogue **dialogue,
    struct ms_error *err)
{
	enum ms_status status;

	if (parley->over)
		return MS_END;
	status = next(parley, dialogue, err);
	parley->over = status != MS_OK;
	return status;
}
