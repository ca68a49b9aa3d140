#include "message/skeleton.h"

#include "base/vector.h"

#include <stdbool.h>
#include <string.h>

/* Bytes that stay at either end of a stretch, and those worth a cut. */
#define KEPT 4096
#define WORTH 16384

/* Bytes looked at together, which hold the end of a line. */
#define PIECE 512

/* The copy has at most this part of the message. */
#define PART 4

/* What is left out: SIZE bytes before the byte at AT of the skeleton, where
 * the SUM of this cut and all before it is missing. */
struct cut {
	size_t at;
	size_t size;
	size_t sum;
};

/* What is in the vector at P, behind which there is another byte, and not in
 * encoded lines. */
static ms_vector
strange(const unsigned char *p)
{
	const ms_vector b = ms_vector_load(p), next = ms_vector_load(p + 1);
	ms_vector end = (ms_vector)(b == '\n');
	ms_vector bad = (ms_vector)((b - (unsigned char)'+') > 'z' - '+');

	bad &= ~(end | (ms_vector)(b == '\r'));
	bad |= (ms_vector)(b == ':') | (ms_vector)(b == '-');
	return bad | (end &
	    ((ms_vector)(next == '\n') | (ms_vector)(next == '\r')));
}

/* There is an end of a line in every piece. */
static const unsigned char *
line_after(const unsigned char *p)
{
	return (const unsigned char *)memchr(p, '\n', 2 * PIECE) + 1;
}

/* Cut the stretch from START to END. */
static void
cut_stretch(struct ms_skeleton *skeleton, const unsigned char *start,
    const unsigned char *end)
{
	const unsigned char *from, *to;
	const struct cut *last = NULL;
	struct cut cut;

	if (end - start < WORTH)
		return;
	/* One line of these stays at least. */
	from = line_after(line_after(start + KEPT));
	to = memrchr(start, '\n', (size_t)(end - start) - KEPT);
	if (skeleton->cuts->len > 0)
		last = &g_array_index(skeleton->cuts, struct cut,
		    skeleton->cuts->len - 1);
	cut.size = (size_t)(to + 1 - from);
	cut.sum = cut.size + (last ? last->sum : 0);
	cut.at = (size_t)(to + 1 - skeleton->data) - cut.sum;
	g_array_append_val(skeleton->cuts, cut);
}

/* Is all of the PIECE at P, behind which there is another byte, as it is in
 * encoded lines, none of them longer than twice that? */
static bool
is_piece(const unsigned char *p)
{
	for (size_t i = 0; i < PIECE; i += 4 * sizeof(ms_vector)) {
		ms_vector bad = strange(p + i) |
		    strange(p + i + sizeof(ms_vector)) |
		    strange(p + i + 2 * sizeof(ms_vector)) |
		    strange(p + i + 3 * sizeof(ms_vector));

		if (ms_vector_any(bad))
			return false;
	}
	return memchr(p, '\n', PIECE) != NULL;
}

static void
find_cuts(struct ms_skeleton *skeleton)
{
	const unsigned char *p = skeleton->data, *start = p;
	const unsigned char *end = p + skeleton->size;

	for (; end - p > PIECE; p += PIECE) {
		if (is_piece(p))
			continue;
		cut_stretch(skeleton, start, p);
		start = p + PIECE;
	}
	cut_stretch(skeleton, start, p);
}

static void
copy_rest(struct ms_skeleton *skeleton)
{
	const unsigned char *from = skeleton->data;
	size_t left = skeleton->size;

	skeleton->copy = g_byte_array_new();
	for (guint i = 0; i < skeleton->cuts->len; i++) {
		const struct cut *cut = &g_array_index(skeleton->cuts,
		    struct cut, i);
		size_t kept = cut->at - skeleton->copy->len;

		g_byte_array_append(skeleton->copy, from, (guint)kept);
		from += kept + cut->size;
		left -= kept + cut->size;
	}
	g_byte_array_append(skeleton->copy, from, (guint)left);
	skeleton->data = skeleton->copy->data;
	skeleton->size = skeleton->copy->len;
}

static void
drop_cuts(struct ms_skeleton *skeleton)
{
	if (skeleton->cuts)
		g_array_unref(skeleton->cuts);
	skeleton->cuts = NULL;
}

void
ms_skeleton_init(struct ms_skeleton *skeleton, const unsigned char *data,
    size_t size)
{
	size_t sum = 0;

	*skeleton = (struct ms_skeleton){ data, size, NULL,
		g_array_new(FALSE, FALSE, sizeof(struct cut)) };
	if (size >= WORTH)
		find_cuts(skeleton);
	if (skeleton->cuts->len > 0)
		sum = g_array_index(skeleton->cuts, struct cut,
		    skeleton->cuts->len - 1).sum;
	if (sum > 0 && size - sum <= size / PART)
		copy_rest(skeleton);
	else
		drop_cuts(skeleton);
}

void
ms_skeleton_clear(struct ms_skeleton *skeleton)
{
	if (skeleton->copy)
		g_byte_array_unref(skeleton->copy);
	drop_cuts(skeleton);
	*skeleton = (struct ms_skeleton){ 0 };
}

size_t
ms_skeleton_offset(const struct ms_skeleton *skeleton, size_t offset)
{
	guint low = 0, high = skeleton->cuts ? skeleton->cuts->len : 0;

	/* The last cut at or before OFFSET is the one before HIGH. */
	while (low < high) {
		guint middle = low + (high - low) / 2;

		if (g_array_index(skeleton->cuts, struct cut, middle).at <=
		    offset)
			low = middle + 1;
		else
			high = middle;
	}
	return high == 0 ? offset : offset + g_array_index(skeleton->cuts,
	    struct cut, high - 1).sum;
}
