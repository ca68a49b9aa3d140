#include "unpack/unpack.h"

#include "unpack/pass.h"
#include "unpack/rardir.h"
#include "unpack/zipdir.h"

#include <archive.h>
#include <archive_entry.h>
#include <glib.h>

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
	[MS_SNIFF_RPM] = archive_read_support_filter_rpm,
	[MS_SNIFF_XZ] = archive_read_support_filter_xz,
	[MS_SNIFF_ZSTD] = archive_read_support_filter_zstd,
};

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
tell_shared(const struct ms_pass *pass, int64_t stated, int64_t listed)
{
	ms_pass_tell(pass, NULL, MS_E_FORMAT, "%" G_GINT64_FORMAT " members "
	    "are listed, %" G_GINT64_FORMAT " could be told apart", stated,
	    listed);
}

/* Members that are still closed. */
static guint
count_locked(const struct ms_pass *pass)
{
	guint count = 0;

	for (guint i = 0; i < pass->locked->len; i++)
		count += !((const struct ms_pass_locked *)
		    pass->locked->pdata[i])->opened;
	return count;
}

static void
tell_locked(const struct ms_pass *pass, unsigned tried)
{
	for (guint i = 0; i < pass->locked->len; i++) {
		const struct ms_pass_locked *locked = pass->locked->pdata[i];

		if (locked->opened)
			continue;
		if (tried > 0)
			ms_pass_tell(pass, locked->name, MS_E_ENCRYPTED,
			    "needs a password; %u tried", tried);
		else
			ms_pass_tell(pass, locked->name, MS_E_ENCRYPTED,
			    "needs a password");
	}
}

/*
 * Open what the first pass found encrypted. Each password has a reader of its
 * own: one byte of check lets every 256th through, and a reader with several
 * passwords takes the first that passes.
 */
static enum ms_status
unlock(struct ms_pass *pass, add_format *add, struct ms_error *err)
{
	const char *const *password = pass->visitor->passwords(pass->arg);
	enum ms_status status = MS_OK;
	uint64_t entries = pass->entries;
	unsigned tried = 0;

	pass->mode = MS_PASS_UNLOCK;
	for (; password && *password && status == MS_OK &&
	    count_locked(pass) > 0; password++, tried++) {
		struct archive *reader = new_zip_reader(add);

		(void)archive_read_add_passphrase(reader, *password);
		pass->at_locked = 0;
		pass->refused = 0;
		pass->accepted = false;
		status = ms_pass_run(pass, reader, err);
		/* Not the visitor's: it was not called. */
		if (status == MS_END && !pass->accepted)
			status = ms_budget_time(pass->input.budget, err);
	}
	pass->entries = entries;
	tell_locked(pass, tried);
	return status;
}

/* A first pass, one more over what other programs see, and what it takes to
 * open encrypted members. */
static enum ms_status
unpack_by(struct ms_pass *pass, add_format *add, bool again,
    struct ms_error *err)
{
	enum ms_status status;
	uint64_t entries;

	if (again) {
		pass->members = g_hash_table_new_full(g_bytes_hash,
		    g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
		pass->closed = g_hash_table_new_full(g_str_hash, g_str_equal,
		    g_free, NULL);
	}
	status = ms_pass_run(pass, new_zip_reader(add), err);
	entries = pass->entries;
	pass->mode = MS_PASS_SECOND;
	if (status == MS_OK && again)
		status = ms_pass_run(pass, new_zip_reader(
		    archive_read_support_format_zip_streamable), err);
	pass->entries = MAX(pass->entries, entries);
	if (pass->members)
		g_hash_table_unref(pass->members);
	if (pass->closed)
		g_hash_table_unref(pass->closed);
	pass->members = pass->closed = NULL;
	if (!pass->locked)
		return status;
	if (status == MS_OK)
		status = unlock(pass, add, err);
	else
		tell_locked(pass, 0);
	g_ptr_array_unref(pass->locked);
	pass->locked = NULL;
	return status;
}

/* Tell the names that members also have, and that no pass has shown. */
static void
tell_aliases(struct ms_pass *pass)
{
	struct ms_error why;

	if (ms_aliases_tell(pass->aliases, pass->input.budget,
	    pass->visitor->name, pass->arg, &why) != MS_OK)
		pass->visitor->trouble(pass->arg, NULL, MS_E_LIMIT, &why);
	ms_aliases_free(pass->aliases);
	pass->aliases = NULL;
}

/*
 * A zip has two lists of its members: the central directory, which is read
 * first, and the headers in front of them, which other programs go by. Where
 * there are more of the latter, or only these, they are read, too.
 */
static enum ms_status
unpack_zip(struct ms_pass *pass, struct ms_error *err)
{
	const struct ms_unpack_input *input = &pass->input;
	int64_t listed = count_listed(input);
	int64_t stated = (int64_t)ms_zipdir_stated(input->data,
	    input->size);

	if (listed < 0)
		return unpack_by(pass,
		    archive_read_support_format_zip_streamable, false, err);
	if (stated > listed && listed > 0 &&
	    (uint64_t)listed <= input->budget->limits.parts)
		tell_shared(pass, stated, listed);
	return unpack_by(pass, archive_read_support_format_zip_seekable,
	    ms_zipdir_headers(input->data, input->size) > (uint64_t)listed,
	    err);
}

static enum ms_status
unpack_by_format(struct ms_pass *pass, struct ms_error *err)
{
	return pass->input.format == MS_SNIFF_ZIP ? unpack_zip(pass, err) :
	    ms_pass_run(pass, new_reader(pass->input.format), err);
}

/* Members that may have more than one name. */
static enum ms_status
unpack_named(struct ms_pass *pass, struct ms_error *err)
{
	enum ms_status status;
	bool more;

	if (!pass->visitor->name)
		return unpack_by_format(pass, err);
	pass->aliases = ms_aliases_new(&pass->input, &more);
	status = unpack_by_format(pass, err);
	tell_aliases(pass);
	if (more && status == MS_OK) {
		pass->input.budget->hit = MS_BUDGET_COUNT;
		ms_pass_tell(pass, NULL, MS_E_LIMIT, "more names than there "
		    "may be files");
	}
	return status;
}

static void
on_sealed(void *arg, const char *name)
{
	g_hash_table_add(arg, g_strdup(name));
}

/* libarchive 3.6 takes encrypted members of a RAR 5 for damaged ones. */
static enum ms_status
unpack_rar5(struct ms_pass *pass, struct ms_error *err)
{
	enum ms_status status;

	pass->sealed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
	    NULL);
	ms_rardir_sealed(pass->input.data, pass->input.size, on_sealed,
	    pass->sealed);
	status = ms_pass_run(pass, new_reader(MS_SNIFF_RAR5), err);
	g_hash_table_unref(pass->sealed);
	pass->sealed = NULL;
	return status;
}

static void
tell_rest(const struct ms_pass *pass, size_t rest)
{
	ms_pass_tell(pass, NULL, MS_E_FORMAT, "%zu bytes behind the "
	    "compressed data", rest);
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
unpack_streams(struct ms_pass *pass, struct ms_error *err)
{
	struct ms_unpack_input *rest = &pass->input;
	enum ms_status status;
	uint64_t entries = 0;

	for (;;) {
		size_t done = ms_sniff_skippable(rest->data, rest->size);

		rest->data += done;
		rest->size -= done;
		pass->rest = 0;
		status = ms_pass_run(pass, new_reader(rest->format), err);
		entries += pass->entries;
		done = rest->size - pass->rest;
		if (status != MS_OK || pass->rest == 0 || done == 0)
			break;
		rest->data += done;
		rest->size -= done;
		if (is_padding(rest->data, rest->size))
			break;
		if (ms_sniff(rest->data, rest->size)->format !=
		    rest->format) {
			tell_rest(pass, rest->size);
			break;
		}
	}
	pass->entries = entries;
	return status;
}

/* Something that begins like an archive and shows nothing is damaged. */
static void
tell_nothing(const struct ms_pass *pass)
{
	ms_pass_tell(pass, NULL, MS_E_FORMAT, "no members could be found");
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
	struct ms_pass pass = {
		.input = *input,
		.visitor = visitor,
		.arg = arg,
	};
	enum ms_status status;

	if (input->format == MS_SNIFF_NONE)
		return ms_error_set(err, MS_E_USAGE, "no archive");
	if (input->format == MS_SNIFF_ZIP || input->format == MS_SNIFF_TAR)
		status = unpack_named(&pass, err);
	else if (input->format == MS_SNIFF_RAR5)
		status = unpack_rar5(&pass, err);
	else if (input->format >= MS_SNIFF_BZIP2)
		status = unpack_streams(&pass, err);
	else
		status = ms_pass_run(&pass, new_reader(input->format), err);
	if (status == MS_OK && pass.entries == 0 && !pass.told &&
	    !is_empty(input))
		tell_nothing(&pass);
	return status == MS_END ? MS_OK : status;
}
