#include "source/postfix.h"

#include <string.h>

/* As many bytes has a length of 32 bits. */
#define LENGTH_BYTES 5

/* Records that are looked at to recognise a file. */
#define LOOK_AT 12

/* Pointers that are followed, each to another block of the file. Postfix
 * itself gives up on as many that lead back. */
#define JUMPS 10000

/* What the records mean that matter here. */
enum {
	RECORD_SIZE = 'C',		/* the first, once it was received */
	RECORD_TIME = 'T',		/* the first, in maildrop */
	RECORD_SENDER = 'S',
	RECORD_RECIPIENT = 'R',		/* 'D' when it was delivered */
	RECORD_ATTRIBUTE = 'A',
	RECORD_MESSAGE = 'M',
	RECORD_LINE = 'N',
	RECORD_PIECE = 'L',		/* of a line that goes on */
	RECORD_PADDING = 'w',
	RECORD_POINTER = 'p',
	RECORD_EXTRACTED = 'X',
	RECORD_END = 'E'
};

/* All that stand in an envelope. */
static const char envelope_types[] = "CTcFILSDRO/WAKreVf>dPmpnw";

struct reader {
	struct ms_cursor *cursor;
	struct ms_entry *entry;
	uint64_t read;		/* bytes of all records so far: files in which
				 * none is read twice have no more than their
				 * size, so this ends every loop */
	unsigned jumps;
	bool content;		/* between "M" and "X" */
	bool message;		/* "M" was seen */
};

struct record {
	unsigned char type;
	uint64_t size;
	uint64_t offset;	/* of the record */
};

static enum ms_status
damaged(const struct record *record, const char *what, struct ms_error *err)
{
	return ms_error_set(err, MS_E_FORMAT,
	    "a damaged queue file: %s at byte %llu", what,
	    (unsigned long long)record->offset);
}

/* The type and length of the next record. */
static enum ms_status
next_record(struct reader *r, struct record *record, struct ms_error *err)
{
	const unsigned char *byte;
	enum ms_status status;
	uint64_t left;
	int n = 0;

	*record = (struct record){ .offset = ms_cursor_at(r->cursor) };
	status = ms_cursor_take(r->cursor, 1, &byte, err);
	if (status == MS_OK)
		record->type = *byte;
	while (status == MS_OK && n < LENGTH_BYTES) {
		status = ms_cursor_take(r->cursor, 1, &byte, err);
		if (status != MS_OK)
			break;
		record->size |= (uint64_t)(*byte & 0x7f) << (7 * n++);
		if (*byte < 0x80)
			break;
	}
	if (status == MS_END)
		return damaged(record, "no end", err);
	if (status != MS_OK)
		return status;
	left = ms_cursor_size(r->cursor) - ms_cursor_at(r->cursor);
	if (*byte >= 0x80 || record->size > left)
		return damaged(record, "a record without an end", err);
	r->read += 1 + (uint64_t)n + record->size;
	if (r->read > ms_cursor_size(r->cursor))
		return damaged(record, "a pointer to what was read already",
		    err);
	return MS_OK;
}

/* The first bytes of the record, as far as texts go, and over the rest. */
static enum ms_status
take_text(struct reader *r, const struct record *record,
    const unsigned char **data, size_t *size, struct ms_error *err)
{
	uint64_t end = ms_cursor_at(r->cursor) + record->size;
	enum ms_status status;

	*size = (size_t)MIN(record->size, MS_ENTRY_TEXT);
	status = ms_cursor_take(r->cursor, *size, data, err);
	/* What was taken stays where it is until more is read. */
	ms_cursor_seek(r->cursor, end);
	return status;
}

/* NAME=VALUE. What was given for logging is what the client itself had, also
 * where a filter handed the message in again. */
static void
attribute(struct ms_envelope *envelope, const unsigned char *data,
    size_t size)
{
	const struct {
		const char *name;
		char **value;
		bool logged;
	} names[] = {
		{ "log_client_address=", &envelope->client_address, true },
		{ "log_client_name=", &envelope->client_name, true },
		{ "log_helo_name=", &envelope->helo, true },
		{ "client_address=", &envelope->client_address, false },
		{ "client_name=", &envelope->client_name, false },
		{ "helo_name=", &envelope->helo, false },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		size_t n = strlen(names[i].name);

		if (size > n && memcmp(data, names[i].name, n) == 0 &&
		    (names[i].logged || !*names[i].value))
			ms_entry_text(names[i].value, data + n, size - n);
	}
}

/* A record that is no content. */
static enum ms_status
note(struct reader *r, const struct record *record, struct ms_error *err)
{
	struct ms_envelope *envelope = r->entry->envelope;
	const unsigned char *data;
	enum ms_status status;
	size_t size;

	status = take_text(r, record, &data, &size, err);
	if (status != MS_OK)
		return status;
	switch (record->type) {
	case RECORD_TIME:
		envelope->received = ms_entry_number(data, size);
		break;
	case RECORD_SENDER:
		ms_entry_sender(r->entry, data, size);
		break;
	case RECORD_RECIPIENT:
		ms_entry_recipient(r->entry, data, size);
		break;
	case RECORD_ATTRIBUTE:
		attribute(envelope, data, size);
		break;
	default:
		break;
	}
	return MS_OK;
}

/* A pointer to 0 is room for one. */
static enum ms_status
follow(struct reader *r, const struct record *record, struct ms_error *err)
{
	const unsigned char *data;
	enum ms_status status;
	int64_t offset;
	size_t size;

	status = take_text(r, record, &data, &size, err);
	if (status != MS_OK)
		return status;
	offset = ms_entry_number(data, size);
	if (offset < 0 || (uint64_t)offset >= ms_cursor_size(r->cursor))
		return damaged(record, "a pointer to nowhere", err);
	if (offset > 0 && ++r->jumps > JUMPS)
		return damaged(record, "too many pointers", err);
	if (offset > 0)
		ms_cursor_seek(r->cursor, (uint64_t)offset);
	return MS_OK;
}

static enum ms_status
content(struct reader *r, const struct record *record, struct ms_error *err)
{
	enum ms_status status;

	if (record->type != RECORD_LINE && record->type != RECORD_PIECE)
		return damaged(record, "a record that is no line of the "
		    "message", err);
	status = ms_entry_feed_file(r->entry, r->cursor,
	    ms_cursor_at(r->cursor) + record->size, err);
	if (status == MS_OK && record->type == RECORD_LINE)
		status = ms_entry_feed(r->entry, "\n", 1, err);
	return status;
}

/* One record. MS_END: the last one. */
static enum ms_status
step(struct reader *r, struct ms_error *err)
{
	enum ms_status status;
	struct record record;

	status = next_record(r, &record, err);
	if (status != MS_OK)
		return status;
	switch (record.type) {
	case RECORD_END:
		return r->message ? MS_END : damaged(&record,
		    "no message before the end", err);
	case RECORD_POINTER:
		return follow(r, &record, err);
	case RECORD_PADDING:
		ms_cursor_seek(r->cursor, ms_cursor_at(r->cursor) +
		    record.size);
		return MS_OK;
	case RECORD_MESSAGE:
		if (r->message)
			return damaged(&record, "a second message", err);
		r->message = r->content = true;
		return note(r, &record, err);
	case RECORD_EXTRACTED:
		r->content = false;
		return note(r, &record, err);
	default:
		return r->content ? content(r, &record, err) :
		    note(r, &record, err);
	}
}

enum ms_status
ms_postfix_read(struct ms_cursor *cursor, struct ms_entry *entry,
    struct ms_error *err)
{
	struct reader r = { .cursor = cursor, .entry = entry };
	enum ms_status status = MS_OK;

	while (status == MS_OK)
		status = step(&r, err);
	return status == MS_END ? MS_OK : status;
}

/* Nothing but digits and blanks, and some? */
static bool
is_numbers(const unsigned char *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (data[i] != ' ' && !g_ascii_isdigit(data[i]))
			return false;
	return size > 0;
}

bool
ms_postfix_is(const unsigned char *data, size_t size)
{
	size_t at = 0;

	for (int n = 0; n < LOOK_AT && at < size; n++) {
		unsigned char type = data[at++];
		size_t length = 0;
		int shift = 0;

		do {
			if (at == size || shift > 28)
				return false;
			length |= (size_t)(data[at] & 0x7f) << shift;
			shift += 7;
		} while (data[at++] >= 0x80);
		if (n == 0 && ((type != RECORD_SIZE && type != RECORD_TIME) ||
		    length > size - at || !is_numbers(data + at, length)))
			return false;
		if (n > 0 && type == RECORD_MESSAGE)
			return length == 0;
		if (type == '\0' || !strchr(envelope_types, type))
			return false;
		/* Still being written, perhaps. */
		if (length > size - at)
			return n > 0;
		at += length;
	}
	return size > 0;
}
