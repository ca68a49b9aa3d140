#include "pool/frame.h"

#include "unpack/sniff.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A string's length field that stands for NULL. */
#define NO_STRING UINT32_MAX

/* Reading: what is left, and whether all was well so far. */
struct cursor {
	const unsigned char *data;
	size_t size;
	bool bad;
};

static GByteArray *
new_frame(enum ms_frame_type type)
{
	GByteArray *frame = g_byte_array_sized_new(256);
	guint8 byte = (guint8)type;

	return g_byte_array_append(frame, &byte, 1);
}

/* Both ends are the same program on the same machine, so numbers travel in
 * its own byte order. */
static void
put(GByteArray *frame, const void *value, size_t size)
{
	g_byte_array_append(frame, value, (guint)size);
}

static void
put_u64(GByteArray *frame, uint64_t value)
{
	put(frame, &value, sizeof value);
}

static void
put_u32(GByteArray *frame, uint32_t value)
{
	put(frame, &value, sizeof value);
}

static void
put_string(GByteArray *frame, const char *text)
{
	size_t size;

	if (!text) {
		put_u32(frame, NO_STRING);
		return;
	}
	size = strnlen(text, MS_FRAME_STRING_MAX);
	put_u32(frame, (uint32_t)size);
	put(frame, text, size);
}

static struct cursor
open_frame(const unsigned char *data, size_t size, enum ms_frame_type type)
{
	struct cursor cursor = { data + 1, size - 1, false };

	if (ms_frame_type(data, size) != type)
		return (struct cursor){ NULL, 0, true };
	return cursor;
}

static void
get(struct cursor *cursor, void *value, size_t size)
{
	if (cursor->bad || cursor->size < size) {
		cursor->bad = true;
		memset(value, 0, size);
		return;
	}
	memcpy(value, cursor->data, size);
	cursor->data += size;
	cursor->size -= size;
}

static uint64_t
get_u64(struct cursor *cursor)
{
	uint64_t value;

	get(cursor, &value, sizeof value);
	return value;
}

static uint32_t
get_u32(struct cursor *cursor)
{
	uint32_t value;

	get(cursor, &value, sizeof value);
	return value;
}

static char *
get_string(struct cursor *cursor)
{
	uint32_t size = get_u32(cursor);
	char *text;

	if (cursor->bad || size == NO_STRING)
		return NULL;
	if (size > MS_FRAME_STRING_MAX || size > cursor->size ||
	    memchr(cursor->data, '\0', size)) {
		cursor->bad = true;
		return NULL;
	}
	text = g_strndup((const char *)cursor->data, size);
	cursor->data += size;
	cursor->size -= size;
	return text;
}

/* Likewise where NULL is not allowed; never NULL. */
static char *
get_text(struct cursor *cursor)
{
	char *text = get_string(cursor);

	if (text)
		return text;
	cursor->bad = true;
	return g_strdup("");
}

static bool
get_flag(struct cursor *cursor)
{
	unsigned char value;

	get(cursor, &value, 1);
	if (value > 1)
		cursor->bad = true;
	return value == 1;
}

static enum ms_status
close_frame(const struct cursor *cursor)
{
	return cursor->bad || cursor->size > 0 ? MS_E_PEER : MS_OK;
}

enum ms_frame_type
ms_frame_type(const unsigned char *data, size_t size)
{
	if (size == 0 || data[0] > MS_FRAME_EXITED)
		return (enum ms_frame_type)0;
	return (enum ms_frame_type)data[0];
}

GByteArray *
ms_frame_scan(const struct ms_frame_scan *scan)
{
	GByteArray *frame = new_frame(MS_FRAME_SCAN);
	unsigned char flags[2] = { scan->raw, scan->reduced };

	put_u64(frame, scan->id);
	put_u64(frame, scan->size);
	put_u64(frame, scan->omitted);
	put(frame, flags, sizeof flags);
	return frame;
}

enum ms_status
ms_frame_read_scan(const unsigned char *data, size_t size,
    struct ms_frame_scan *scan)
{
	struct cursor cursor = open_frame(data, size, MS_FRAME_SCAN);

	scan->id = get_u64(&cursor);
	scan->size = get_u64(&cursor);
	scan->omitted = get_u64(&cursor);
	scan->raw = get_flag(&cursor);
	scan->reduced = get_flag(&cursor);
	return close_frame(&cursor);
}

GByteArray *
ms_frame_headers(const struct ms_headers *headers)
{
	GByteArray *frame = new_frame(MS_FRAME_HEADERS);

	put_string(frame, headers->message_id);
	put_string(frame, headers->subject);
	put_string(frame, headers->from);
	put_string(frame, headers->date);
	return frame;
}

static void
read_headers(struct cursor *cursor, struct ms_facts *facts)
{
	struct ms_headers headers = {
		.message_id = get_string(cursor),
		.subject = get_string(cursor),
		.from = get_string(cursor),
		.date = get_string(cursor),
	};
	struct ms_headers *old = facts ? &facts->headers : NULL;

	if (old && close_frame(cursor) == MS_OK) {
		struct ms_headers swap = *old;

		*old = headers;
		headers = swap;
	}
	g_free(headers.message_id);
	g_free(headers.subject);
	g_free(headers.from);
	g_free(headers.date);
}

GByteArray *
ms_frame_finding(const char *engine, const char *name, const char *part)
{
	GByteArray *frame = new_frame(MS_FRAME_FINDING);

	put_string(frame, engine);
	put_string(frame, name);
	put_string(frame, part);
	return frame;
}

static void
read_finding(struct cursor *cursor, struct ms_facts *facts)
{
	char *engine = get_text(cursor);
	char *name = get_text(cursor);
	char *part = get_text(cursor);

	if (facts && close_frame(cursor) == MS_OK)
		ms_facts_finding(facts, engine, name, part);
	g_free(engine);
	g_free(name);
	g_free(part);
}

GByteArray *
ms_frame_gap(enum ms_reason reason, const char *part, const char *detail)
{
	GByteArray *frame = new_frame(MS_FRAME_GAP);

	put_u32(frame, (uint32_t)reason);
	put_string(frame, part);
	put_string(frame, detail);
	return frame;
}

static void
read_gap(struct cursor *cursor, struct ms_facts *facts)
{
	uint32_t reason = get_u32(cursor);
	char *part = get_text(cursor);
	char *detail = get_text(cursor);

	if (reason >= MS_REASONS)
		cursor->bad = true;
	if (facts && close_frame(cursor) == MS_OK)
		ms_facts_gap(facts, (enum ms_reason)reason, part, detail);
	g_free(part);
	g_free(detail);
}

GByteArray *
ms_frame_ambiguity(const char *reason, const char *part, const char *detail)
{
	GByteArray *frame = new_frame(MS_FRAME_AMBIGUITY);

	put_string(frame, reason);
	put_string(frame, part);
	put_string(frame, detail);
	return frame;
}

static void
read_ambiguity(struct cursor *cursor, struct ms_facts *facts)
{
	char *reason = get_text(cursor);
	char *part = get_text(cursor);
	char *detail = get_text(cursor);

	/* Reasons are words with hyphens between. */
	if (reason[strspn(reason, "abcdefghijklmnopqrstuvwxyz0123456789-")])
		cursor->bad = true;
	if (facts && close_frame(cursor) == MS_OK)
		ms_facts_ambiguity(facts, reason, part, detail);
	g_free(reason);
	g_free(part);
	g_free(detail);
}

GByteArray *
ms_frame_part(const struct ms_part *part)
{
	GByteArray *frame = new_frame(MS_FRAME_PART);

	put_string(frame, part->path);
	put_string(frame, part->content_type);
	put_string(frame, part->filename);
	put_string(frame, part->detected_type);
	put_u64(frame, part->size);
	put(frame, part->sha256.bytes, MS_HASH_SIZE);
	return frame;
}

static void
read_part(struct cursor *cursor, struct ms_facts *facts)
{
	struct ms_part part = {
		.path = get_text(cursor),
		.content_type = get_string(cursor),
		.filename = get_string(cursor),
	};
	char *type = get_text(cursor);

	part.size = get_u64(cursor);
	get(cursor, part.sha256.bytes, MS_HASH_SIZE);
	part.detected_type = ms_sniff_name(type);
	if (!part.detected_type)
		cursor->bad = true;
	if (facts && close_frame(cursor) == MS_OK)
		ms_facts_part(facts, &part);
	g_free(part.path);
	g_free(part.content_type);
	g_free(part.filename);
	g_free(type);
}

enum ms_status
ms_frame_read_fact(const unsigned char *data, size_t size,
    struct ms_facts *facts)
{
	static void (*const readers[])(struct cursor *, struct ms_facts *) = {
		[MS_FRAME_HEADERS] = read_headers,
		[MS_FRAME_FINDING] = read_finding,
		[MS_FRAME_GAP] = read_gap,
		[MS_FRAME_AMBIGUITY] = read_ambiguity,
		[MS_FRAME_PART] = read_part,
	};
	enum ms_frame_type type = ms_frame_type(data, size);
	struct cursor cursor = open_frame(data, size, type);

	if (type >= G_N_ELEMENTS(readers) || !readers[type])
		return MS_E_PEER;
	readers[type](&cursor, facts);
	return close_frame(&cursor);
}

GByteArray *
ms_frame_end(uint64_t id)
{
	GByteArray *frame = new_frame(MS_FRAME_END);

	put_u64(frame, id);
	return frame;
}

enum ms_status
ms_frame_read_end(const unsigned char *data, size_t size, uint64_t *id)
{
	struct cursor cursor = open_frame(data, size, MS_FRAME_END);

	*id = get_u64(&cursor);
	return close_frame(&cursor);
}

GByteArray *
ms_frame_slot(enum ms_frame_type type, uint32_t slot, int32_t status)
{
	GByteArray *frame = new_frame(type);

	put_u32(frame, slot);
	put(frame, &status, sizeof status);
	return frame;
}

enum ms_status
ms_frame_read_slot(const unsigned char *data, size_t size, uint32_t *slot,
    int32_t *status)
{
	struct cursor cursor = { data + 1, size - 1, size == 0 };

	*slot = get_u32(&cursor);
	get(&cursor, status, sizeof *status);
	return close_frame(&cursor);
}

GByteArray *
ms_frame_ready(const struct ms_frame_ready *ready)
{
	GByteArray *frame = new_frame(MS_FRAME_READY);

	put_string(frame, ready->engine);
	put_string(frame, ready->version);
	put_string(frame, ready->database);
	put_u64(frame, ready->signatures);
	put(frame, &ready->database_time, sizeof ready->database_time);
	return frame;
}

enum ms_status
ms_frame_read_ready(const unsigned char *data, size_t size,
    struct ms_frame_ready *ready)
{
	struct cursor cursor = open_frame(data, size, MS_FRAME_READY);

	ready->engine = get_text(&cursor);
	ready->version = get_text(&cursor);
	ready->database = get_text(&cursor);
	ready->signatures = get_u64(&cursor);
	get(&cursor, &ready->database_time, sizeof ready->database_time);
	return close_frame(&cursor);
}

void
ms_frame_ready_clear(struct ms_frame_ready *ready)
{
	g_free(ready->engine);
	g_free(ready->version);
	g_free(ready->database);
	*ready = (struct ms_frame_ready){ 0 };
}

GByteArray *
ms_frame_failed(const char *text)
{
	GByteArray *frame = new_frame(MS_FRAME_FAILED);

	put_string(frame, text);
	return frame;
}

enum ms_status
ms_frame_read_failed(const unsigned char *data, size_t size,
    struct ms_error *text)
{
	struct cursor cursor = open_frame(data, size, MS_FRAME_FAILED);
	char *string = get_text(&cursor);

	(void)ms_error_set(text, MS_E_ENGINE, "%s", string);
	g_free(string);
	return close_frame(&cursor);
}

enum ms_status
ms_frame_send(int socket, const GByteArray *frame, int fd,
    struct ms_error *err)
{
	struct iovec part = { frame->data, frame->len };
	union {
		struct cmsghdr header;
		unsigned char space[CMSG_SPACE(sizeof(int))];
	} control = { { 0 } };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t n;

	if (fd >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof control.space;
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
	}
	do
		n = sendmsg(socket, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		(void)ms_error_errno(err, "cannot talk to a worker");
		return MS_E_PEER;
	}
	return MS_OK;
}

enum ms_status
ms_frame_receive(int socket, unsigned char *data, size_t size, size_t *got,
    int *fd)
{
	struct iovec part = { data, size };
	union {
		struct cmsghdr header;
		unsigned char space[CMSG_SPACE(sizeof(int))];
	} control = { { 0 } };
	/* Room for one descriptor to the byte: with its padding there would
	 * be room for a second one, which nobody would close. */
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_LEN(sizeof(int)) };
	struct cmsghdr *header;
	ssize_t n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);

	/* The other side went without reading what it was sent, which the
	 * kernel tells once, and before what it had sent itself. */
	if (n < 0 && errno == ECONNRESET)
		n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	*fd = -1;
	*got = 0;
	if (n < 0)
		return errno == ECONNRESET ? MS_END : MS_E_IO;
	header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_level == SOL_SOCKET &&
	    header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(fd, CMSG_DATA(header), sizeof *fd);
	if (n == 0)
		return MS_END;
	*got = (size_t)n;
	return message.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ? MS_E_PEER :
	    MS_OK;
}
