#include "source/compressed.h"

#include "source/record.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NESTING 3		/* compressions of one member */
#define BLOCK 65536

typedef int register_fn(struct archive *);

/* By magic: what to register, and nothing else. Not the "all" functions,
 * which run external programs on hostile bytes. */
struct magic {
	const char *bytes;
	size_t size, at;
	register_fn *filter;	/* NULL: a container */
	register_fn *format;	/* NULL: whatever a filter may hold */
};

static const struct magic magics[] = {
	{ "\x1f\x8b\x08", 3, 0, archive_read_support_filter_gzip, NULL },
	{ "BZh", 3, 0, archive_read_support_filter_bzip2, NULL },
	{ "\xfd" "7zXZ\0", 6, 0, archive_read_support_filter_xz, NULL },
	{ "\x28\xb5\x2f\xfd", 4, 0, archive_read_support_filter_zstd, NULL },
	{ "\x04\x22\x4d\x18", 4, 0, archive_read_support_filter_lz4, NULL },
	{ "\x1f\x9d", 2, 0, archive_read_support_filter_compress, NULL },
	{ "PK\x03\x04", 4, 0, NULL, archive_read_support_format_zip },
	{ "PK\x05\x06", 4, 0, NULL, archive_read_support_format_zip },
	{ "PK\x07\x08", 4, 0, NULL, archive_read_support_format_zip },
	{ "7z\xbc\xaf\x27\x1c", 6, 0, NULL, archive_read_support_format_7zip },
	{ "ustar", 5, 257, NULL, archive_read_support_format_tar },
};

/* What filters are stacked on, and what may lie below them. */
static register_fn *const filters[] = {
	archive_read_support_filter_gzip, archive_read_support_filter_bzip2,
	archive_read_support_filter_xz, archive_read_support_filter_zstd,
	archive_read_support_filter_lz4, archive_read_support_filter_compress,
};

/* The sum in a tar header, to tell one from a text that says "ustar". */
static bool
is_tar(const unsigned char *data, size_t size)
{
	unsigned long sum = 0, stated = 0;

	if (size < 512)
		return false;
	for (size_t i = 0; i < 512; i++)
		sum += i >= 148 && i < 156 ? ' ' : data[i];
	for (size_t i = 148; i < 156; i++)
		if (data[i] >= '0' && data[i] <= '7')
			stated = stated * 8 + (data[i] - '0');
	return sum == stated;
}

/* "BZh" is also how a text may begin. */
static bool
is_bzip2(const unsigned char *data, size_t size)
{
	return size >= 10 && data[3] >= '1' && data[3] <= '9' &&
	    (memcmp(data + 4, "1AY&SY", 6) == 0 ||
	    memcmp(data + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);
}

static const struct magic *
find_magic(const unsigned char *data, size_t size)
{
	for (size_t i = 0; i < G_N_ELEMENTS(magics); i++) {
		const struct magic *m = &magics[i];

		if (size < m->at + m->size ||
		    memcmp(data + m->at, m->bytes, m->size) != 0)
			continue;
		if ((m->at > 0 && !is_tar(data, size)) ||
		    (data[0] == 'B' && !is_bzip2(data, size)))
			continue;
		return m;
	}
	return NULL;
}

bool
ms_compressed_is(const unsigned char *data, size_t size)
{
	return find_magic(data, size) != NULL;
}

/* The boxed half. */

struct input {
	int fd;
	int64_t at;		/* a position of our own: others may share
				 * the descriptor's */
	unsigned char block[BLOCK];
};

static la_ssize_t
input_read(struct archive *a, void *arg, const void **data)
{
	struct input *in = arg;
	ssize_t n;

	do {
		n = pread(in->fd, in->block, sizeof in->block, in->at);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		archive_set_error(a, errno, "cannot be read");
		return ARCHIVE_FATAL;
	}
	in->at += n;
	*data = in->block;
	return n;
}

static la_int64_t
input_seek(struct archive *a, void *arg, la_int64_t offset, int whence)
{
	struct input *in = arg;
	int64_t base = whence == SEEK_CUR ? in->at : 0;

	(void)a;
	if (whence == SEEK_END)
		base = lseek(in->fd, 0, SEEK_END);
	if (base < 0 || offset < -base)
		return ARCHIVE_FATAL;
	in->at = base + offset;
	return in->at;
}

static la_int64_t
input_skip(struct archive *a, void *arg, la_int64_t request)
{
	struct input *in = arg;

	(void)a;
	in->at += request;
	return request;
}

struct reader {
	int out;
	struct archive *archive;
	unsigned long members;		/* so far */
};

static const char *
reason(struct archive *a)
{
	const char *text = archive_error_string(a);

	return text && *text ? text : "damaged";
}

static enum ms_status
send_text(const struct reader *r, enum ms_record_type type, const char *text)
{
	return ms_record_write(r->out, type, text, strlen(text));
}

/*
 * The current member's next bytes: 1, 0 at its end, -1 with the reason as
 * the archive's error. Holes are not filled: a few bytes could state
 * exabytes of them.
 */
static int
next_block(struct archive *a, int64_t *at, const void **data, size_t *size)
{
	la_int64_t offset;
	int r;

	do {
		r = archive_read_data_block(a, data, size, &offset);
	} while (r == ARCHIVE_OK && *size == 0);
	if (r == ARCHIVE_EOF)
		return 0;
	if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
		return -1;
	if (offset != *at) {
		archive_set_error(a, EINVAL, "a sparse file");
		return -1;
	}
	*at += (int64_t)*size;
	return *size > 0;
}

static enum ms_status
send_bytes(const struct reader *r, const void *data, size_t size)
{
	const char *p = data;
	enum ms_status status = MS_OK;

	while (size > 0 && status == MS_OK) {
		size_t n = MIN(size, MS_RECORD_MAX);

		status = ms_record_write(r->out, MS_RECORD_DATA, p, n);
		p += n;
		size -= n;
	}
	return status;
}

/* What is left of the current member of A, after its first bytes. */
static enum ms_status
send_rest(const struct reader *r, struct archive *a, int64_t at)
{
	enum ms_status status = MS_OK;
	const void *data;
	size_t size;
	int more;

	while (status == MS_OK && (more = next_block(a, &at, &data, &size)) > 0)
		status = send_bytes(r, data, size);
	if (status != MS_OK)
		return status;
	if (more < 0)
		return send_text(r, MS_RECORD_BAD, reason(a));
	return ms_record_write(r->out, MS_RECORD_DONE, "", 0);
}

/* A member of the outer archive as the input of a nested one. */
struct member {
	struct archive *outer;
	const void *first;	/* already read; NULL: given */
	size_t first_size;
	int64_t at;		/* after first */
};

static la_ssize_t
member_read(struct archive *a, void *arg, const void **data)
{
	struct member *m = arg;
	size_t size;
	int more;

	if (m->first) {
		*data = m->first;
		m->first = NULL;
		return (la_ssize_t)m->first_size;
	}
	more = next_block(m->outer, &m->at, data, &size);
	if (more < 0) {
		archive_set_error(a, EINVAL, "%s",
		    reason(m->outer));
		return ARCHIVE_FATAL;
	}
	return more == 0 ? 0 : (la_ssize_t)size;
}

static void
support_filters(struct archive *a)
{
	for (size_t i = 0; i < G_N_ELEMENTS(filters); i++)
		(void)filters[i](a);
	(void)archive_read_support_format_raw(a);
	(void)archive_read_support_format_empty(a);
}

/* A compressed member, decompressed. */
static enum ms_status
send_nested(const struct reader *r, const void *first, size_t size)
{
	struct member m = { r->archive, first, size, (int64_t)size };
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	enum ms_status status;
	int n;

	support_filters(a);
	n = archive_read_open(a, &m, NULL, member_read, NULL);
	if (n == ARCHIVE_OK)
		n = archive_read_next_header(a, &entry);
	if (n == ARCHIVE_EOF)
		status = ms_record_write(r->out, MS_RECORD_DONE, "", 0);
	else if (n != ARCHIVE_OK && n != ARCHIVE_WARN)
		status = send_text(r, MS_RECORD_BAD, reason(a));
	else if (archive_filter_count(a) - 1 > NESTING)
		status = send_text(r, MS_RECORD_BAD,
		    "compressed too many times over");
	else
		status = send_rest(r, a, 0);
	(void)archive_read_free(a);
	return status;
}

/* Enough of the member's first bytes to know what it is, into HEAD. */
static int
read_head(struct archive *a, GByteArray *head)
{
	const void *data;
	int64_t at = 0;
	int more = 1;
	size_t size;

	while (head->len < 512 &&
	    (more = next_block(a, &at, &data, &size)) > 0)
		g_byte_array_append(head, data, (guint)size);
	return more;
}

static enum ms_status
send_content(const struct reader *r, GByteArray *head)
{
	bool bare = archive_format(r->archive) == ARCHIVE_FORMAT_RAW;
	int more = read_head(r->archive, head);
	const struct magic *magic = find_magic(head->data, head->len);
	enum ms_status status;

	if (more >= 0 && !bare && magic && magic->filter)
		return send_nested(r, head->data, head->len);
	status = send_bytes(r, head->data, head->len);
	if (status != MS_OK)
		return status;
	if (more < 0)
		return send_text(r, MS_RECORD_BAD, reason(r->archive));
	return send_rest(r, r->archive, head->len);
}

static enum ms_status
send_member(struct reader *r, struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);
	char number[32];
	int64_t mtime = archive_entry_mtime_is_set(entry) ?
	    (int64_t)archive_entry_mtime(entry) : -1;
	enum ms_status status;
	GByteArray *head;

	/* 7z has names in UTF-16, which need not fit the locale. */
	(void)snprintf(number, sizeof number, "unnamed-%lu", ++r->members);
	if (archive_format(r->archive) == ARCHIVE_FORMAT_RAW)
		name = "";
	else if (!name || !*name)
		name = number;
	status = ms_record_write_member(r->out, name, mtime);
	if (status != MS_OK)
		return status;
	if (archive_entry_is_data_encrypted(entry))
		return send_text(r, MS_RECORD_BAD, "encrypted");
	head = g_byte_array_new();
	status = send_content(r, head);
	g_byte_array_unref(head);
	return status;
}

static enum ms_status
send_members(struct reader *r)
{
	struct archive_entry *entry;
	enum ms_status status = MS_OK;
	int n = ARCHIVE_OK;

	while (status == MS_OK) {
		n = archive_read_next_header(r->archive, &entry);
		if (n != ARCHIVE_OK && n != ARCHIVE_WARN)
			break;
		if (archive_filter_count(r->archive) - 1 > NESTING)
			return send_text(r, MS_RECORD_FAILED,
			    "compressed too many times over");
		/* A hard link has no bytes of its own. */
		if (archive_entry_filetype(entry) == AE_IFREG &&
		    !archive_entry_hardlink(entry))
			status = send_member(r, entry);
	}
	if (status != MS_OK)
		return status;
	if (n == ARCHIVE_EOF)
		return ms_record_write(r->out, MS_RECORD_END, "", 0);
	return send_text(r, MS_RECORD_FAILED, reason(r->archive));
}

static int
open_archive(struct archive *a, struct input *in)
{
	const struct magic *magic;
	unsigned char head[512];
	ssize_t n = pread(in->fd, head, sizeof head, 0);

	magic = n > 0 ? find_magic(head, (size_t)n) : NULL;
	if (!magic) {
		archive_set_error(a, EINVAL,
		    "no archive that can be opened");
		return ARCHIVE_FATAL;
	}
	if (magic->filter) {
		support_filters(a);
		(void)archive_read_support_format_tar(a);
	} else {
		(void)magic->format(a);
	}
	(void)archive_read_set_callback_data(a, in);
	(void)archive_read_set_read_callback(a, input_read);
	(void)archive_read_set_seek_callback(a, input_seek);
	(void)archive_read_set_skip_callback(a, input_skip);
	return archive_read_open1(a);
}

void
ms_compressed_run(int in, int out)
{
	struct input *input = g_new0(struct input, 1);
	struct reader r = { out, archive_read_new(), 0 };

	input->fd = in;
	if (open_archive(r.archive, input) == ARCHIVE_OK)
		(void)send_members(&r);
	else
		(void)send_text(&r, MS_RECORD_FAILED, reason(r.archive));
	(void)archive_read_free(r.archive);
	g_free(input);
}

/* The other half. */

struct ms_compressed {
	int stream;
	enum { BETWEEN, IN_MEMBER, OVER } state;
	struct ms_record record;
	char name[MS_RECORD_NAME + 1];
};

struct ms_compressed *
ms_compressed_new(int stream)
{
	struct ms_compressed *c = g_new0(struct ms_compressed, 1);

	c->stream = stream;
	c->state = BETWEEN;
	return c;
}

void
ms_compressed_free(struct ms_compressed *c)
{
	g_free(c);
}

static enum ms_status
over(struct ms_compressed *c, enum ms_status status)
{
	c->state = OVER;
	return status;
}

static enum ms_status
damaged(struct ms_compressed *c, struct ms_error *err)
{
	return ms_error_set(err, MS_E_FORMAT, "%s", *c->record.text ?
	    c->record.text : "damaged");
}

enum ms_status
ms_compressed_read(struct ms_compressed *c, void *data, size_t size,
    size_t *got, struct ms_error *err)
{
	enum ms_status status;

	*got = 0;
	if (c->state != IN_MEMBER)
		return MS_OK;
	if (c->record.left == 0) {
		status = ms_record_read(c->stream, &c->record, err);
		if (status != MS_OK)
			return over(c, status);
		switch (c->record.type) {
		case MS_RECORD_DATA:
			break;
		case MS_RECORD_DONE:
			c->state = BETWEEN;
			return MS_OK;
		case MS_RECORD_BAD:
			c->state = BETWEEN;
			return damaged(c, err);
		case MS_RECORD_FAILED:
			return over(c, damaged(c, err));
		default:
			return over(c, ms_error_set(err, MS_E_PEER,
			    "the archive reader broke the protocol"));
		}
	}
	status = ms_record_read_data(c->stream, &c->record, data, size, got,
	    err);
	return status == MS_OK ? MS_OK : over(c, status);
}

/* What is left of the current member is of no interest, nor is why it ended,
 * unless it takes the stream with it. */
static enum ms_status
skip_member(struct ms_compressed *c, struct ms_error *err)
{
	char block[8192];
	enum ms_status status = MS_OK;
	size_t got;

	while (c->state == IN_MEMBER)
		status = ms_compressed_read(c, block, sizeof block, &got, err);
	return c->state == OVER ? status : MS_OK;
}

enum ms_status
ms_compressed_next(struct ms_compressed *c, const char **name,
    int64_t *mtime, struct ms_error *err)
{
	enum ms_status status;

	if (c->state == OVER)
		return MS_END;
	if (c->state == IN_MEMBER &&
	    (status = skip_member(c, err)) != MS_OK)
		return status;
	status = ms_record_read(c->stream, &c->record, err);
	if (status != MS_OK)
		return over(c, status);
	switch (c->record.type) {
	case MS_RECORD_MEMBER:
		memcpy(c->name, c->record.text, sizeof c->name);
		*name = c->name;
		*mtime = c->record.mtime;
		c->state = IN_MEMBER;
		return MS_OK;
	case MS_RECORD_END:
		return over(c, MS_END);
	case MS_RECORD_FAILED:
		return over(c, damaged(c, err));
	default:
		return over(c, ms_error_set(err, MS_E_PEER,
		    "the archive reader broke the protocol"));
	}
}
