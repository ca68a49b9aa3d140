#include "message/mbox.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

struct text {
	const unsigned char *data;
	size_t size, at, cut;
};

static enum ms_status
fill(void *arg, void *data, size_t size, size_t *got, struct ms_error *err)
{
	struct text *t = arg;
	size_t left = t->size - t->at;

	(void)err;
	*got = size < t->cut ? size : t->cut;
	if (*got > left)
		*got = left;
	memcpy(data, t->data + t->at, *got);
	t->at += *got;
	return MS_OK;
}

static enum ms_status
peek(void *arg, uint64_t offset, void *data, size_t size, size_t *got,
    struct ms_error *err)
{
	struct text *t = arg;

	(void)err;
	*got = 0;
	if (offset >= t->size)
		return MS_OK;
	*got = t->size - (size_t)offset < size ? t->size - (size_t)offset :
	    size;
	memcpy(data, t->data + offset, *got);
	return MS_OK;
}

/* FNV-1a over what splits the mailbox. */
static void
mix(uint64_t *sum, const void *data, size_t size)
{
	const unsigned char *p = data;

	while (size-- > 0)
		*sum = (*sum ^ *p++) * 1099511628211u;
}

/* A message lies within its slice, byte for byte. */
static void
check_message(struct ms_mbox *m, const struct text *t,
    const struct ms_mbox_slice *slice, uint64_t *sum)
{
	size_t at = (size_t)slice->offset, size;
	const unsigned char *piece, *nl;

	if (slice->index > 0) {
		while (memcmp(t->data + at, "From ", 5) != 0)
			at++;
		nl = memchr(t->data + at, '\n', t->size - at);
		at = nl ? (size_t)(nl + 1 - t->data) : t->size;
	}
	for (;;) {
		if (ms_mbox_read(m, &piece, &size, NULL) != MS_OK)
			abort();
		if (size == 0)
			break;
		if (size > t->size - at || memcmp(piece, t->data + at, size))
			abort();
		mix(sum, piece, size);
		at += size;
	}
	/* No more than an empty line is between message and slice end. */
	if (ms_mbox_offset(m) < at || ms_mbox_offset(m) - at > 2)
		abort();
}

static uint64_t
split(const unsigned char *data, size_t size, size_t cut, bool lengths)
{
	struct text t = { data, size, 0, cut };
	struct ms_mbox_config config = { .fill = fill, .peek = peek,
		.arg = &t, .content_length = lengths };
	struct ms_mbox *m = ms_mbox_new(&config);
	struct ms_mbox_slice slice;
	uint64_t sum = 14695981039346656037u, at = 0;
	bool any = false;

	while (ms_mbox_next(m, &slice, NULL) == MS_OK) {
		if (slice.offset != at)
			abort();
		any = true;
		mix(&sum, &slice.index, sizeof slice.index);
		mix(&sum, &slice.offset, sizeof slice.offset);
		check_message(m, &t, &slice, &sum);
		at = ms_mbox_offset(m);
	}
	if (any && at != size)
		abort();
	ms_mbox_free(m);
	return sum;
}

/* The slices add up to the input, and it does not matter in which pieces
 * that comes. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	size_t cut;

	if (size < 1)
		return 0;
	cut = 1 + data[0] % 32;
	data++;
	size--;
	if (split(data, size, size + 1, false) !=
	    split(data, size, cut, false))
		abort();
	if (split(data, size, size + 1, true) != split(data, size, cut, true))
		abort();
	return 0;
}
