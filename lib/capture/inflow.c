#include "capture/inflow.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define BLOCK 65536
#define NESTING 3		/* compressions on top of each other */

/* What is compressed may become so large, whatever its size, and so many
 * times as large. */
#define WORTH ((uint64_t)1 << 30)
#define RATIO 250

typedef int register_fn(struct archive *);

/* By name: the "all" functions would run external programs. */
static register_fn *const filters[] = {
	archive_read_support_filter_gzip, archive_read_support_filter_bzip2,
	archive_read_support_filter_xz, archive_read_support_filter_zstd,
	archive_read_support_filter_lz4,
	archive_read_support_format_raw, archive_read_support_format_empty,
};

struct ms_inflow {
	int fd;
	bool seekable;
	bool opened;
	struct archive *archive;
	uint64_t taken;		/* of the descriptor */
	uint64_t offset;	/* handed out */
	bool compressed;
	unsigned char *block;	/* of the descriptor */
	const unsigned char *piece;	/* what the archive gave last */
	size_t piece_size;
	unsigned char *head;	/* NULL: not looked at, or handed out */
	size_t head_size, head_at;
	enum ms_status failed;
	struct ms_error why;
};

struct ms_inflow *
ms_inflow_new(int fd)
{
	struct ms_inflow *in = g_new0(struct ms_inflow, 1);

	in->fd = fd;
	in->seekable = lseek(fd, 0, SEEK_CUR) >= 0;
	in->block = g_malloc(BLOCK);
	return in;
}

void
ms_inflow_free(struct ms_inflow *in)
{
	if (!in)
		return;
	(void)archive_read_free(in->archive);
	g_free(in->block);
	g_free(in->head);
	g_free(in);
}

/* A position of our own: others may share the descriptor's. */
static la_ssize_t
take(struct archive *a, void *arg, const void **data)
{
	struct ms_inflow *in = arg;
	ssize_t n;

	do {
		n = in->seekable ? pread(in->fd, in->block, BLOCK,
		    (off_t)in->taken) : read(in->fd, in->block, BLOCK);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		in->failed = ms_error_errno(&in->why, "cannot be read at "
		    "byte %llu", (unsigned long long)in->taken);
		archive_set_error(a, errno, "cannot be read");
		return ARCHIVE_FATAL;
	}
	in->taken += (uint64_t)n;
	*data = in->block;
	return n;
}

/* The archive has failed, unless it was the descriptor. */
static void
fail(struct ms_inflow *in)
{
	const char *text = archive_error_string(in->archive);

	if (in->failed == MS_OK)
		in->failed = ms_error_set(&in->why, MS_E_FORMAT, "compressed, "
		    "and damaged after %llu bytes of content: %s",
		    (unsigned long long)in->offset, text ? text : "no reason");
}

/* MS_END: there is nothing in it. */
static enum ms_status
start(struct ms_inflow *in)
{
	struct archive_entry *entry;
	int n = ARCHIVE_OK;

	in->opened = true;
	in->archive = archive_read_new();
	for (size_t i = 0; i < G_N_ELEMENTS(filters); i++)
		(void)filters[i](in->archive);
	n = archive_read_open(in->archive, in, NULL, take, NULL);
	if (n == ARCHIVE_OK)
		n = archive_read_next_header(in->archive, &entry);
	if (n == ARCHIVE_EOF) {
		in->failed = MS_END;
		return MS_END;
	}
	if (n != ARCHIVE_OK && n != ARCHIVE_WARN) {
		fail(in);
		return in->failed;
	}
	in->compressed = archive_filter_count(in->archive) > 1;
	if (archive_filter_count(in->archive) - 1 > NESTING)
		in->failed = ms_error_set(&in->why, MS_E_FORMAT,
		    "compressed too many times over");
	return in->failed;
}

/* Too much for what it came from? */
static bool
is_bomb(const struct ms_inflow *in, uint64_t size)
{
	return in->compressed && size > WORTH && size / RATIO > in->taken;
}

/* Have something in piece, or else MS_END or a failure. */
static enum ms_status
fill(struct ms_inflow *in)
{
	const void *data;
	la_int64_t at;
	int n;

	if (in->failed == MS_OK && !in->opened)
		(void)start(in);
	while (in->failed == MS_OK && in->piece_size == 0) {
		n = archive_read_data_block(in->archive, &data,
		    &in->piece_size, &at);
		in->piece = data;
		if (n == ARCHIVE_EOF) {
			in->piece_size = 0;
			in->failed = MS_END;
		} else if (n != ARCHIVE_OK && n != ARCHIVE_WARN) {
			in->piece_size = 0;
			fail(in);
		} else if (is_bomb(in, (uint64_t)at + in->piece_size)) {
			in->piece_size = 0;
			in->failed = ms_error_set(&in->why, MS_E_LIMIT,
			    "%llu bytes unpack to more than %llu: the rest "
			    "is not read", (unsigned long long)in->taken,
			    (unsigned long long)at);
		}
	}
	return in->failed;
}

static size_t
move(struct ms_inflow *in, unsigned char *to, size_t size)
{
	size = MIN(size, in->piece_size);
	memcpy(to, in->piece, size);
	in->piece += size;
	in->piece_size -= size;
	return size;
}

enum ms_status
ms_inflow_head(struct ms_inflow *in, const unsigned char **data,
    size_t *size, struct ms_error *err)
{
	if (!in->head) {
		in->head = g_malloc(MS_INFLOW_HEAD);
		while (in->head_size < MS_INFLOW_HEAD && fill(in) == MS_OK)
			in->head_size += move(in, in->head + in->head_size,
			    MS_INFLOW_HEAD - in->head_size);
	}
	*data = in->head;
	*size = in->head_size;
	if (in->head_size == 0 && in->failed < 0)
		return ms_error_set(err, in->failed, "%s", in->why.text);
	return MS_OK;
}

enum ms_status
ms_inflow_read(struct ms_inflow *in, void *data, size_t size, size_t *got,
    struct ms_error *err)
{
	*got = 0;
	if (in->head_at < in->head_size) {
		*got = MIN(size, in->head_size - in->head_at);
		memcpy(data, in->head + in->head_at, *got);
		in->head_at += *got;
	} else if (size > 0 && (in->piece_size > 0 || fill(in) == MS_OK)) {
		*got = move(in, data, size);
	} else if (size > 0 && in->failed < 0) {
		return ms_error_set(err, in->failed, "%s", in->why.text);
	}
	in->offset += *got;
	return MS_OK;
}

uint64_t
ms_inflow_offset(const struct ms_inflow *in)
{
	return in->offset;
}
