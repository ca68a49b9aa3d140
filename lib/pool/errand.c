#include "pool/errand.h"

#include "pool/wire.h"

#include <string.h>

/* Facts of a frame have this before them. */
#define FACT_HEAD (1 + sizeof(uint64_t))

enum ms_errand_type
ms_errand_type(const unsigned char *data, size_t size)
{
	if (size == 0 || data[0] < MS_ERRAND_SCAN ||
	    data[0] > MS_ERRAND_KEPT)
		return (enum ms_errand_type)0;
	return (enum ms_errand_type)data[0];
}

GByteArray *
ms_errand_scan(const struct ms_errand_scan *scan)
{
	GByteArray *frame = ms_wire_new(MS_ERRAND_SCAN);
	unsigned char raw = scan->raw;

	ms_wire_put_u32(frame, MS_ERRAND_VERSION);
	ms_wire_put_u64(frame, scan->id);
	ms_wire_put_u64(frame, scan->size);
	ms_wire_put(frame, &raw, 1);
	return frame;
}

enum ms_status
ms_errand_read_scan(const unsigned char *data, size_t size,
    struct ms_errand_scan *scan)
{
	struct ms_wire wire = ms_wire_open(data, size, MS_ERRAND_SCAN);
	uint32_t version = ms_wire_u32(&wire);

	scan->id = ms_wire_u64(&wire);
	scan->size = ms_wire_u64(&wire);
	scan->raw = ms_wire_flag(&wire);
	return version == MS_ERRAND_VERSION ? ms_wire_close(&wire) :
	    MS_E_PEER;
}

GByteArray *
ms_errand_done(const struct ms_errand_done *done)
{
	GByteArray *frame = ms_wire_new(MS_ERRAND_DONE);

	ms_wire_put_u64(frame, done->id);
	ms_wire_put_u32(frame, (uint32_t)done->verdict);
	ms_wire_put_u64(frame, done->elapsed_ms);
	ms_wire_put_u64(frame, done->generation);
	ms_wire_put_u32(frame, done->deaths);
	ms_wire_put(frame, &done->sha256, sizeof done->sha256);
	ms_wire_put(frame, &done->sha256_canonical,
	    sizeof done->sha256_canonical);
	return frame;
}

enum ms_status
ms_errand_read_done(const unsigned char *data, size_t size,
    struct ms_errand_done *done)
{
	struct ms_wire wire = ms_wire_open(data, size, MS_ERRAND_DONE);
	uint32_t verdict;

	done->id = ms_wire_u64(&wire);
	verdict = ms_wire_u32(&wire);
	done->elapsed_ms = ms_wire_u64(&wire);
	done->generation = ms_wire_u64(&wire);
	done->deaths = ms_wire_u32(&wire);
	ms_wire_get(&wire, &done->sha256, sizeof done->sha256);
	ms_wire_get(&wire, &done->sha256_canonical,
	    sizeof done->sha256_canonical);
	/* What cannot be is no verdict, least of all a good one. */
	done->verdict = verdict < MS_VERDICTS ? (enum ms_verdict)verdict :
	    MS_VERDICT_ERROR;
	if (verdict >= MS_VERDICTS)
		return MS_E_PEER;
	return ms_wire_close(&wire);
}

GByteArray *
ms_errand_refused(uint64_t id, const char *why)
{
	GByteArray *frame = ms_wire_new(MS_ERRAND_REFUSED);

	ms_wire_put_u64(frame, id);
	ms_wire_put_string(frame, why);
	return frame;
}

enum ms_status
ms_errand_read_refused(const unsigned char *data, size_t size, uint64_t *id,
    char **why)
{
	struct ms_wire wire = ms_wire_open(data, size, MS_ERRAND_REFUSED);
	enum ms_status status;

	*id = ms_wire_u64(&wire);
	*why = ms_wire_text(&wire);
	status = ms_wire_close(&wire);
	if (status != MS_OK)
		g_clear_pointer(why, g_free);
	return status;
}

GByteArray *
ms_errand_envelope(uint64_t id, bool keep, const struct ms_envelope *envelope)
{
	GByteArray *frame = ms_wire_new(MS_ERRAND_ENVELOPE);
	const unsigned char flag = keep;
	uint64_t room, omitted = envelope->omitted;
	uint32_t count = 0;

	ms_wire_put_u64(frame, id);
	ms_wire_put(frame, &flag, 1);
	ms_wire_put_string(frame, envelope->sender);
	ms_wire_put_string(frame, envelope->queue_id);
	ms_wire_put_string(frame, envelope->client_address);
	ms_wire_put_string(frame, envelope->helo);
	ms_wire_put_string(frame, envelope->protocol);
	/* What is left, less the two numbers. */
	room = MS_FRAME_MAX - frame->len - 12;
	while (count < envelope->count) {
		const uint64_t size = 4 + strnlen(envelope->recipients[count],
		    MS_WIRE_STRING_MAX);

		if (size > room)
			break;
		room -= size;
		count++;
	}
	ms_wire_put_u64(frame, omitted + envelope->count - count);
	ms_wire_put_u32(frame, count);
	for (uint32_t i = 0; i < count; i++)
		ms_wire_put_string(frame, envelope->recipients[i]);
	return frame;
}

enum ms_status
ms_errand_read_envelope(const unsigned char *data, size_t size, uint64_t *id,
    bool *keep, struct ms_envelope **envelope)
{
	struct ms_wire wire = ms_wire_open(data, size, MS_ERRAND_ENVELOPE);
	struct ms_envelope *e;
	char *sender;
	uint32_t count;

	*id = ms_wire_u64(&wire);
	*keep = ms_wire_flag(&wire);
	sender = ms_wire_string(&wire);
	e = ms_envelope_new(sender);
	g_free(sender);
	e->queue_id = ms_wire_string(&wire);
	e->client_address = ms_wire_string(&wire);
	e->helo = ms_wire_string(&wire);
	e->protocol = ms_wire_string(&wire);
	e->omitted = ms_wire_u64(&wire);
	count = ms_wire_u32(&wire);
	/* Each has a length at least. */
	for (uint32_t i = 0; i < count && !wire.bad; i++) {
		char *recipient = ms_wire_text(&wire);

		ms_envelope_add(e, recipient);
		g_free(recipient);
	}
	if (ms_wire_close(&wire) == MS_OK) {
		*envelope = e;
		return MS_OK;
	}
	ms_envelope_free(e);
	return MS_E_PEER;
}

GByteArray *
ms_errand_kept(uint64_t id, bool good, const char *text)
{
	GByteArray *frame = ms_wire_new(MS_ERRAND_KEPT);
	const unsigned char flag = good;

	ms_wire_put_u64(frame, id);
	ms_wire_put(frame, &flag, 1);
	ms_wire_put_string(frame, text);
	return frame;
}

enum ms_status
ms_errand_read_kept(const unsigned char *data, size_t size, uint64_t *id,
    bool *good, char **text)
{
	struct ms_wire wire = ms_wire_open(data, size, MS_ERRAND_KEPT);
	enum ms_status status;

	*id = ms_wire_u64(&wire);
	*good = ms_wire_flag(&wire);
	*text = ms_wire_text(&wire);
	status = ms_wire_close(&wire);
	if (status != MS_OK)
		g_clear_pointer(text, g_free);
	return status;
}

GByteArray *
ms_errand_fact(uint64_t id, const GByteArray *frame)
{
	GByteArray *errand = ms_wire_new(MS_ERRAND_FACT);

	ms_wire_put_u64(errand, id);
	ms_wire_put(errand, frame->data, frame->len);
	return errand;
}

enum ms_status
ms_errand_read_fact(const unsigned char *data, size_t size, uint64_t *id,
    const unsigned char **frame, size_t *frame_size)
{
	struct ms_wire wire = ms_wire_open(data, size, MS_ERRAND_FACT);

	*id = ms_wire_u64(&wire);
	if (wire.bad || wire.size == 0)
		return MS_E_PEER;
	*frame = data + FACT_HEAD;
	*frame_size = size - FACT_HEAD;
	return MS_OK;
}

void
ms_errand_tell(uint64_t id, const struct ms_facts *facts,
    void (*tell)(void *arg, GByteArray *frame), void *arg)
{
	GPtrArray *frames = g_ptr_array_new_with_free_func(
	    (GDestroyNotify)g_byte_array_unref);

	g_ptr_array_add(frames, ms_frame_headers(&facts->headers));
	for (guint i = 0; i < facts->findings->len; i++) {
		const struct ms_finding *one = facts->findings->pdata[i];

		g_ptr_array_add(frames, ms_frame_finding(one->kind,
		    one->engine, one->name, one->part));
	}
	for (guint i = 0; i < facts->gaps->len; i++) {
		const struct ms_gap *one = facts->gaps->pdata[i];

		g_ptr_array_add(frames, ms_frame_gap(one->reason, one->part,
		    one->detail));
	}
	for (guint i = 0; i < facts->ambiguities->len; i++) {
		const struct ms_ambiguity *one = facts->ambiguities->pdata[i];

		g_ptr_array_add(frames, ms_frame_ambiguity(one->reason,
		    one->part, one->detail));
	}
	for (guint i = 0; i < frames->len; i++)
		tell(arg, ms_errand_fact(id, frames->pdata[i]));
	g_ptr_array_unref(frames);
}
