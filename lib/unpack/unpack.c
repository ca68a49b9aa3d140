#include "unpack/unpack.h"

#include "base/hash.h"
#include "unpack/zipdir.h"

#include <archive.h>
#include <archive_entry.h>
#include <glib.h>

#include <stdio.h>
#include <string.h>

typedef int add_format(struct archive *);

/* The allow-list: what each recognised format asks libarchive for. */
static add_format *const supports[MS_SNIFF_FORMATS] = {
	[MS_SNIFF_7ZIP] = archive_read_support_format_7zip,
	[MS_SNIFF_AR] = archive_read_support_format_ar,
	[MS_SNIFF_CPIO] = archive_read_support_format_cpio,
	[MS_SNIFF_LHA] = archive_read_support_format_lha,
	[MS_SNIFF_RAR] = archive_read_support_format_rar,
	[MS_SNIFF_RAR5] = archive_read_support_format_rar5,
	[MS_SNIFF_TAR] = archive_read_support_format_tar,
	[MS_SNIFF_BZIP2] = archive_read_support_filter_bzip2,
	[MS_SNIFF_COMPRESS] = archive_read_support_filter_compress,
	[MS_SNIFF_GZIP] = archive_read_support_filter_gzip,
	[MS_SNIFF_LZ4] = archive_read_support_filter_lz4,
	[MS_SNIFF_LZIP] = archive_read_support_filter_lzip,
	[MS_SNIFF_LZMA] = archive_read_support_filter_lzma,
	[MS_SNIFF_XZ] = archive_read_support_filter_xz,
	[MS_SNIFF_ZSTD] = archive_read_support_filter_zstd,
};

struct unpack {
	struct ms_unpack_input input;	/* of this pass */
	const struct ms_unpack_visitor *visitor;
	void *arg;
	struct archive *archive;
	uint64_t decoded;	/* bytes of all members so far */
	uint64_t entries;	/* headers read in this pass */
	GHashTable *members;	/* NULL, or digests of name and content: in a
				 * second pass only what is new is visited */
	bool second;
	bool opened;		/* the archive of this pass was */
	bool told;		/* how a pass ended */
	size_t rest;		/* bytes that the pass left */
};

/* libarchive tells these apart only in its texts. */
static enum ms_status
classify(struct archive *archive)
{
	static const struct {
		const char *word;
		enum ms_status status;
	} words[] = {
		{ "ncrypt", MS_E_ENCRYPTED },
		{ "assphrase", MS_E_ENCRYPTED },
		{ "nsupported", MS_E_UNSUPPORTED },
		{ "not supported", MS_E_UNSUPPORTED },
		{ "nknown codec", MS_E_UNSUPPORTED },
		{ "nexpected codec", MS_E_UNSUPPORTED },
		{ "unavailable", MS_E_UNSUPPORTED },
		{ "llocate", MS_E_LIMIT },
		{ "ut of memory", MS_E_LIMIT },
	};
	const char *text = archive_error_string(archive);

	for (size_t i = 0; text && i < G_N_ELEMENTS(words); i++)
		if (strstr(text, words[i].word))
			return words[i].status;
	return MS_E_FORMAT;
}

/* Tell what libarchive said last of member NAME (NULL: of the archive). */
static void
tell(const struct unpack *unpack, const char *name)
{
	const char *text = archive_error_string(unpack->archive);
	enum ms_status status = classify(unpack->archive);
	struct ms_error why;

	if (status == MS_E_LIMIT)
		unpack->input.budget->hit = MS_BUDGET_MEMORY;
	(void)ms_error_set(&why, status, "%s", text ? text : "damaged");
	unpack->visitor->trouble(unpack->arg, name, status, &why);
}

static void
tell_encrypted(const struct unpack *unpack, const char *name)
{
	struct ms_error why;

	(void)ms_error_set(&why, MS_E_ENCRYPTED, "needs a password");
	unpack->visitor->trouble(unpack->arg, name, MS_E_ENCRYPTED, &why);
}

/* May the member in the spool grow by N bytes? */
static enum ms_status
charge(struct unpack *unpack, uint64_t n, struct ms_error *err)
{
	struct ms_budget *budget = unpack->input.budget;
	enum ms_status status = ms_budget_size(budget,
	    ms_spool_size(unpack->input.spool) + n, err);

	unpack->decoded += n;
	if (status == MS_OK)
		status = ms_budget_ratio(budget, unpack->input.size,
		    unpack->decoded, err);
	if (status == MS_OK)
		status = ms_budget_bytes(budget, n, err);
	if (status == MS_OK)
		status = ms_budget_time(budget, err);
	return status;
}

/*
 * Read the current member into the spool. The size an archive states is a
 * claim, so nothing is allocated on the strength of it. MS_E_FORMAT: the
 * member is damaged, and the spool has what could be read.
 */
static enum ms_status
read_member(struct unpack *unpack, struct ms_error *err)
{
	unsigned char block[65536];
	enum ms_status status;
	la_ssize_t n;

	ms_spool_clear(unpack->input.spool);
	while ((n = archive_read_data(unpack->archive, block,
	    sizeof block)) > 0) {
		status = charge(unpack, (uint64_t)n, err);
		if (status == MS_OK)
			status = ms_spool_write(unpack->input.spool, block,
			    (size_t)n, err);
		if (status != MS_OK)
			return status;
	}
	return n < 0 ? MS_E_FORMAT : MS_OK;
}

/* Visit what the spool holds as member NAME. */
static enum ms_status
visit(struct unpack *unpack, const char *name, struct ms_error *err)
{
	struct ms_member member = { .name = name };
	enum ms_status status;

	member.size = ms_spool_size(unpack->input.spool);
	status = ms_spool_map(unpack->input.spool, &member.data, err);
	if (status != MS_OK)
		return status;
	return unpack->visitor->member(unpack->arg, &member, err);
}

/* Did BUDGET refuse for good, or only this one member? */
static bool
is_final(const struct ms_budget *budget)
{
	return budget->hit != MS_BUDGET_SIZE ||
	    budget->bytes >= budget->limits.total_bytes -
	    MIN(budget->limits.total_bytes, (uint64_t)65536);
}

/* Does the entry have content of its own to be read? What it is said to be
 * has no say: a "directory" with bytes is a file to other programs. */
static bool
has_content(struct archive_entry *entry)
{
	if (archive_entry_filetype(entry) == AE_IFREG ||
	    archive_entry_filetype(entry) == 0)
		/* The second name of a file has none. */
		return !archive_entry_hardlink(entry) ||
		    archive_entry_size(entry) > 0;
	return archive_entry_filetype(entry) == AE_IFLNK ||
	    archive_entry_size(entry) > 0;
}

/* In a first pass over a zip, remember the member in the spool; in a second
 * one, say whether it was there in the first. */
static bool
met_before(const struct unpack *unpack, const char *name)
{
	const unsigned char *data;
	struct ms_digest digest;
	struct ms_hash *hash;
	bool added;

	if (!unpack->members || ms_spool_map(unpack->input.spool, &data,
	    NULL) != MS_OK)
		return false;
	hash = ms_hash_new();
	ms_hash_feed(hash, name, strlen(name) + 1);
	ms_hash_feed(hash, data, ms_spool_size(unpack->input.spool));
	digest = ms_hash_end(hash);
	ms_hash_free(hash);
	added = g_hash_table_add(unpack->members,
	    g_bytes_new(digest.bytes, MS_HASH_SIZE));
	return !added && unpack->second;
}

/* The archive says that a member is longer than what could be read. */
static bool
is_short(const struct unpack *unpack, struct archive_entry *entry)
{
	return archive_entry_size_is_set(entry) &&
	    (uint64_t)MAX(archive_entry_size(entry), 0) >
	    ms_spool_size(unpack->input.spool);
}

static void
tell_short(const struct unpack *unpack, const char *name)
{
	struct ms_error why;

	(void)ms_error_set(&why, MS_E_FORMAT, "Truncated member");
	unpack->visitor->trouble(unpack->arg, name, MS_E_FORMAT, &why);
}

/* The target of a symbolic link is its content: elsewhere it is the text of
 * a file that was only said to be a link. */
static enum ms_status
read_link(struct unpack *unpack, struct archive_entry *entry,
    struct ms_error *err)
{
	const char *target = archive_entry_symlink(entry);

	ms_spool_clear(unpack->input.spool);
	if (!target)
		return MS_OK;
	return ms_spool_write(unpack->input.spool, target, strlen(target),
	    err);
}

/* Read and visit the member NAME. */
static enum ms_status
visit_member(struct unpack *unpack, struct archive_entry *entry,
    const char *name, struct ms_error *err)
{
	bool link = archive_entry_filetype(entry) == AE_IFLNK;
	enum ms_status status = link ? read_link(unpack, entry, err) :
	    read_member(unpack, err);
	enum ms_status visited;

	if (status < 0 && status != MS_E_FORMAT && status != MS_E_LIMIT)
		return status;
	if (met_before(unpack, name))
		return MS_OK;
	if (status == MS_E_FORMAT)
		tell(unpack, name);
	else if (status == MS_E_LIMIT)
		unpack->visitor->trouble(unpack->arg, name, status, err);
	else if (!link && is_short(unpack, entry))
		tell_short(unpack, name);
	visited = visit(unpack, name, err);
	if (visited != MS_OK)
		return visited;
	return status == MS_E_LIMIT && is_final(unpack->input.budget) ?
	    MS_END : MS_OK;
}

static enum ms_status
visit_entry(struct unpack *unpack, struct archive_entry *entry,
    struct ms_error *err)
{
	const char *name = archive_entry_pathname_utf8(entry);
	enum ms_status status = ms_budget_part(unpack->input.budget, err);
	char number[32];

	if (status != MS_OK || !has_content(entry))
		return status;
	/* Both are NULL for a name that no conversion could be made of. */
	if (!name)
		name = archive_entry_pathname(entry);
	if (!name || *name == '\0') {
		(void)snprintf(number, sizeof number, "#%" G_GUINT64_FORMAT,
		    unpack->entries);
		name = number;
	}
	if (!archive_entry_is_encrypted(entry))
		return visit_member(unpack, entry, name, err);
	if (!unpack->second)
		tell_encrypted(unpack, name);
	return MS_OK;
}

/* The end of a pass that did not end well. */
static void
tell_end(struct unpack *unpack)
{
	if (unpack->second)
		return;
	unpack->told = true;
	/* Asking an archive that did not open is a crash (3.6.2). */
	if (unpack->opened && unpack->entries == 0 &&
	    archive_read_has_encrypted_entries(unpack->archive) > 0)
		tell_encrypted(unpack, NULL);
	else
		tell(unpack, NULL);
}

/* A stream that no filter took is its own undecoded bytes. */
static bool
is_unfiltered(const struct unpack *unpack)
{
	return unpack->input.format >= MS_SNIFF_BZIP2 &&
	    archive_filter_count(unpack->archive) < 2;
}

static enum ms_status
visit_all(struct unpack *unpack, struct ms_error *err)
{
	struct archive_entry *entry;
	enum ms_status status;
	int r;

	unpack->entries = 0;
	for (;;) {
		r = archive_read_next_header(unpack->archive, &entry);
		if (r == ARCHIVE_EOF)
			return MS_OK;
		/* A header that lost only a name or a time still has data;
		 * RETRY says that the next one may be better. */
		if (r == ARCHIVE_RETRY &&
		    ms_budget_part(unpack->input.budget, NULL) == MS_OK)
			continue;
		if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
			break;
		/* Nothing took it: what it begins with is all there is. */
		if (is_unfiltered(unpack))
			return MS_OK;
		unpack->entries++;
		status = visit_entry(unpack, entry, err);
		if (status != MS_OK)
			return status;
	}
	tell_end(unpack);
	return MS_OK;
}

static struct archive *
new_reader(enum ms_sniff_format format)
{
	struct archive *archive = archive_read_new();

	(void)supports[format](archive);
	/* A compressed stream is one member, whatever is in it: that is for
	 * the next level to see. */
	if (format >= MS_SNIFF_BZIP2) {
		(void)archive_read_support_format_empty(archive);
		(void)archive_read_support_format_raw(archive);
	}
	return archive;
}

/* Bytes of the input that the filters have taken. */
static size_t
taken(const struct unpack *unpack)
{
	la_int64_t n = archive_filter_bytes(unpack->archive, -1);

	return n > 0 ? MIN((size_t)n, unpack->input.size) : 0;
}

static enum ms_status
pass(struct unpack *unpack, struct archive *archive, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	unpack->archive = archive;
	unpack->opened = archive_read_open_memory(archive,
	    unpack->input.data, unpack->input.size) == ARCHIVE_OK;
	if (unpack->opened)
		status = visit_all(unpack, err);
	else
		tell_end(unpack);
	if (unpack->opened && unpack->entries > 0 && !unpack->told)
		unpack->rest = unpack->input.size - taken(unpack);
	(void)archive_read_free(archive);
	return status;
}

static struct archive *
new_zip_reader(add_format *add)
{
	struct archive *archive = archive_read_new();

	(void)add(archive);
	return archive;
}

/* How many members the central directory lists; -1 if there is none. */
static int64_t
count_listed(const struct ms_unpack_input *input)
{
	struct archive *archive = new_zip_reader(
	    archive_read_support_format_zip_seekable);
	struct archive_entry *entry;
	int64_t count = 0;
	int r = archive_read_open_memory(archive, input->data, input->size);

	while (r >= ARCHIVE_WARN && r != ARCHIVE_EOF &&
	    (uint64_t)count <= input->budget->limits.parts) {
		r = archive_read_next_header(archive, &entry);
		if (r >= ARCHIVE_WARN && r != ARCHIVE_EOF)
			count++;
	}
	(void)archive_read_free(archive);
	return r < ARCHIVE_WARN && count == 0 ? -1 : count;
}

static void
tell_shared(const struct unpack *unpack, int64_t stated, int64_t listed)
{
	struct ms_error why;

	(void)ms_error_set(&why, MS_E_FORMAT, "%" G_GINT64_FORMAT " members "
	    "are listed, %" G_GINT64_FORMAT " could be told apart", stated,
	    listed);
	unpack->visitor->trouble(unpack->arg, NULL, MS_E_FORMAT, &why);
}

static enum ms_status
unpack_listed(struct unpack *unpack, struct ms_error *err)
{
	return pass(unpack, new_zip_reader(
	    archive_read_support_format_zip_seekable), err);
}

static enum ms_status
unpack_stream(struct unpack *unpack, struct ms_error *err)
{
	return pass(unpack, new_zip_reader(
	    archive_read_support_format_zip_streamable), err);
}

/*
 * A zip has two lists of its members: the central directory, which is read
 * first, and the headers in front of them, which other programs go by. Where
 * there are more of the latter, or only these, they are read, too.
 */
static enum ms_status
unpack_zip(struct unpack *unpack, struct ms_error *err)
{
	const struct ms_unpack_input *input = &unpack->input;
	int64_t listed = count_listed(input);
	int64_t stated = (int64_t)ms_zipdir_stated(input->data,
	    input->size);
	enum ms_status status;
	uint64_t entries;

	if (listed < 0)
		return unpack_stream(unpack, err);
	if (stated > listed && listed > 0 &&
	    (uint64_t)listed <= input->budget->limits.parts)
		tell_shared(unpack, stated, listed);
	if (ms_zipdir_headers(input->data, input->size) <=
	    (uint64_t)listed)
		return unpack_listed(unpack, err);
	unpack->members = g_hash_table_new_full(g_bytes_hash, g_bytes_equal,
	    (GDestroyNotify)g_bytes_unref, NULL);
	status = unpack_listed(unpack, err);
	entries = unpack->entries;
	unpack->second = true;
	if (status == MS_OK)
		status = unpack_stream(unpack, err);
	unpack->entries = MAX(unpack->entries, entries);
	g_hash_table_unref(unpack->members);
	unpack->members = NULL;
	return status;
}

static void
tell_rest(const struct unpack *unpack, size_t rest)
{
	struct ms_error why;

	(void)ms_error_set(&why, MS_E_FORMAT, "%zu bytes behind the "
	    "compressed data", rest);
	unpack->visitor->trouble(unpack->arg, NULL, MS_E_FORMAT, &why);
}

static bool
is_padding(const unsigned char *data, size_t size)
{
	while (size > 0 && data[size - 1] == 0)
		size--;
	return size == 0;
}

/*
 * A compressed stream, and those that follow it, which not every decoder of
 * libarchive goes on to. What follows and is none is told.
 */
static enum ms_status
unpack_streams(struct unpack *unpack, struct ms_error *err)
{
	struct ms_unpack_input *rest = &unpack->input;
	enum ms_status status;
	uint64_t entries = 0;

	for (;;) {
		size_t done = ms_sniff_skippable(rest->data, rest->size);

		rest->data += done;
		rest->size -= done;
		unpack->rest = 0;
		status = pass(unpack, new_reader(rest->format), err);
		entries += unpack->entries;
		done = rest->size - unpack->rest;
		if (status != MS_OK || unpack->rest == 0 || done == 0)
			break;
		rest->data += done;
		rest->size -= done;
		if (is_padding(rest->data, rest->size))
			break;
		if (ms_sniff(rest->data, rest->size)->format !=
		    rest->format) {
			tell_rest(unpack, rest->size);
			break;
		}
	}
	unpack->entries = entries;
	return status;
}

/* Something that begins like an archive and shows nothing is damaged. */
static void
tell_nothing(const struct unpack *unpack)
{
	struct ms_error why;

	(void)ms_error_set(&why, MS_E_FORMAT, "no members could be found");
	unpack->visitor->trouble(unpack->arg, NULL, MS_E_FORMAT, &why);
}

/* An archive of its format that is whole and has no members. */
static bool
is_empty(const struct ms_unpack_input *input)
{
	switch (input->format) {
	case MS_SNIFF_ZIP:
		return input->size >= 22 &&
		    memcmp(input->data, "PK\005\006", 4) == 0;
	case MS_SNIFF_AR:
		return input->size == 8;
	case MS_SNIFF_7ZIP:
		return input->size == 32;
	default:
		return false;
	}
}

enum ms_status
ms_unpack(const struct ms_unpack_input *input,
    const struct ms_unpack_visitor *visitor, void *arg, struct ms_error *err)
{
	struct unpack unpack = {
		.input = *input,
		.visitor = visitor,
		.arg = arg,
	};
	enum ms_status status;

	if (input->format == MS_SNIFF_NONE)
		return ms_error_set(err, MS_E_USAGE, "no archive");
	if (input->format == MS_SNIFF_ZIP)
		status = unpack_zip(&unpack, err);
	else if (input->format >= MS_SNIFF_BZIP2)
		status = unpack_streams(&unpack, err);
	else
		status = pass(&unpack, new_reader(input->format), err);
	if (status == MS_OK && unpack.entries == 0 && !unpack.told &&
	    !is_empty(input))
		tell_nothing(&unpack);
	return status == MS_END ? MS_OK : status;
}
