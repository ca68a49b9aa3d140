#include "message/intake.h"

#include "base/at.h"
#include "base/find.h"

#include <glib.h>
#include <string.h>

/*
 * A byte is on its way to three places: the digest as found, the canonical
 * digest and the body. As long as the first two would take the same bytes,
 * only one digest runs ("found"); at the first difference its state is
 * copied. Until then "found" is fed segment by segment, because a line end
 * or a quoted From_ line may turn out only in the next piece; afterwards it
 * takes every block whole.
 */

#define BLOCK 65536

static const char from_[] = "From ";
#define FROM_SIZE (sizeof from_ - 1)

struct ms_intake {
	struct ms_intake_config config;
	enum ms_intake_quoting quoting;
	struct ms_hash *found;
	struct ms_hash *canonical;	/* NULL: same as found so far */
	struct ms_spool *body;
	bool has_body;			/* without what is fed */
	uint64_t size;			/* as found */
	uint64_t omitted;

	/* What the last piece left undecided: a CR, or the start of a line
	 * that may be "^>*From ". */
	bool cr;
	bool line_start;		/* and nothing else of the line */
	uint64_t quotes;		/* '>' since the line's start */
	size_t matched;			/* bytes of "From " after them */

	const unsigned char *end;	/* of the block at hand */
	unsigned char *scratch;		/* canonical bytes, not yet fed */
	size_t scratch_used;
	unsigned char *piece;		/* of a descriptor; NULL: none was
					 * read from yet */
};

struct ms_intake *
ms_intake_new(const struct ms_intake_config *config)
{
	struct ms_intake *in = g_new0(struct ms_intake, 1);

	in->config = *config;
	in->found = ms_hash_new();
	in->scratch = g_malloc(BLOCK);
	ms_intake_begin(in, MS_INTAKE_AS_IS);
	return in;
}

void
ms_intake_free(struct ms_intake *in)
{
	if (!in)
		return;
	ms_hash_free(in->found);
	ms_hash_free(in->canonical);
	ms_spool_free(in->body);
	g_free(in->scratch);
	g_free(in->piece);
	g_free(in);
}

void
ms_intake_begin(struct ms_intake *in, enum ms_intake_quoting quoting)
{
	in->quoting = quoting;
	if (in->size > 0)
		(void)ms_hash_end(in->found);
	ms_hash_free(in->canonical);
	in->canonical = NULL;
	ms_spool_free(in->body);
	in->body = ms_spool_new(&in->config.spool);
	in->has_body = false;
	in->size = in->omitted = in->quotes = 0;
	in->matched = in->scratch_used = 0;
	in->cr = false;
	in->line_start = quoting != MS_INTAKE_AS_IS;
}

void
ms_intake_has(struct ms_intake *in, struct ms_spool *body)
{
	ms_spool_free(in->body);
	in->body = body;
	in->has_body = true;
}

static enum ms_status
keep(struct ms_intake *in, const void *data, size_t size,
    struct ms_error *err)
{
	uint64_t have = ms_spool_size(in->body);
	uint64_t room = in->config.max_bytes > have ?
	    in->config.max_bytes - have : 0;
	size_t kept = (size_t)MIN(room, size);

	if (in->has_body)
		return MS_OK;
	in->omitted += size - kept;
	return ms_spool_write(in->body, data, kept, err);
}

static void
canonical_flush(struct ms_intake *in)
{
	ms_hash_feed(in->canonical, in->scratch, in->scratch_used);
	in->scratch_used = 0;
}

static void
canonical_feed(struct ms_intake *in, const unsigned char *data, size_t size)
{
	if (size > BLOCK - in->scratch_used)
		canonical_flush(in);
	if (size >= BLOCK) {
		ms_hash_feed(in->canonical, data, size);
		return;
	}
	memcpy(in->scratch + in->scratch_used, data, size);
	in->scratch_used += size;
}

/* COUNT times '>'. */
static void
hash_quotes(struct ms_hash *hash, uint64_t count)
{
	static const unsigned char run[] = ">>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>";

	while (count > 0) {
		size_t n = (size_t)MIN(count, sizeof run - 1);

		ms_hash_feed(hash, run, n);
		count -= n;
	}
}

/* The digests part here: the bytes from REST on, and what was undecided
 * before them, are in the found one only. */
static void
fork_digest(struct ms_intake *in, const unsigned char *rest)
{
	if (in->canonical)
		return;
	in->canonical = ms_hash_copy(in->found);
	if (in->cr)
		ms_hash_feed(in->found, "\r", 1);
	hash_quotes(in->found, in->quotes);
	ms_hash_feed(in->found, from_, in->matched);
	ms_hash_feed(in->found, rest, (size_t)(in->end - rest));
}

/* Both digests, no line ends to be looked at. */
static void
hash_same(struct ms_intake *in, const unsigned char *data, size_t size)
{
	if (in->canonical)
		canonical_feed(in, data, size);
	else
		ms_hash_feed(in->found, data, size);
}

/* A CR that the last piece ended with meets FIRST (or the end, if -1). */
static void
settle_cr(struct ms_intake *in, int first, const unsigned char *rest)
{
	if (!in->cr)
		return;
	if (first == '\n') {
		fork_digest(in, rest);
		in->cr = false;
		return;
	}
	in->cr = false;
	hash_same(in, (const unsigned char *)"\r", 1);
}

/* Line ends of the segment, which is part of the block and not empty. */
static void
hash_segment(struct ms_intake *in, const unsigned char *data, size_t size)
{
	const unsigned char *end = data + size, *from = data, *cr = data;

	settle_cr(in, *data, data);
	while ((cr = memchr(cr, '\r', (size_t)(end - cr)))) {
		if (cr + 1 == end) {
			hash_same(in, from, (size_t)(cr - from));
			in->cr = true;
			return;
		}
		if (cr[1] == '\n') {
			hash_same(in, from, (size_t)(cr - from));
			fork_digest(in, cr);
			from = cr + 1;
		}
		cr++;
	}
	hash_same(in, from, (size_t)(end - from));
}

/* A segment of the block to the body and the digests. */
static enum ms_status
segment(struct ms_intake *in, const unsigned char *data, size_t size,
    struct ms_error *err)
{
	if (size == 0)
		return MS_OK;
	hash_segment(in, data, size);
	return keep(in, data, size, err);
}

/* Bytes of a line's start that were held back: no CR among them. */
static enum ms_status
held(struct ms_intake *in, uint64_t quotes, size_t matched,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;
	unsigned char run[4096];

	memset(run, '>', sizeof run);
	while (quotes > 0 && status == MS_OK) {
		size_t n = (size_t)MIN(quotes, sizeof run);

		hash_same(in, run, n);
		status = keep(in, run, n, err);
		quotes -= n;
	}
	if (status != MS_OK)
		return status;
	hash_same(in, (const unsigned char *)from_, matched);
	return keep(in, from_, matched, err);
}

static bool
quoted(const struct ms_intake *in, uint64_t quotes)
{
	return quotes > 0 &&
	    (quotes == 1 || in->quoting == MS_INTAKE_UNQUOTE_ALL);
}

/*
 * Go on with a line's start at DATA until it is known whether it is a quoted
 * From_ line; *USED is how many bytes that took.
 */
static enum ms_status
line_start(struct ms_intake *in, const unsigned char *data, size_t size,
    size_t *used, struct ms_error *err)
{
	uint64_t quotes = in->quotes;
	size_t matched = in->matched, i = 0;
	bool drop;

	if (in->matched == 0) {
		while (i < size && data[i] == '>')
			i++;
		quotes += i;
	}
	while (i < size && matched < FROM_SIZE && quotes > 0 &&
	    data[i] == (unsigned char)from_[matched]) {
		i++;
		matched++;
	}
	*used = i;
	if (i == size && matched < FROM_SIZE) {
		in->quotes = quotes;
		in->matched = matched;
		return MS_OK;
	}
	drop = matched == FROM_SIZE && quoted(in, quotes);
	if (drop)
		fork_digest(in, data);
	in->line_start = false;
	in->quotes = 0;
	in->matched = 0;
	return held(in, quotes - drop, matched, err);
}

/* The first '>' of the next quoted From_ line at or after FROM that starts
 * and ends within the block from START on; NULL: none. */
static const unsigned char *
find_quoted(const struct ms_intake *in, const unsigned char *start,
    const unsigned char *from)
{
	const unsigned char *hit = from;

	while ((hit = ms_find(hit, (size_t)(in->end - hit), ">From ", 6))) {
		const unsigned char *first = hit;

		while (first > start && first[-1] == '>')
			first--;
		if (first > start && first[-1] == '\n' &&
		    quoted(in, (uint64_t)(hit - first) + 1))
			return first;
		hit++;
	}
	return NULL;
}

/* Where the last line of the block starts, if it may be quoted; else its
 * end. */
static const unsigned char *
find_tail(const struct ms_intake *in, const unsigned char *from)
{
	const unsigned char *nl =
	    memrchr(from, '\n', (size_t)(in->end - from));
	const unsigned char *p;
	size_t left;

	if (!nl)
		return in->end;
	for (p = nl + 1; p < in->end && *p == '>'; p++)
		;
	left = (size_t)(in->end - p);
	if (left > 0 && (p == nl + 1 || left >= FROM_SIZE ||
	    memcmp(p, from_, left) != 0))
		return in->end;
	return nl + 1;
}

static enum ms_status
feed_unquoting(struct ms_intake *in, const unsigned char *data, size_t size,
    struct ms_error *err)
{
	const unsigned char *start, *from, *tail, *hit;
	enum ms_status status;
	size_t used = 0;

	if (in->line_start) {
		status = line_start(in, data, size, &used, err);
		if (status != MS_OK || in->line_start)
			return status;
	}
	start = from = data + used;
	while ((hit = find_quoted(in, start, from))) {
		status = segment(in, from, (size_t)(hit - from), err);
		if (status != MS_OK)
			return status;
		fork_digest(in, hit);
		from = hit + 1;
		start = from;
	}
	tail = find_tail(in, from);
	status = segment(in, from, (size_t)(tail - from), err);
	if (status != MS_OK || tail == from)
		return status;
	in->line_start = tail[-1] == '\n';
	return in->line_start ? line_start(in, tail,
	    (size_t)(in->end - tail), &used, err) : MS_OK;
}

enum ms_status
ms_intake_feed(struct ms_intake *in, const void *data, size_t size,
    struct ms_error *err)
{
	const unsigned char *at = data;
	enum ms_status status = MS_OK;

	in->size += size;
	while (size > 0 && status == MS_OK) {
		size_t n = MIN(size, BLOCK);

		in->end = at + n;
		if (in->canonical)
			ms_hash_feed(in->found, at, n);
		status = in->quoting == MS_INTAKE_AS_IS ?
		    segment(in, at, n, err) :
		    feed_unquoting(in, at, n, err);
		at += n;
		size -= n;
	}
	return status;
}

enum ms_status
ms_intake_end(struct ms_intake *in, struct ms_message **message,
    struct ms_error *err)
{
	enum ms_status status = held(in, in->quotes, in->matched, err);
	struct ms_message *m;

	if (status != MS_OK)
		return status;
	settle_cr(in, -1, NULL);
	m = g_new0(struct ms_message, 1);
	m->size = in->size;
	m->omitted = in->omitted;
	m->body = in->body;
	in->body = NULL;
	if (in->canonical) {
		canonical_flush(in);
		m->sha256_canonical = ms_hash_end(in->canonical);
	}
	m->sha256 = ms_hash_end(in->found);
	if (!in->canonical)
		m->sha256_canonical = m->sha256;
	m->origin.delivered = -1;
	in->size = 0;
	ms_intake_begin(in, in->quoting);
	*message = m;
	return MS_OK;
}

void
ms_intake_open(struct ms_intake *in, int fd, uint64_t size)
{
	struct ms_spool *body = size <= in->config.max_bytes ?
	    ms_spool_adopt(fd, size) : NULL;

	ms_intake_begin(in, MS_INTAKE_AS_IS);
	if (body)
		ms_intake_has(in, body);
}

enum ms_status
ms_intake_read(struct ms_intake *in, int fd, uint64_t *at, uint64_t end,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;

	if (!in->piece)
		in->piece = g_malloc(BLOCK);
	while (status == MS_OK && *at < end) {
		size_t got = 0;

		if (ms_at_read(fd, *at, in->piece,
		    (size_t)MIN(end - *at, BLOCK), &got) != MS_OK)
			return ms_error_errno(err, "cannot read the message");
		if (got == 0)
			return ms_error_set(err, MS_E_PEER,
			    "the message is shorter than was said");
		status = ms_intake_feed(in, in->piece, got, err);
		*at += got;
	}
	return status;
}

enum ms_status
ms_intake_take(struct ms_intake *in, int fd, uint64_t size,
    struct ms_message **message, struct ms_error *err)
{
	enum ms_status status;
	uint64_t at = 0;

	ms_intake_open(in, fd, size);
	status = ms_intake_read(in, fd, &at, size, err);
	return status == MS_OK ? ms_intake_end(in, message, err) : status;
}
