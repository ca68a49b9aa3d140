#include "message/union.h"

#include "base/hash.h"
#include "message/loose64.h"
#include "message/lines.h"
#include "message/qp.h"
#include "message/segment.h"

#include <stdio.h>
#include <string.h>

/* What is less is no content, but perhaps a word that people read. */
#define READING_MIN 16
#define READING_MIN_SMALL 3

/* So far into an encoded multipart, a part must have begun. */
#define PARTS_WINDOW 16384

/* Of what is larger, only the likelier readings are tried. */
#define VARIANTS_MAX (1u << 20)

struct walk {
	const struct ms_union_input *input;
	ms_union_visit *visit;
	void *arg;
	GHashTable *seen;	/* digests */
	struct ms_pour *pour;
	uint64_t left;		/* bytes that may still be read */
	bool base64;		/* the message mentions it */
	bool cut;		/* a body was too large for all variants */
	struct ms_error *err;
};

static enum ms_status
charge(struct walk *walk, size_t size)
{
	if (size > walk->left) {
		walk->input->budget->hit = MS_BUDGET_SIZE;
		return ms_error_set(walk->err, MS_E_LIMIT,
		    "readable in more ways than can be tried");
	}
	walk->left -= size;
	return MS_OK;
}

/* The size of the smallest reading. */
static size_t
least(const struct walk *walk)
{
	return walk->input->small ? READING_MIN_SMALL : READING_MIN;
}

/* Hand a reading to the visitor, if it is a new one. */
static enum ms_status
give(struct walk *walk, struct ms_union_reading *reading)
{
	struct ms_digest *digest;
	enum ms_status status;

	if (reading->size < least(walk))
		return MS_OK;
	digest = g_new(struct ms_digest, 1);
	*digest = ms_hash_of(reading->data, reading->size);
	if (!g_hash_table_add(walk->seen, digest))
		return MS_OK;
	status = ms_budget_part(walk->input->budget, walk->err);
	return status == MS_OK ? walk->visit(walk->arg, reading, walk->err) :
	    status;
}

/* Give READING, and without the blanks and line ends after it. */
static enum ms_status
give_both(struct walk *walk, struct ms_union_reading *reading)
{
	enum ms_status status = give(walk, reading);
	size_t size = reading->size;

	while (size > 0 && strchr(" \t\r\n", reading->data[size - 1]))
		size--;
	if (status != MS_OK || size == reading->size)
		return status;
	reading->size = size;
	reading->decoded = false;
	return give(walk, reading);
}

/* Give what was poured, the bytes FROM to TO read as HOW says. */
static enum ms_status
give_poured(struct walk *walk, const struct ms_segment *bytes,
    const char *how, bool decoded)
{
	struct ms_union_reading reading = {
		.decoded = decoded,
		.whole = bytes->from == 0 && bytes->to == walk->input->size,
	};
	enum ms_status status = ms_pour_end(walk->pour, &reading.data,
	    &reading.size);
	char name[80];

	if (status != MS_OK)
		return status;
	(void)snprintf(name, sizeof name, "%zu-%zu as %s", bytes->from,
	    bytes->to, how);
	reading.name = name;
	return give_both(walk, &reading);
}

static enum ms_status
read_base64(struct walk *walk, const struct ms_segment *bytes,
    const struct ms_loose64_how *how)
{
	enum ms_status status = charge(walk, bytes->to - bytes->from);

	if (status != MS_OK)
		return status;
	ms_pour_start(walk->pour, walk->input->spool, walk->input->budget,
	    walk->err);
	ms_loose64_decode(walk->input->data + bytes->from,
	    bytes->to - bytes->from, how, walk->pour);
	return give_poured(walk, bytes, "base64", true);
}

/* Every reading of base64 that SURVEY makes possible. */
static enum ms_status
read_all_base64(struct walk *walk, const struct ms_segment *bytes,
    const struct ms_loose64_survey *survey)
{
	size_t url = survey->url_letters;
	const struct {
		bool wanted;
		struct ms_loose64_how how;
	} ways[] = {
		{ true, { MS_LOOSE64_PAD_RESTART, false, 0 } },
		{ survey->pad_inside, { MS_LOOSE64_PAD_STOP, false, 0 } },
		{ survey->pad_inside, { MS_LOOSE64_PAD_SKIP, false, 0 } },
		{ survey->uneven, { MS_LOOSE64_PAD_LINE, false, 0 } },
		{ url > 0, { MS_LOOSE64_PAD_RESTART, true, 0 } },
		{ url > 0 && survey->pad_inside,
		  { MS_LOOSE64_PAD_SKIP, true, 0 } },
		/* A letter too many at the start moves everything. */
		{ (survey->letters + url + survey->pads) % 4 != 0,
		  { MS_LOOSE64_PAD_RESTART, false, 1 } },
		{ (survey->letters + url + survey->pads) % 4 > 1,
		  { MS_LOOSE64_PAD_RESTART, false, 2 } },
		{ (survey->letters + url + survey->pads) % 4 > 2,
		  { MS_LOOSE64_PAD_RESTART, false, 3 } },
	};
	enum ms_status status = MS_OK;

	for (size_t i = 0; i < G_N_ELEMENTS(ways) && status == MS_OK; i++)
		if (ways[i].wanted)
			status = read_base64(walk, bytes, &ways[i].how);
	return status;
}

/* Lines of base64 and nothing else. */
struct run {
	struct ms_segment bytes;
	size_t first, second;	/* sizes of its first lines */
	size_t after_first;	/* offset of the second */
	unsigned lines;
	unsigned pieces;	/* with blank lines between */
};

static void
run_add(struct run *run, size_t from, size_t to, size_t next, size_t size)
{
	if (run->lines == 0) {
		run->bytes.from = from;
		run->after_first = next;
		run->first = size;
	} else if (run->lines == 1) {
		run->second = size;
	}
	run->lines++;
	run->bytes.to = to;
}

static enum ms_status
read_run(struct walk *walk, const struct run *run)
{
	const unsigned char *data = walk->input->data;
	struct ms_segment bytes = run->bytes;
	struct ms_loose64_survey survey;
	enum ms_status status;

	ms_loose64_survey(data + bytes.from, bytes.to - bytes.from, &survey);
	if (survey.letters + survey.url_letters < READING_MIN)
		return MS_OK;
	status = read_all_base64(walk, &bytes, &survey);
	/* A short line before long ones is no part of them: a word, or what
	 * is left of a header. */
	if (status != MS_OK || run->lines < 2 || run->first >= run->second)
		return status;
	bytes.from = run->after_first;
	ms_loose64_survey(data + bytes.from, bytes.to - bytes.from, &survey);
	return read_all_base64(walk, &bytes, &survey);
}

/* The run in ONE ended; the one over blank lines in OVER goes on while
 * IS_BLANK. */
static enum ms_status
end_runs(struct walk *walk, struct run *one, struct run *over, bool is_blank)
{
	enum ms_status status = MS_OK;

	if (one->lines > 0) {
		status = read_run(walk, one);
		over->pieces++;
	}
	*one = (struct run){ 0 };
	if (is_blank)
		return status;
	if (status == MS_OK && over->pieces > 1)
		status = read_run(walk, over);
	*over = (struct run){ 0 };
	return status;
}

static enum ms_status
read_runs(struct walk *walk)
{
	const unsigned char *data = walk->input->data;
	struct run one = { 0 }, over = { 0 };
	enum ms_status status = MS_OK;
	struct ms_lines lines;
	struct ms_line line;

	ms_lines_start(&lines, data, walk->input->size);
	while (status == MS_OK && ms_lines_next(&lines, &line)) {
		size_t from = (size_t)(line.data - data);
		size_t next = (size_t)(line.next - data);

		if (!ms_loose64_is_line(line.data, line.size)) {
			status = end_runs(walk, &one, &over,
			    ms_lines_is_blank(&line));
			continue;
		}
		run_add(&one, from, from + line.size, next, line.size);
		run_add(&over, from, from + line.size, next, line.size);
	}
	return status == MS_OK ? end_runs(walk, &one, &over, false) : status;
}

static enum ms_status
read_qp(struct walk *walk, const struct ms_segment *bytes,
    const struct ms_qp_how *how, bool decoded)
{
	enum ms_status status = charge(walk, bytes->to - bytes->from);

	if (status != MS_OK)
		return status;
	ms_pour_start(walk->pour, walk->input->spool, walk->input->budget,
	    walk->err);
	ms_qp_decode(walk->input->data + bytes->from,
	    bytes->to - bytes->from, how, walk->pour);
	return give_poured(walk, bytes, "quoted-printable", decoded);
}

/* Every combination of what is done to bad escapes, blanks and octets. */
static enum ms_status
read_qp_variants(struct walk *walk, const struct ms_segment *bytes,
    const struct ms_qp_survey *survey)
{
	enum ms_status status = MS_OK;

	for (unsigned i = 0; i < 4 * MS_QP_BAD_COUNT && status == MS_OK;
	    i++) {
		struct ms_qp_how how = {
			.bad = i / 4,
			.keep_blanks = i & 1,
			.printable = i & 2,
		};

		if ((how.bad != MS_QP_BAD_KEEP && !survey->bad) ||
		    (how.bad == MS_QP_BAD_PREFIX && !survey->prefix) ||
		    (how.keep_blanks && !survey->blanks) ||
		    (how.printable && !survey->octets))
			continue;
		/* Variants are next to the first of them. */
		status = read_qp(walk, bytes, &how, i == 0 && survey->coded);
	}
	return status;
}

static enum ms_status
read_all_qp(struct walk *walk, const struct ms_segment *bytes)
{
	struct ms_qp_how how = { 0 };
	struct ms_qp_survey survey;
	enum ms_status status;

	ms_qp_survey(walk->input->data + bytes->from,
	    bytes->to - bytes->from, &survey);
	if (bytes->to - bytes->from > VARIANTS_MAX) {
		walk->cut |= survey.bad || survey.ends || survey.bare_cr;
		return survey.coded ? read_qp(walk, bytes, &how, true) :
		    MS_OK;
	}
	status = read_qp_variants(walk, bytes, &survey);
	for (how.ends = MS_QP_ENDS_LF; how.ends <= MS_QP_ENDS_NO_CR &&
	    status == MS_OK; how.ends++)
		if (how.ends == MS_QP_ENDS_NO_CR ? survey.bare_cr :
		    survey.ends)
			status = read_qp(walk, bytes, &how, false);
	return status;
}

static enum ms_status
read_plain(struct walk *walk, const struct ms_segment *bytes)
{
	char name[64];
	struct ms_union_reading reading = {
		.name = name,
		.data = walk->input->data + bytes->from,
		.size = bytes->to - bytes->from,
	};
	enum ms_status status = charge(walk, reading.size);

	if (status == MS_OK)
		status = ms_budget_bytes(walk->input->budget, reading.size,
		    walk->err);
	(void)snprintf(name, sizeof name, "%zu-%zu", bytes->from, bytes->to);
	return status == MS_OK ? give_both(walk, &reading) : status;
}

/* One body, read in every way that makes sense for what it looks like. */
static enum ms_status
read_body(struct walk *walk, const struct ms_segment *bytes)
{
	struct ms_loose64_survey survey;
	enum ms_status status = MS_OK;
	size_t size = bytes->to - bytes->from, letters;
	bool pure, coded;

	if (size < least(walk))
		return MS_OK;
	ms_loose64_survey(walk->input->data + bytes->from, size, &survey);
	letters = survey.letters + survey.url_letters;
	pure = survey.junk == 0 && survey.blanks == 0;
	/* With equals signs all over it, it is no base64, whatever its
	 * letters. */
	coded = survey.pads > 4 && survey.pads * 8 > letters;
	/* Without junk it is a run, and those were read if they are not too
	 * short; but lines of padding end one. */
	if ((!pure || letters < READING_MIN ||
	    (survey.pad_inside && walk->input->small)) &&
	    letters >= least(walk) &&
	    survey.junk + survey.blanks <= 2 * letters &&
	    (walk->base64 || survey.blanks == 0))
		status = read_all_base64(walk, bytes, &survey);
	if (status != MS_OK || (pure && !coded && size > 4096))
		return status;
	status = read_plain(walk, bytes);
	return status == MS_OK ? read_all_qp(walk, bytes) : status;
}

/* Without the line end before TO, which belongs to a delimiter. */
static size_t
before_end(const unsigned char *data, size_t from, size_t to)
{
	if (to > from && data[to - 1] == '\n')
		to--;
	if (to > from && data[to - 1] == '\r')
		to--;
	return to;
}

/* The end of the first paragraph of BYTES. */
static size_t
paragraph_end(const unsigned char *data, const struct ms_segment *bytes)
{
	struct ms_lines lines;
	struct ms_line line;
	size_t to = bytes->from;

	ms_lines_start(&lines, data + bytes->from, bytes->to - bytes->from);
	while (ms_lines_next(&lines, &line) &&
	    (to == bytes->from || !ms_lines_is_blank(&line)))
		to = (size_t)(line.data + line.size - data);
	return to;
}

/* The body of SEGMENT that begins at START: its end, too, is a question. */
static enum ms_status
read_from(struct walk *walk, const struct ms_segment *segment, size_t start)
{
	const unsigned char *data = walk->input->data;
	struct ms_segment bytes = { start, segment->to };
	size_t ends[3] = { before_end(data, start, segment->to),
		paragraph_end(data, &bytes) };
	enum ms_status status = MS_OK;
	size_t count = 2;

	if (segment->to - start <= VARIANTS_MAX)
		ends[count++] = segment->to;
	for (size_t i = 0; i < count && status == MS_OK; i++) {
		bool again = false;

		bytes.to = ends[i];
		for (size_t k = 0; k < i; k++)
			again |= ends[k] == ends[i];
		if (!again)
			status = read_body(walk, &bytes);
	}
	return status;
}

/* Does the CR at AT end a line by itself? CRLF, CRCRLF and LFCR end one line
 * each. */
static bool
is_whole_end(const unsigned char *data, size_t size, size_t at)
{
	if (at > 0 && data[at - 1] == '\n')
		return false;
	if (at + 2 < size && data[at + 1] == '\r' && data[at + 2] == '\n')
		return false;
	return !(at + 1 < size && data[at + 1] == '\n');
}

/* The whole of it without NULs, and with LF for every line end: what reads
 * UTF-16 as ASCII, and what a mail system on the way may have made of it. */
static enum ms_status
read_plainer(struct walk *walk)
{
	const struct ms_segment bytes = { 0, walk->input->size };
	const unsigned char *data = walk->input->data;
	bool nuls = memchr(data, '\0', bytes.to), bare_cr = false;
	enum ms_status status;

	for (size_t i = 0; i < bytes.to && !bare_cr; i++)
		bare_cr = data[i] == '\r' &&
		    !(i + 1 < bytes.to && data[i + 1] == '\n');
	if (!nuls && !bare_cr)
		return MS_OK;
	status = charge(walk, bytes.to);
	if (status != MS_OK)
		return status;
	ms_pour_start(walk->pour, walk->input->spool, walk->input->budget,
	    walk->err);
	for (size_t i = 0; i < bytes.to && walk->pour->status == MS_OK; i++)
		if (data[i] == '\r') {
			if (is_whole_end(data, bytes.to, i))
				ms_pour_byte(walk->pour, '\n');
		} else if (data[i] != '\0') {
			ms_pour_byte(walk->pour, data[i]);
		}
	return give_poured(walk, &bytes, "plain lines", true);
}

static enum ms_status
read_segments(struct walk *walk)
{
	const struct ms_union_input *input = walk->input;
	size_t starts[MS_SEGMENT_STARTS], count;
	enum ms_status status = MS_OK;
	GArray *segments;
	bool all;

	segments = ms_segment_find(input->data, input->size, &all);
	for (guint i = 0; i < segments->len && status == MS_OK; i++) {
		const struct ms_segment *segment = &g_array_index(segments,
		    struct ms_segment, i);

		count = ms_segment_starts(input->data, segment, starts);
		for (size_t k = 0; k < count && status == MS_OK; k++)
			status = read_from(walk, segment, starts[k]);
	}
	g_array_unref(segments);
	if (status == MS_OK && walk->cut) {
		input->budget->hit = MS_BUDGET_SIZE;
		return ms_error_set(walk->err, MS_E_LIMIT,
		    "quoted-printable too large to be read in every way");
	}
	if (status != MS_OK || all)
		return status;
	input->budget->hit = MS_BUDGET_COUNT;
	return ms_error_set(walk->err, MS_E_LIMIT,
	    "more delimiters than can be tried");
}

/* Is base64 spoken of, be it in the encoding of a header's words? */
static bool
mentions_base64(const unsigned char *data, size_t size)
{
	for (size_t i = 0; i + 4 < size; i++)
		if ((data[i] | 0x20) == 'a' && g_ascii_strncasecmp(
		    (const char *)data + i, "ase64", 5) == 0)
			return true;
	return memmem(data, size, "=?", 2);
}

bool
ms_union_holds_parts(const struct ms_union_reading *reading)
{
	const unsigned char *data = reading->data;
	size_t size = MIN(reading->size, (size_t)PARTS_WINDOW);

	return ((data[0] == '-' && data[1] == '-') ||
	    memmem(data, size, "\n--", 3)) &&
	    memmem(data, size, "ontent-", 7);
}

enum ms_status
ms_union_walk(const struct ms_union_input *input, ms_union_visit *visit,
    void *arg, struct ms_error *err)
{
	struct walk walk = {
		.input = input,
		.visit = visit,
		.arg = arg,
		.seen = g_hash_table_new_full(ms_hash_key,
		    ms_hash_key_equal, g_free, NULL),
		.pour = g_new(struct ms_pour, 1),
		.left = (uint64_t)input->size * MS_UNION_TIMES +
		    MS_UNION_FLOOR,
		.base64 = mentions_base64(input->data, input->size),
		.err = err,
	};
	struct ms_digest *self = g_new(struct ms_digest, 1);
	enum ms_status status;

	*self = ms_hash_of(input->data, input->size);
	g_hash_table_add(walk.seen, self);
	status = read_runs(&walk);
	if (status == MS_OK)
		status = read_plainer(&walk);
	if (status == MS_OK)
		status = read_segments(&walk);
	g_free(walk.pour);
	g_hash_table_unref(walk.seen);
	return status == MS_END ? MS_OK : status;
}
