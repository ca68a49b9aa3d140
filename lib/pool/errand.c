#include "pool/errand.h"

#include "pool/wire.h"

#include <string.h>

/* Facts of a frame have this before them. */
#define FACT_HEAD (1 + sizeof(uint64_t))

enum ms_errand_type
ms_errand_type(const unsigned char *data, size_t size)
{
	if (size == 0 || data[0] < MS_ERRAND_SCAN ||
	    data[0] > MS_ERRAND_RECIPIENTS)
		return (enum ms_errand_type)0;
	return (enum ms_errand_type)data[0];
}

GByteArray *
ms_errand_scan(const struct ms_errand_scan *scan)
{
	GByteArray *frame = ms_wire_new(MS_ERRAND_SCAN);
	const unsigned char flags[3] = { scan->raw, scan->parts,
		scan->chosen };

	ms_wire_put_u32(frame, MS_ERRAND_VERSION);
	ms_wire_put_u64(frame, scan->id);
	ms_wire_put_u64(frame, scan->size);
	ms_wire_put(frame, flags, sizeof flags);
	ms_wire_put_string(frame, scan->checks);
	return frame;
}

/* A text that fits into the SIZE bytes at INTO. */
static void
get_text(struct ms_wire *wire, char *into, size_t size)
{
	char *text = ms_wire_text(wire);

	wire->bad |= g_strlcpy(into, text, size) >= size;
	g_free(text);
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
	scan->parts = ms_wire_flag(&wire);
	scan->chosen = ms_wire_flag(&wire);
	get_text(&wire, scan->checks, sizeof scan->checks);
	return version == MS_ERRAND_VERSION ? ms_wire_close(&wire) :
	    MS_E_PEER;
}

GByteArray *
ms_errand_done(const struct ms_errand_done *done)
{
	GByteArray *frame = ms_wire_new(MS_ERRAND_DONE);
	const unsigned char rewritten = done->rewritten;

	ms_wire_put_u64(frame, done->id);
	ms_wire_put_u32(frame, (uint32_t)done->verdict);
	ms_wire_put_u64(frame, done->elapsed_ms);
	ms_wire_put_u64(frame, done->generation);
	ms_wire_put_u32(frame, done->deaths);
	ms_wire_put(frame, &done->sha256, sizeof done->sha256);
	ms_wire_put(frame, &done->sha256_canonical,
	    sizeof done->sha256_canonical);
	ms_wire_put(frame, &rewritten, 1);
	ms_wire_put_u64(frame, done->rewritten_size);
	ms_wire_put_string(frame, done->scanner);
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
	done->rewritten = ms_wire_flag(&wire);
	done->rewritten_size = ms_wire_u64(&wire);
	wire.bad |= done->rewritten_size > 0 && !done->rewritten;
	get_text(&wire, done->scanner, sizeof done->scanner);
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

/* STRINGS (COUNT of them), as many as there is room for beside REST bytes. How
 * many that are is returned. */
static uint32_t
put_strings(GByteArray *frame, char *const *strings, uint32_t count,
    size_t rest)
{
	uint64_t room = MS_FRAME_MAX - MIN(MS_FRAME_MAX, frame->len + 4 +
	    rest);
	uint32_t n = 0;

	while (n < count) {
		const uint64_t size = 4 + strnlen(strings[n],
		    MS_WIRE_STRING_MAX);

		if (size > room)
			break;
		room -= size;
		n++;
	}
	ms_wire_put_u32(frame, n);
	for (uint32_t i = 0; i < n; i++)
		ms_wire_put_string(frame, strings[i]);
	return n;
}

GByteArray *
ms_errand_envelope(const struct ms_errand_envelope *asked, uint32_t *told)
{
	GByteArray *frame = ms_wire_new(MS_ERRAND_ENVELOPE);
	const struct ms_envelope *envelope = asked->envelope;
	const unsigned char flags[3] = { asked->keep, asked->authenticated,
		asked->gated };

	ms_wire_put_u32(frame, MS_ERRAND_VERSION);
	ms_wire_put_u64(frame, asked->id);
	ms_wire_put(frame, flags, sizeof flags);
	ms_wire_put_string(frame, asked->door);
	ms_wire_put_string(frame, asked->login);
	ms_wire_put_string(frame, envelope->sender);
	ms_wire_put_string(frame, envelope->queue_id);
	ms_wire_put_string(frame, envelope->client_address);
	ms_wire_put_string(frame, envelope->client_name);
	ms_wire_put_string(frame, envelope->helo);
	ms_wire_put_string(frame, envelope->protocol);
	ms_wire_put_u64(frame, envelope->omitted);
	*told = put_strings(frame, envelope->recipients, envelope->count, 8);
	ms_wire_put_u64(frame, envelope->count - *told);
	return frame;
}

GByteArray *
ms_errand_recipients(const struct ms_errand_envelope *asked, uint32_t *told)
{
	GByteArray *frame = ms_wire_new(MS_ERRAND_RECIPIENTS);
	const struct ms_envelope *envelope = asked->envelope;

	ms_wire_put_u64(frame, asked->id);
	*told += put_strings(frame, envelope->recipients + *told,
	    envelope->count - *told, 0);
	return frame;
}

/* How many; over MOST, or cut, WIRE is bad. */
static uint32_t
read_recipients(struct ms_wire *wire, struct ms_envelope *envelope,
    uint64_t most)
{
	const uint32_t count = ms_wire_u32(wire);

	wire->bad |= count > most;
	/* Each has a length at least. */
	for (uint32_t i = 0; i < count && !wire->bad; i++) {
		char *recipient = ms_wire_text(wire);

		ms_envelope_add(envelope, recipient);
		g_free(recipient);
	}
	return count;
}

enum ms_status
ms_errand_read_envelope(const unsigned char *data, size_t size,
    struct ms_errand_envelope *asked)
{
	struct ms_wire wire = ms_wire_open(data, size, MS_ERRAND_ENVELOPE);
	const uint32_t version = ms_wire_u32(&wire);
	struct ms_envelope *e;
	char *sender;

	asked->frames = 1;
	asked->id = ms_wire_u64(&wire);
	asked->keep = ms_wire_flag(&wire);
	asked->authenticated = ms_wire_flag(&wire);
	asked->gated = ms_wire_flag(&wire);
	asked->door = ms_wire_string(&wire);
	asked->login = ms_wire_string(&wire);
	sender = ms_wire_string(&wire);
	e = asked->envelope = ms_envelope_new(sender);
	g_free(sender);
	e->queue_id = ms_wire_string(&wire);
	e->client_address = ms_wire_string(&wire);
	e->client_name = ms_wire_string(&wire);
	e->helo = ms_wire_string(&wire);
	e->protocol = ms_wire_string(&wire);
	e->omitted = ms_wire_u64(&wire);
	(void)read_recipients(&wire, e, UINT32_MAX);
	e->omitted += ms_wire_u64(&wire);
	if (version == MS_ERRAND_VERSION && ms_wire_close(&wire) == MS_OK)
		return MS_OK;
	ms_errand_envelope_clear(asked);
	return MS_E_PEER;
}

enum ms_status
ms_errand_read_recipients(const unsigned char *data, size_t size,
    struct ms_errand_envelope *asked)
{
	struct ms_wire wire = ms_wire_open(data, size, MS_ERRAND_RECIPIENTS);
	const uint64_t id = ms_wire_u64(&wire);
	uint32_t count;

	if (wire.bad || !asked->envelope || id != asked->id ||
	    asked->frames++ >= MS_ERRAND_ENVELOPE_FRAMES)
		return MS_E_PEER;
	count = read_recipients(&wire, asked->envelope,
	    asked->envelope->omitted);
	if (ms_wire_close(&wire) != MS_OK || count == 0)
		return MS_E_PEER;
	asked->envelope->omitted -= count;
	return MS_OK;
}

void
ms_errand_envelope_clear(struct ms_errand_envelope *asked)
{
	g_free(asked->door);
	g_free(asked->login);
	ms_envelope_free(asked->envelope);
	*asked = (struct ms_errand_envelope){ .id = 0 };
}

GByteArray *
ms_errand_ruling(const struct ms_errand_ruling *ruling)
{
	GByteArray *frame = ms_wire_new(MS_ERRAND_RULING);
	const unsigned char rewritten = ruling->rewritten;

	ms_wire_put_u64(frame, ruling->id);
	ms_wire_put_u32(frame, (uint32_t)ruling->action);
	ms_wire_put_u32(frame, (uint32_t)ruling->verdict);
	ms_wire_put(frame, &rewritten, 1);
	ms_wire_put_u64(frame, ruling->size);
	ms_wire_put_string(frame, ruling->what);
	ms_wire_put_string(frame, ruling->part);
	ms_wire_put_string(frame, ruling->reply);
	ms_wire_put_string(frame, ruling->address);
	ms_wire_put_string(frame, ruling->kept);
	ms_wire_put_string(frame, ruling->next);
	ms_wire_put_string(frame, ruling->subject);
	/* The fields have room for two strings at least. */
	(void)put_strings(frame, ruling->names, g_strv_length(ruling->names),
	    2 * MS_WIRE_STRING_MAX);
	(void)put_strings(frame, ruling->fields,
	    g_strv_length(ruling->fields), 0);
	return frame;
}

/* For g_strfreev(). */
static char **
read_strings(struct ms_wire *wire)
{
	const uint32_t count = ms_wire_u32(wire);
	GPtrArray *strings = g_ptr_array_new();

	for (uint32_t i = 0; i < count && !wire->bad; i++)
		g_ptr_array_add(strings, ms_wire_text(wire));
	g_ptr_array_add(strings, NULL);
	return (char **)g_ptr_array_free(strings, FALSE);
}

enum ms_status
ms_errand_read_ruling(const unsigned char *data, size_t size,
    struct ms_errand_ruling *ruling)
{
	struct ms_wire wire = ms_wire_open(data, size, MS_ERRAND_RULING);
	uint32_t action, verdict;
	bool odd;

	ruling->id = ms_wire_u64(&wire);
	action = ms_wire_u32(&wire);
	verdict = ms_wire_u32(&wire);
	ruling->rewritten = ms_wire_flag(&wire);
	ruling->size = ms_wire_u64(&wire);
	ruling->what = ms_wire_string(&wire);
	ruling->part = ms_wire_string(&wire);
	ruling->reply = ms_wire_string(&wire);
	ruling->address = ms_wire_string(&wire);
	ruling->kept = ms_wire_string(&wire);
	ruling->next = ms_wire_string(&wire);
	ruling->subject = ms_wire_string(&wire);
	ruling->names = read_strings(&wire);
	ruling->fields = read_strings(&wire);
	/* What cannot be is no leave to deliver it. */
	odd = action >= MS_ACTIONS || verdict >= MS_VERDICTS;
	ruling->action = odd ? MS_ACTION_DEFER : (enum ms_action)action;
	ruling->verdict = odd ? MS_VERDICT_ERROR : (enum ms_verdict)verdict;
	odd |= (ruling->reply != NULL) != (action == MS_ACTION_REJECT ||
	    action == MS_ACTION_DEFER) ||
	    (ruling->address != NULL) != (action == MS_ACTION_REDIRECT) ||
	    (ruling->size > 0 && !ruling->rewritten);
	if (!odd && ms_wire_close(&wire) == MS_OK)
		return MS_OK;
	ms_errand_ruling_clear(ruling);
	return MS_E_PEER;
}

void
ms_errand_ruling_clear(struct ms_errand_ruling *ruling)
{
	g_free(ruling->what);
	g_free(ruling->part);
	g_free(ruling->reply);
	g_free(ruling->address);
	g_free(ruling->kept);
	g_free(ruling->next);
	g_free(ruling->subject);
	g_strfreev(ruling->names);
	g_strfreev(ruling->fields);
	*ruling = (struct ms_errand_ruling){ .id = 0 };
}

GByteArray *
ms_errand_gate(const struct ms_errand_gate *gate)
{
	GByteArray *frame = ms_wire_new(MS_ERRAND_GATE);

	ms_wire_put_u32(frame, MS_ERRAND_VERSION);
	ms_wire_put_u64(frame, gate->id);
	ms_wire_put_u32(frame, (uint32_t)gate->whom);
	return frame;
}

enum ms_status
ms_errand_read_gate(const unsigned char *data, size_t size,
    struct ms_errand_gate *gate)
{
	struct ms_wire wire = ms_wire_open(data, size, MS_ERRAND_GATE);
	const uint32_t version = ms_wire_u32(&wire);
	uint32_t whom;

	gate->id = ms_wire_u64(&wire);
	whom = ms_wire_u32(&wire);
	gate->whom = (enum ms_errand_whom)MIN(whom, MS_ERRAND_WHOMS);
	return version == MS_ERRAND_VERSION && whom < MS_ERRAND_WHOMS ?
	    ms_wire_close(&wire) : MS_E_PEER;
}

GByteArray *
ms_errand_gated(const struct ms_errand_gated *gated)
{
	GByteArray *frame = ms_wire_new(MS_ERRAND_GATED);
	const unsigned char flags[2] = { gated->senders, gated->recipients };

	ms_wire_put_u64(frame, gated->id);
	ms_wire_put(frame, flags, sizeof flags);
	ms_wire_put_string(frame, gated->reply);
	return frame;
}

enum ms_status
ms_errand_read_gated(const unsigned char *data, size_t size,
    struct ms_errand_gated *gated)
{
	struct ms_wire wire = ms_wire_open(data, size, MS_ERRAND_GATED);
	enum ms_status status;

	gated->id = ms_wire_u64(&wire);
	gated->senders = ms_wire_flag(&wire);
	gated->recipients = ms_wire_flag(&wire);
	gated->reply = ms_wire_string(&wire);
	status = ms_wire_close(&wire);
	if (status == MS_OK && gated->reply && *gated->reply != '4' &&
	    *gated->reply != '5')
		status = MS_E_PEER;
	if (status != MS_OK)
		g_clear_pointer(&gated->reply, g_free);
	return status;
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
ms_errand_tell(uint64_t id, const struct ms_facts *facts, bool parts,
    void (*tell)(void *arg, GByteArray *frame), void *arg)
{
	GPtrArray *frames = g_ptr_array_new_with_free_func(
	    (GDestroyNotify)g_byte_array_unref);

	g_ptr_array_add(frames, ms_frame_headers(&facts->headers));
	for (guint i = 0; i < facts->findings->len; i++) {
		const struct ms_finding *one = facts->findings->pdata[i];

		g_ptr_array_add(frames, ms_frame_within(ms_frame_finding(
		    one->kind, one->engine, one->name, one->part),
		    one->within));
	}
	for (guint i = 0; i < facts->gaps->len; i++) {
		const struct ms_gap *one = facts->gaps->pdata[i];

		g_ptr_array_add(frames, ms_frame_within(ms_frame_gap(
		    one->reason, one->part, one->detail), one->within));
	}
	for (guint i = 0; i < facts->ambiguities->len; i++) {
		const struct ms_ambiguity *one = facts->ambiguities->pdata[i];

		g_ptr_array_add(frames, ms_frame_ambiguity(one->reason,
		    one->part, one->detail));
	}
	for (guint i = 0; parts && i < facts->parts->len; i++)
		g_ptr_array_add(frames, ms_frame_part(facts->parts->pdata[i]));
	for (guint i = 0; i < frames->len; i++)
		tell(arg, ms_errand_fact(id, frames->pdata[i]));
	g_ptr_array_unref(frames);
}
