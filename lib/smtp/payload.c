#include "smtp/payload.h"

#include <string.h>

#include "base/vector.h"

/* What stands before looks like the beginning of an end: a line end of any
 * kind, then a dot behind it. */
enum { LIKE_NOTHING, LIKE_LINE, LIKE_DOT };

void
ms_payload_init(struct ms_payload *payload, enum ms_payload_kind kind)
{
	*payload = (struct ms_payload){
		.kind = kind,
		.start = true,
		.like = LIKE_LINE,
		.facts.ended_line = true,
	};
}

static void
count_bytes(struct ms_payload_facts *facts, const unsigned char *p, size_t n)
{
	size_t at = 0;

	while (at < n) {
		const size_t most = n - at < 16 ? n - at : 16;

		if (most == 16) {
			const ms_vector v = ms_vector_load(p + at);

			if (!ms_vector_any((v == 0) | (v > 127))) {
				at += 16;
				continue;
			}
		}
		for (size_t i = 0; i < most; i++, at++) {
			facts->nul += p[at] == 0;
			facts->eight_bit += p[at] > 127;
		}
	}
}

static void
note_bare(struct ms_payload_facts *facts, uint64_t where)
{
	if (facts->bare_cr + facts->bare_lf == 0)
		facts->first_bare = where;
}

static void
note_like(struct ms_payload *payload)
{
	if (payload->facts.like_end++ == 0)
		payload->facts.first_like_end = payload->dot;
}

/* What the byte C, which comes at WHERE in the content, makes of what stands
 * before it: only line ends, and dots behind them, are of interest. */
static void
step(struct ms_payload *payload, unsigned char c, uint64_t where)
{
	if (payload->cr && c != '\n') {
		note_bare(&payload->facts, where - 1);
		payload->facts.bare_cr++;
	}
	if (c == '\n' && !payload->cr) {
		note_bare(&payload->facts, where);
		payload->facts.bare_lf++;
	}
	payload->cr = c == '\r';
	if (c == '\r' || c == '\n') {
		if (payload->like == LIKE_DOT)
			note_like(payload);
		payload->like = LIKE_LINE;
	} else if (c == '.' && payload->like == LIKE_LINE) {
		payload->like = LIKE_DOT;
		payload->dot = where;
	} else if (c != '\0') {
		payload->like = LIKE_NOTHING;
	}
}

/* The N bytes at P, of which only the last one may be LF. */
static void
look(struct ms_payload *payload, const unsigned char *p, size_t n)
{
	const unsigned char *end = p + n, *q = p;

	while (q < end) {
		if (payload->like == LIKE_NOTHING) {
			const unsigned char *cr = memchr(q, '\r',
			    (size_t)(end - q));

			if (cr)
				q = cr;
			else if (end[-1] == '\n')
				q = end - 1;
			else
				return;
		}
		step(payload, *q, payload->facts.size + (uint64_t)(q - p));
		q++;
	}
}

/* The longest run of content from P on: up to a line that a dot begins. */
static size_t
run(struct ms_payload *payload, const unsigned char *p, size_t size)
{
	struct ms_payload_facts *facts = &payload->facts;
	const unsigned char *at = p, *end = p + size;

	while (at < end && !(payload->start && *at == '.' &&
	    payload->kind != MS_PAYLOAD_CHUNKS)) {
		const unsigned char *feed = memchr(at, '\n',
		    (size_t)(end - at));
		const size_t n = (size_t)((feed ? feed + 1 : end) - at);
		bool whole = feed && (n > 1 ? feed[-1] == '\r' : payload->cr);

		look(payload, at, n);
		facts->size += n;
		payload->line += n;
		facts->longest = payload->line > facts->longest ?
		    payload->line : facts->longest;
		whole |= feed && payload->kind == MS_PAYLOAD_LOOSE;
		facts->ended_line = payload->start = whole;
		if (whole) {
			facts->lines++;
			payload->line = 0;
		}
		at += n;
	}
	count_bytes(facts, p, (size_t)(at - p));
	return (size_t)(at - p);
}

/* The CR behind the dot of a line did not begin an end: it is content. */
static void
release(struct ms_payload *payload, const unsigned char **bytes, size_t *size)
{
	static const unsigned char cr[] = { '\r' };

	*bytes = cr;
	*size = 1;
	payload->held = false;
	payload->facts.ended_line = false;
	payload->facts.size++;
	payload->line++;
	if (payload->line > payload->facts.longest)
		payload->facts.longest = payload->line;
	payload->cr = true;
	note_like(payload);
	payload->like = LIKE_LINE;
}

/* Behind the dot that begins a line, which was taken; **P is what follows.
 * True: the end. A CR is held back until it is seen what is behind it. */
static bool
after_dot(struct ms_payload *payload, const unsigned char **p)
{
	payload->dotted = false;
	if (**p == '\r') {
		payload->held = true;
		(*p)++;
		return false;
	}
	if (**p == '\n' && payload->kind == MS_PAYLOAD_LOOSE) {
		(*p)++;
		return true;
	}
	return false;
}

/* What comes before a run: dots of lines, and what they may begin. True: the
 * end; or *RUN_SIZE is no longer 0. */
static bool
before_run(struct ms_payload *payload, const unsigned char **p,
    const unsigned char *end, const unsigned char **bytes, size_t *size)
{
	while (*p < end) {
		if (payload->held && **p == '\n') {
			payload->held = false;
			(*p)++;
			return true;
		}
		if (payload->held) {
			release(payload, bytes, size);
			return false;
		}
		if (payload->dotted) {
			if (after_dot(payload, p))
				return true;
			if (payload->held)
				continue;
			return false;
		}
		if (!payload->start || **p != '.' ||
		    payload->kind == MS_PAYLOAD_CHUNKS)
			return false;
		(*p)++;
		payload->start = false;
		payload->dotted = true;
		payload->facts.dots++;
		payload->cr = false;
		payload->like = LIKE_DOT;
		payload->dot = payload->facts.size;
	}
	return false;
}

enum ms_status
ms_payload_feed(struct ms_payload *payload, const void *data, size_t size,
    size_t *used, const unsigned char **bytes, size_t *bytes_size)
{
	const unsigned char *p = data, *end = p + size;
	bool over;

	*bytes = p;
	*bytes_size = 0;
	over = before_run(payload, &p, end, bytes, bytes_size);
	if (over) {
		/* That dot was no content, and no line's. */
		payload->facts.dots--;
	} else if (*bytes_size == 0 && p < end) {
		*bytes = p;
		*bytes_size = run(payload, p, (size_t)(end - p));
		p += *bytes_size;
	}
	*used = (size_t)(p - (const unsigned char *)data);
	payload->facts.raw_size += *used;
	return over ? MS_OK : MS_END;
}

void
ms_payload_skip(struct ms_payload *payload)
{
	payload->start = payload->cr = false;
	payload->dotted = payload->held = false;
	payload->like = LIKE_NOTHING;
	payload->facts.ended_line = false;
}

void
ms_payload_end(struct ms_payload *payload, const unsigned char **bytes,
    size_t *bytes_size)
{
	*bytes = NULL;
	*bytes_size = 0;
	if (payload->held)
		release(payload, bytes, bytes_size);
	if (payload->cr) {
		note_bare(&payload->facts, payload->facts.size - 1);
		payload->facts.bare_cr++;
		payload->cr = false;
	}
}
