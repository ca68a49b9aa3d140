#include "unpack/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <glib.h>

#include <string.h>

typedef int support(struct archive *);

/* The allow-list: what each recognised format asks libarchive for. A single
 * compressed stream may hold a tar or a cpio; what is neither is one member.
 */
static support *const supports[MS_SNIFF_FORMATS] = {
	[MS_SNIFF_7ZIP] = archive_read_support_format_7zip,
	[MS_SNIFF_AR] = archive_read_support_format_ar,
	[MS_SNIFF_CPIO] = archive_read_support_format_cpio,
	[MS_SNIFF_ISO9660] = archive_read_support_format_iso9660,
	[MS_SNIFF_LHA] = archive_read_support_format_lha,
	[MS_SNIFF_RAR] = archive_read_support_format_rar,
	[MS_SNIFF_RAR5] = archive_read_support_format_rar5,
	[MS_SNIFF_TAR] = archive_read_support_format_tar,
	[MS_SNIFF_ZIP] = archive_read_support_format_zip,
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
	const struct ms_unpack_input *input;
	const struct ms_unpack_visitor *visitor;
	void *arg;
	struct archive *archive;
	uint64_t decoded;	/* bytes of all members so far */
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
		unpack->input->budget->hit = MS_BUDGET_MEMORY;
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
	struct ms_budget *budget = unpack->input->budget;
	enum ms_status status = ms_budget_size(budget,
	    ms_spool_size(unpack->input->spool) + n, err);

	unpack->decoded += n;
	if (status == MS_OK)
		status = ms_budget_ratio(budget, unpack->input->size,
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

	ms_spool_clear(unpack->input->spool);
	while ((n = archive_read_data(unpack->archive, block,
	    sizeof block)) > 0) {
		status = charge(unpack, (uint64_t)n, err);
		if (status == MS_OK)
			status = ms_spool_write(unpack->input->spool, block,
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

	member.size = ms_spool_size(unpack->input->spool);
	status = ms_spool_map(unpack->input->spool, &member.data, err);
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

static enum ms_status
visit_entry(struct unpack *unpack, struct archive_entry *entry,
    struct ms_error *err)
{
	const char *name = archive_entry_pathname_utf8(entry);
	enum ms_status status = ms_budget_part(unpack->input->budget, err);
	enum ms_status visited;

	if (status != MS_OK)
		return status;
	/* Both are NULL for a name that no conversion could be made of. */
	if (!name)
		name = archive_entry_pathname(entry);
	if (!name)
		name = "";
	if (archive_entry_filetype(entry) != AE_IFREG &&
	    archive_entry_filetype(entry) != 0)
		return MS_OK;
	/* The second name of a file has no content of its own. */
	if (archive_entry_hardlink(entry) && archive_entry_size(entry) == 0)
		return MS_OK;
	if (archive_entry_is_encrypted(entry)) {
		tell_encrypted(unpack, name);
		return MS_OK;
	}
	status = read_member(unpack, err);
	if (status == MS_E_FORMAT)
		tell(unpack, name);
	else if (status == MS_E_LIMIT)
		unpack->visitor->trouble(unpack->arg, name, status, err);
	else if (status != MS_OK)
		return status;
	visited = visit(unpack, name, err);
	if (visited != MS_OK)
		return visited;
	return status == MS_E_LIMIT && is_final(unpack->input->budget) ?
	    MS_END : MS_OK;
}

static enum ms_status
visit_all(struct unpack *unpack, struct ms_error *err)
{
	struct archive_entry *entry;
	enum ms_status status;
	uint64_t count = 0;
	int r;

	for (;;) {
		r = archive_read_next_header(unpack->archive, &entry);
		if (r == ARCHIVE_EOF)
			return MS_OK;
		/* A header that lost only a name or a time still has data. */
		if (r < ARCHIVE_WARN)
			break;
		status = visit_entry(unpack, entry, err);
		if (status != MS_OK)
			return status;
		count++;
	}
	if (count == 0 && archive_read_has_encrypted_entries(
	    unpack->archive) > 0)
		tell_encrypted(unpack, NULL);
	else
		tell(unpack, NULL);
	return MS_OK;
}

static struct archive *
new_reader(enum ms_sniff_format format)
{
	struct archive *archive = archive_read_new();

	(void)supports[format](archive);
	if (format >= MS_SNIFF_BZIP2) {
		(void)archive_read_support_format_tar(archive);
		(void)archive_read_support_format_cpio(archive);
		(void)archive_read_support_format_empty(archive);
		(void)archive_read_support_format_raw(archive);
	}
	/* Names are labels here, to be shown as the bytes they are. */
	(void)archive_read_set_options(archive, "hdrcharset=BINARY");
	return archive;
}

enum ms_status
ms_unpack(const struct ms_unpack_input *input,
    const struct ms_unpack_visitor *visitor, void *arg, struct ms_error *err)
{
	struct unpack unpack = { input, visitor, arg, NULL, 0 };
	enum ms_status status = MS_OK;

	if (input->format == MS_SNIFF_NONE)
		return ms_error_set(err, MS_E_USAGE, "no archive");
	unpack.archive = new_reader(input->format);
	if (archive_read_open_memory(unpack.archive, input->data,
	    input->size) == ARCHIVE_OK)
		status = visit_all(&unpack, err);
	else
		tell(&unpack, NULL);
	(void)archive_read_free(unpack.archive);
	return status == MS_END ? MS_OK : status;
}
