#include "pool/frame.h"

#include "pool/wire.h"
#include "unpack/sniff.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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
	GByteArray *frame = ms_wire_new(MS_FRAME_SCAN);
	unsigned char flags[3] = { scan->raw, scan->joined, scan->reduced };

	ms_wire_put_u64(frame, scan->id);
	ms_wire_put_u64(frame, scan->size);
	ms_wire_put_u64(frame, scan->omitted);
	ms_wire_put(frame, flags, sizeof flags);
	return frame;
}

enum ms_status
ms_frame_read_scan(const unsigned char *data, size_t size,
    struct ms_frame_scan *scan)
{
	struct ms_wire wire = ms_wire_open(data, size, MS_FRAME_SCAN);

	scan->id = ms_wire_u64(&wire);
	scan->size = ms_wire_u64(&wire);
	scan->omitted = ms_wire_u64(&wire);
	scan->raw = ms_wire_flag(&wire);
	scan->joined = ms_wire_flag(&wire);
	scan->reduced = ms_wire_flag(&wire);
	return ms_wire_close(&wire);
}

GByteArray *
ms_frame_headers(const struct ms_headers *headers)
{
	GByteArray *frame = ms_wire_new(MS_FRAME_HEADERS);

	ms_wire_put_string(frame, headers->message_id);
	ms_wire_put_string(frame, headers->subject);
	ms_wire_put_string(frame, headers->from);
	ms_wire_put_string(frame, headers->to);
	ms_wire_put_string(frame, headers->date);
	return frame;
}

static void
read_headers(struct ms_wire *wire, struct ms_facts *facts)
{
	struct ms_headers *old = facts ? &facts->headers : NULL;
	struct ms_headers headers;

	headers.message_id = ms_wire_string(wire);
	headers.subject = ms_wire_string(wire);
	headers.from = ms_wire_string(wire);
	headers.to = ms_wire_string(wire);
	headers.date = ms_wire_string(wire);
	if (old && ms_wire_close(wire) == MS_OK) {
		struct ms_headers swap = *old;

		*old = headers;
		headers = swap;
	}
	g_free(headers.message_id);
	g_free(headers.subject);
	g_free(headers.from);
	g_free(headers.to);
	g_free(headers.date);
}

GByteArray *
ms_frame_finding(enum ms_finding_kind kind, const char *engine,
    const char *name, const char *part)
{
	GByteArray *frame = ms_wire_new(MS_FRAME_FINDING);

	ms_wire_put_u32(frame, (uint32_t)kind);
	ms_wire_put_string(frame, engine);
	ms_wire_put_string(frame, name);
	ms_wire_put_string(frame, part);
	return frame;
}

static void
read_finding(struct ms_wire *wire, struct ms_facts *facts)
{
	const uint32_t kind = ms_wire_u32(wire);
	char *engine = ms_wire_text(wire);
	char *name = ms_wire_text(wire);
	char *part = ms_wire_text(wire);
	const uint32_t within = wire->size > 0 ? ms_wire_u32(wire) : 0;

	if (kind >= MS_FINDING_KINDS)
		wire->bad = true;
	if (facts && ms_wire_close(wire) == MS_OK) {
		facts->within = within;
		ms_facts_found(facts, (enum ms_finding_kind)kind, engine,
		    name, part);
		facts->within = 0;
	}
	g_free(engine);
	g_free(name);
	g_free(part);
}

GByteArray *
ms_frame_gap(enum ms_reason reason, const char *part, const char *detail)
{
	GByteArray *frame = ms_wire_new(MS_FRAME_GAP);

	ms_wire_put_u32(frame, (uint32_t)reason);
	ms_wire_put_string(frame, part);
	ms_wire_put_string(frame, detail);
	return frame;
}

static void
read_gap(struct ms_wire *wire, struct ms_facts *facts)
{
	uint32_t reason = ms_wire_u32(wire);
	char *part = ms_wire_text(wire);
	char *detail = ms_wire_text(wire);
	const uint32_t within = wire->size > 0 ? ms_wire_u32(wire) : 0;

	if (reason >= MS_REASONS)
		wire->bad = true;
	if (facts && ms_wire_close(wire) == MS_OK) {
		facts->within = within;
		ms_facts_gap(facts, (enum ms_reason)reason, part, detail);
		facts->within = 0;
	}
	g_free(part);
	g_free(detail);
}

GByteArray *
ms_frame_within(GByteArray *frame, uint32_t id)
{
	if (id > 0)
		ms_wire_put_u32(frame, id);
	return frame;
}

GByteArray *
ms_frame_ambiguity(const char *reason, const char *part, const char *detail)
{
	GByteArray *frame = ms_wire_new(MS_FRAME_AMBIGUITY);

	ms_wire_put_string(frame, reason);
	ms_wire_put_string(frame, part);
	ms_wire_put_string(frame, detail);
	return frame;
}

static void
read_ambiguity(struct ms_wire *wire, struct ms_facts *facts)
{
	char *reason = ms_wire_text(wire);
	char *part = ms_wire_text(wire);
	char *detail = ms_wire_text(wire);

	/* Reasons are words with hyphens between. */
	if (reason[strspn(reason, "abcdefghijklmnopqrstuvwxyz0123456789-")])
		wire->bad = true;
	if (facts && ms_wire_close(wire) == MS_OK)
		ms_facts_ambiguity(facts, reason, part, detail);
	g_free(reason);
	g_free(part);
	g_free(detail);
}

GByteArray *
ms_frame_piece(const struct ms_facts_piece *piece)
{
	GByteArray *frame = ms_wire_new(MS_FRAME_PIECE);

	ms_wire_put_string(frame, piece->id);
	ms_wire_put_u32(frame, piece->number);
	ms_wire_put_u32(frame, piece->total);
	ms_wire_put_u64(frame, piece->offset);
	return frame;
}

static void
read_piece(struct ms_wire *wire, struct ms_facts *facts)
{
	struct ms_facts_piece piece;

	piece.id = ms_wire_text(wire);
	piece.number = ms_wire_u32(wire);
	piece.total = ms_wire_u32(wire);
	piece.offset = ms_wire_u64(wire);
	if (facts && ms_wire_close(wire) == MS_OK)
		ms_facts_piece(facts, &piece);
	g_free(piece.id);
}

GByteArray *
ms_frame_part(const struct ms_part *part)
{
	GByteArray *frame = ms_wire_new(MS_FRAME_PART);

	ms_wire_put_string(frame, part->path);
	ms_wire_put_string(frame, part->content_type);
	ms_wire_put_string(frame, part->filename);
	ms_wire_put_string(frame, part->encoding);
	ms_wire_put_string(frame, part->charset);
	ms_wire_put_string(frame, part->boundary);
	ms_wire_put_u32(frame, (uint32_t)part->kind);
	ms_wire_put_u32(frame, part->level);
	ms_wire_put_string(frame, part->detected_type);
	ms_wire_put_u64(frame, part->size);
	ms_wire_put(frame, part->sha256.bytes, MS_HASH_SIZE);
	ms_wire_put_u32(frame, part->id);
	ms_wire_put_u32(frame, part->parent);
	return frame;
}

static void
read_part(struct ms_wire *wire, struct ms_facts *facts)
{
	struct ms_part part = { 0 };
	uint32_t kind;
	char *type;

	part.path = ms_wire_text(wire);
	part.content_type = ms_wire_string(wire);
	part.filename = ms_wire_string(wire);
	part.encoding = ms_wire_string(wire);
	part.charset = ms_wire_string(wire);
	part.boundary = ms_wire_string(wire);
	kind = ms_wire_u32(wire);
	part.level = ms_wire_u32(wire);
	type = ms_wire_string(wire);
	part.size = ms_wire_u64(wire);
	ms_wire_get(wire, part.sha256.bytes, MS_HASH_SIZE);
	part.id = ms_wire_u32(wire);
	part.parent = ms_wire_u32(wire);
	part.kind = kind < MS_PART_KINDS ? (enum ms_part_kind)kind : 0;
	part.detected_type = type ? ms_sniff_name(type) : NULL;
	if (kind >= MS_PART_KINDS || (type && !part.detected_type) ||
	    ms_facts_has_bytes(&part) != (type != NULL))
		wire->bad = true;
	if (facts && ms_wire_close(wire) == MS_OK)
		ms_facts_part(facts, &part);
	g_free(part.path);
	g_free(part.content_type);
	g_free(part.filename);
	g_free(part.encoding);
	g_free(part.charset);
	g_free(part.boundary);
	g_free(type);
}

GByteArray *
ms_frame_blob(const struct ms_blob *blob)
{
	GByteArray *frame = ms_wire_new(MS_FRAME_BLOB);

	ms_wire_put_u64(frame, blob->size);
	ms_wire_put(frame, blob->sha256.bytes, MS_HASH_SIZE);
	ms_wire_put_string(frame, blob->detected_type);
	return frame;
}

static void
get_blob(struct ms_wire *wire, struct ms_blob *blob)
{
	char *type;

	blob->size = ms_wire_u64(wire);
	ms_wire_get(wire, blob->sha256.bytes, MS_HASH_SIZE);
	type = ms_wire_text(wire);
	blob->detected_type = ms_sniff_name(type);
	if (!blob->detected_type)
		wire->bad = true;
	g_free(type);
}

enum ms_status
ms_frame_read_blob(const unsigned char *data, size_t size,
    struct ms_blob *blob)
{
	struct ms_wire wire = ms_wire_open(data, size, MS_FRAME_BLOB);

	get_blob(&wire, blob);
	return ms_wire_close(&wire);
}

static void
read_blob(struct ms_wire *wire, struct ms_facts *facts)
{
	struct ms_blob blob;

	get_blob(wire, &blob);
	if (facts && ms_wire_close(wire) == MS_OK)
		ms_facts_blob(facts, &blob.sha256);
}

GByteArray *
ms_frame_taken(void)
{
	return ms_wire_new(MS_FRAME_TAKEN);
}

enum ms_status
ms_frame_read_taken(const unsigned char *data, size_t size)
{
	struct ms_wire wire = ms_wire_open(data, size, MS_FRAME_TAKEN);

	return ms_wire_close(&wire);
}

enum ms_status
ms_frame_read_fact(const unsigned char *data, size_t size,
    struct ms_facts *facts)
{
	static void (*const readers[])(struct ms_wire *, struct ms_facts *) = {
		[MS_FRAME_HEADERS] = read_headers,
		[MS_FRAME_FINDING] = read_finding,
		[MS_FRAME_GAP] = read_gap,
		[MS_FRAME_AMBIGUITY] = read_ambiguity,
		[MS_FRAME_PIECE] = read_piece,
		[MS_FRAME_PART] = read_part,
		[MS_FRAME_BLOB] = read_blob,
	};
	enum ms_frame_type type = ms_frame_type(data, size);
	struct ms_wire wire = ms_wire_open(data, size, type);

	if (type >= G_N_ELEMENTS(readers) || !readers[type])
		return MS_E_PEER;
	readers[type](&wire, facts);
	return ms_wire_close(&wire);
}

GByteArray *
ms_frame_end(uint64_t id)
{
	GByteArray *frame = ms_wire_new(MS_FRAME_END);

	ms_wire_put_u64(frame, id);
	return frame;
}

enum ms_status
ms_frame_read_end(const unsigned char *data, size_t size, uint64_t *id)
{
	struct ms_wire wire = ms_wire_open(data, size, MS_FRAME_END);

	*id = ms_wire_u64(&wire);
	return ms_wire_close(&wire);
}

GByteArray *
ms_frame_slot(enum ms_frame_type type, uint32_t slot, int32_t status)
{
	GByteArray *frame = ms_wire_new(type);

	ms_wire_put_u32(frame, slot);
	ms_wire_put(frame, &status, sizeof status);
	return frame;
}

enum ms_status
ms_frame_read_slot(const unsigned char *data, size_t size, uint32_t *slot,
    int32_t *status)
{
	struct ms_wire wire = { data + 1, size - 1, size == 0 };

	*slot = ms_wire_u32(&wire);
	ms_wire_get(&wire, status, sizeof *status);
	return ms_wire_close(&wire);
}

GByteArray *
ms_frame_ready(const struct ms_frame_ready *ready)
{
	GByteArray *frame = ms_wire_new(MS_FRAME_READY);

	ms_wire_put_string(frame, ready->engine);
	ms_wire_put_string(frame, ready->version);
	ms_wire_put_string(frame, ready->database);
	ms_wire_put_u64(frame, ready->signatures);
	ms_wire_put(frame, &ready->database_time, sizeof ready->database_time);
	return frame;
}

enum ms_status
ms_frame_read_ready(const unsigned char *data, size_t size,
    struct ms_frame_ready *ready)
{
	struct ms_wire wire = ms_wire_open(data, size, MS_FRAME_READY);

	ready->engine = ms_wire_text(&wire);
	ready->version = ms_wire_text(&wire);
	ready->database = ms_wire_text(&wire);
	ready->signatures = ms_wire_u64(&wire);
	ms_wire_get(&wire, &ready->database_time, sizeof ready->database_time);
	return ms_wire_close(&wire);
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
	GByteArray *frame = ms_wire_new(MS_FRAME_FAILED);

	ms_wire_put_string(frame, text);
	return frame;
}

enum ms_status
ms_frame_read_failed(const unsigned char *data, size_t size,
    struct ms_error *text)
{
	struct ms_wire wire = ms_wire_open(data, size, MS_FRAME_FAILED);
	char *string = ms_wire_text(&wire);

	(void)ms_error_set(text, MS_E_ENGINE, "%s", string);
	g_free(string);
	return ms_wire_close(&wire);
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
