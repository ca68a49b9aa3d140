#include "source/compressed.h"

#include "source/magic.h"
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
#define PASSED_MAX 1000000	/* directories and the like */
#define FRAMES_MAX 4096		/* without content, at the start */

typedef int register_fn(struct archive *);

/* What may be stacked on each other. By name: the "all" functions would run
 * external programs on hostile bytes. */
static register_fn *const filters[] = {
	archive_read_support_filter_gzip, archive_read_support_filter_bzip2,
	archive_read_support_filter_xz, archive_read_support_filter_zstd,
	archive_read_support_filter_lz4, archive_read_support_filter_compress,
};

bool
ms_compressed_is(const unsigned char *data, size_t size)
{
	uint64_t at;

	/* What follows a long frame cannot be seen from here. */
	return ms_magic(data, size, &at) != MS_MAGIC_NONE ||
	    (at > 0 && at >= size);
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

/* The bytes of the current member of an archive. */
struct bytes {
	struct archive *archive;
	int64_t at;
	int64_t size;			/* stated; -1: not */
	GChecksum *sum;			/* of what was read; NULL: not asked */
};

struct reader {
	int out;
	struct archive *archive;
	struct bytes member;		/* the current one */
	unsigned long members;		/* so far */
	unsigned long passed;		/* entries without bytes */
	GHashTable *sent;		/* NULL, or what members there were */
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
 * The member's next bytes: 1, 0 at its end, -1 with the reason as the
 * archive's error. Holes are not filled: a few bytes could state exabytes of
 * them.
 */
static int
next_block(struct bytes *b, const void **data, size_t *size)
{
	struct archive *a = b->archive;
	la_int64_t offset;
	int r;

	do {
		r = archive_read_data_block(a, data, size, &offset);
	} while (r == ARCHIVE_OK && *size == 0);
	if (r == ARCHIVE_EOF && b->at < b->size)
		archive_set_error(a, EINVAL, "ends before its stated size");
	if (r == ARCHIVE_EOF)
		return b->at < b->size ? -1 : 0;
	if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
		return -1;
	if (offset != b->at) {
		archive_set_error(a, EINVAL, "a sparse file");
		return -1;
	}
	b->at += (int64_t)*size;
	if (b->sum)
		g_checksum_update(b->sum, *data, (gssize)*size);
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

/* What is left of the member. */
static enum ms_status
send_rest(const struct reader *r, struct bytes *b)
{
	enum ms_status status = MS_OK;
	const void *data;
	size_t size;
	int more;

	while (status == MS_OK && (more = next_block(b, &data, &size)) > 0)
		status = send_bytes(r, data, size);
	if (status != MS_OK)
		return status;
	if (more < 0)
		return send_text(r, MS_RECORD_BAD, reason(b->archive));
	return ms_record_write(r->out, MS_RECORD_DONE, "", 0);
}

/* A member of the outer archive as the input of a nested one. */
struct member {
	struct bytes *outer;
	const void *first;	/* already read; NULL: given */
	size_t first_size;
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
	more = next_block(m->outer, data, &size);
	if (more < 0) {
		archive_set_error(a, EINVAL, "%s",
		    reason(m->outer->archive));
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
send_nested(struct reader *r, const void *first, size_t size)
{
	struct member m = { &r->member, first, size };
	struct archive *a = archive_read_new();
	struct bytes inner = { a, 0, -1, NULL };
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
		status = send_rest(r, &inner);
	(void)archive_read_free(a);
	return status;
}

/* Enough of the member's first bytes to know what it is, into HEAD. */
static int
read_head(struct bytes *b, GByteArray *head)
{
	const void *data;
	int more = 1;
	size_t size;

	while (head->len < MS_MAGIC_HEAD &&
	    (more = next_block(b, &data, &size)) > 0)
		g_byte_array_append(head, data, (guint)size);
	return more;
}

static enum ms_status
send_content(struct reader *r, GByteArray *head)
{
	bool bare = archive_format(r->archive) == ARCHIVE_FORMAT_RAW;
	int more = read_head(&r->member, head);
	enum ms_status status;
	uint64_t at;

	if (more >= 0 && !bare &&
	    ms_magic(head->data, head->len, &at) == MS_MAGIC_STREAM)
		return send_nested(r, head->data + at,
		    head->len - (size_t)at);
	status = send_bytes(r, head->data, head->len);
	if (status != MS_OK)
		return status;
	if (more < 0)
		return send_text(r, MS_RECORD_BAD, reason(r->archive));
	return send_rest(r, &r->member);
}

/* Start with the bytes of ENTRY. */
static void
begin_member(struct reader *r, struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);
	bool encrypted = archive_entry_is_data_encrypted(entry);

	r->member = (struct bytes){ .archive = r->archive, .size = -1 };
	if (archive_entry_size_is_set(entry))
		r->member.size = archive_entry_size(entry);
	if (!r->sent)
		return;
	r->member.sum = g_checksum_new(G_CHECKSUM_SHA256);
	if (name)
		g_checksum_update(r->member.sum, (const guchar *)name, -1);
	g_checksum_update(r->member.sum,
	    (const guchar *)(encrypted ? "\0" : "\1"), 2);
}

/* The rest of it was read or is not: is it new? */
static bool
end_member(struct reader *r, struct archive_entry *entry)
{
	const void *data;
	size_t size;
	bool is_new;

	if (!r->member.sum)
		return true;
	if (!archive_entry_is_data_encrypted(entry))
		while (next_block(&r->member, &data, &size) > 0)
			;
	is_new = g_hash_table_add(r->sent,
	    g_strdup(g_checksum_get_string(r->member.sum)));
	g_checksum_free(r->member.sum);
	r->member.sum = NULL;
	return is_new;
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

/* A hard link has no bytes of its own, unless it has. */
static bool
has_content(struct archive_entry *entry)
{
	return archive_entry_filetype(entry) == AE_IFREG &&
	    (!archive_entry_hardlink(entry) || archive_entry_size(entry) > 0);
}

static const char *
why_no_further(struct reader *r, struct archive_entry *entry)
{
	if (archive_filter_count(r->archive) - 1 > NESTING)
		return "compressed too many times over";
	if (!has_content(entry) && ++r->passed > PASSED_MAX)
		return "has too many entries that are no files";
	return NULL;
}

/* The members, or with ONLY those that have a one in it. */
static enum ms_status
send_members(struct reader *r, const GByteArray *only)
{
	struct archive_entry *entry;
	enum ms_status status = MS_OK;
	const char *why;
	int n = ARCHIVE_OK;

	for (guint i = 0; status == MS_OK; i++) {
		n = archive_read_next_header(r->archive, &entry);
		if (n != ARCHIVE_OK && n != ARCHIVE_WARN)
			break;
		if ((why = why_no_further(r, entry))) {
			(void)send_text(r, MS_RECORD_FAILED, why);
			return MS_E_FORMAT;
		}
		if (!has_content(entry) ||
		    (only && (i >= only->len || !only->data[i])))
			continue;
		begin_member(r, entry);
		status = send_member(r, entry);
		(void)end_member(r, entry);
	}
	if (status != MS_OK || n == ARCHIVE_EOF)
		return status;
	(void)send_text(r, MS_RECORD_FAILED, reason(r->archive));
	return MS_E_FORMAT;
}

/* Past the frames without content at the start of the input. */
static enum ms_magic
look_at_input(struct input *in)
{
	enum ms_magic magic = MS_MAGIC_NONE;
	uint64_t skip = 1;

	for (int i = 0; i < FRAMES_MAX && skip > 0; i++) {
		ssize_t n = pread(in->fd, in->block, MS_MAGIC_HEAD, in->at);

		if (n <= 0)
			return MS_MAGIC_NONE;
		magic = ms_magic(in->block, (size_t)n, &skip);
		in->at += (int64_t)skip;
		if (magic != MS_MAGIC_NONE)
			break;
	}
	if (in->at > 0 && magic != MS_MAGIC_STREAM)
		return MS_MAGIC_NONE;
	return magic;
}

/* The input as r->archive, in FORMAT (NULL: compressed), from where it is. */
static int
open_archive(struct reader *r, struct input *in, register_fn *format)
{
	struct archive *a = archive_read_new();

	r->archive = a;
	if (!format) {
		support_filters(a);
		(void)archive_read_support_format_tar(a);
	} else {
		(void)format(a);
	}
	(void)archive_read_set_callback_data(a, in);
	(void)archive_read_set_read_callback(a, input_read);
	(void)archive_read_set_seek_callback(a, input_seek);
	(void)archive_read_set_skip_callback(a, input_skip);
	return archive_read_open1(a);
}

static void
close_archive(struct reader *r, struct input *in)
{
	(void)archive_read_free(r->archive);
	in->at = 0;
}

/* The input in FORMAT. MS_E_FORMAT: a record says why not. */
static enum ms_status
send_archive(struct reader *r, struct input *in, register_fn *format,
    const GByteArray *only)
{
	enum ms_status status = MS_E_FORMAT;

	if (open_archive(r, in, format) == ARCHIVE_OK)
		status = send_members(r, only);
	else
		(void)send_text(r, MS_RECORD_FAILED, reason(r->archive));
	close_archive(r, in);
	return status;
}

/*
 * A zip has two lists of its members: the central directory, which is read
 * first, and the headers in front of them, which other programs go by. Where
 * there are more of the latter, what is new there is read, too.
 */

/* How many members the directory lists; -1: there is none. */
static int64_t
count_listed(struct reader *r, struct input *in)
{
	struct archive_entry *entry;
	int64_t count = 0;
	int n = open_archive(r, in, archive_read_support_format_zip_seekable);

	while (n == ARCHIVE_OK || n == ARCHIVE_WARN) {
		n = archive_read_next_header(r->archive, &entry);
		count += n == ARCHIVE_OK || n == ARCHIVE_WARN;
	}
	close_archive(r, in);
	return n != ARCHIVE_EOF && count == 0 ? -1 : count;
}

/* How many headers of members there seem to be from AT on. */
static int64_t
count_headers(struct input *in, int64_t at)
{
	const unsigned char *p, *end;
	int64_t count = 0;
	ssize_t n;

	while ((n = pread(in->fd, in->block, BLOCK, at)) >= 4) {
		end = in->block + n;
		for (p = in->block; (p = memmem(p, (size_t)(end - p),
		    "PK\3\4", 4)); p += 4)
			count++;
		at += n - 3;
	}
	return count;
}

/* Which of the members that have headers were not sent: a one for each into
 * FOUND. False: there may be more. */
static bool
find_unsent(struct reader *r, struct input *in, GByteArray *found)
{
	struct archive_entry *entry;
	int64_t end = 0;
	int n = open_archive(r, in,
	    archive_read_support_format_zip_streamable);

	while (n == ARCHIVE_OK || n == ARCHIVE_WARN) {
		guint8 is_new = 0;

		n = archive_read_next_header(r->archive, &entry);
		if (n != ARCHIVE_OK && n != ARCHIVE_WARN)
			break;
		if (has_content(entry)) {
			begin_member(r, entry);
			is_new = end_member(r, entry);
		}
		g_byte_array_append(found, &is_new, 1);
	}
	if (n == ARCHIVE_EOF)
		end = archive_filter_bytes(r->archive, -1);
	close_archive(r, in);
	return n == ARCHIVE_EOF && count_headers(in, end) == 0;
}

static enum ms_status
send_both(struct reader *r, struct input *in, int64_t listed)
{
	GByteArray *found = g_byte_array_new();
	enum ms_status status;
	bool all;

	r->sent = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
	    NULL);
	status = send_archive(r, in,
	    archive_read_support_format_zip_seekable, NULL);
	if (status == MS_OK) {
		all = find_unsent(r, in, found);
		if (found->len > 0 && memchr(found->data, 1, found->len))
			status = send_archive(r, in,
			    archive_read_support_format_zip_streamable,
			    found);
		if (status == MS_OK && (!all || found->len < listed)) {
			(void)send_text(r, MS_RECORD_FAILED,
			    "has members that its directory does not list");
			status = MS_E_FORMAT;
		}
	}
	g_hash_table_unref(r->sent);
	g_byte_array_unref(found);
	return status;
}

static enum ms_status
send_zip(struct reader *r, struct input *in)
{
	int64_t listed = count_listed(r, in);

	if (listed < 0)
		return send_archive(r, in,
		    archive_read_support_format_zip_streamable, NULL);
	if (count_headers(in, 0) <= listed)
		return send_archive(r, in,
		    archive_read_support_format_zip_seekable, NULL);
	return send_both(r, in, listed);
}

void
ms_compressed_run(int in, int out)
{
	static register_fn *const formats[] = {
		[MS_MAGIC_TAR] = archive_read_support_format_tar,
		[MS_MAGIC_7ZIP] = archive_read_support_format_7zip,
	};
	struct input *input = g_new0(struct input, 1);
	struct reader r = { .out = out };
	enum ms_status status = MS_E_FORMAT;
	enum ms_magic magic;

	input->fd = in;
	magic = look_at_input(input);
	if (magic == MS_MAGIC_NONE)
		(void)send_text(&r, MS_RECORD_FAILED,
		    "no archive that can be opened");
	else if (magic == MS_MAGIC_ZIP)
		status = send_zip(&r, input);
	else
		status = send_archive(&r, input, formats[magic], NULL);
	if (status == MS_OK)
		(void)ms_record_write(out, MS_RECORD_END, "", 0);
	g_free(input);
}
