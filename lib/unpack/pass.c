#include "unpack/pass.h"

#include "base/hash.h"

#include <archive.h>
#include <archive_entry.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Members that a password is tried on before it opens one. */
#define REFUSED_MAX 4

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

void
ms_pass_tell(const struct ms_pass *pass, const char *name,
    enum ms_status status, const char *format, ...)
{
	struct ms_error why;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why.text, sizeof why.text, format, args);
	va_end(args);
	pass->visitor->trouble(pass->arg, name, status, &why);
}

static void
tell_encrypted(const struct ms_pass *pass, const char *name)
{
	ms_pass_tell(pass, name, MS_E_ENCRYPTED, pass->visitor->passwords ?
	    "needs a password; those are tried on zip archives only" :
	    "needs a password");
}

/* Tell what libarchive said last of member NAME (NULL: of the archive). */
static void
tell(const struct ms_pass *pass, const char *name)
{
	const char *text = archive_error_string(pass->archive);
	enum ms_status status = classify(pass->archive);

	if (status == MS_E_LIMIT)
		pass->input.budget->hit = MS_BUDGET_MEMORY;
	ms_pass_tell(pass, name, status, "%s", text ? text : "damaged");
}

/* May the member in the spool grow by N bytes? */
static enum ms_status
charge(struct ms_pass *pass, uint64_t n, struct ms_error *err)
{
	struct ms_budget *budget = pass->input.budget;
	enum ms_status status = ms_budget_size(budget,
	    ms_spool_size(pass->input.spool) + n, err);

	pass->decoded += n;
	if (status == MS_OK)
		status = ms_budget_ratio(budget, pass->input.size,
		    pass->decoded, err);
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
read_member(struct ms_pass *pass, struct ms_error *err)
{
	unsigned char block[65536];
	enum ms_status status;
	la_ssize_t n;

	ms_spool_clear(pass->input.spool);
	while ((n = archive_read_data(pass->archive, block,
	    sizeof block)) > 0) {
		status = charge(pass, (uint64_t)n, err);
		if (status == MS_OK)
			status = ms_spool_write(pass->input.spool, block,
			    (size_t)n, err);
		if (status != MS_OK)
			return status;
	}
	return n < 0 ? MS_E_FORMAT : MS_OK;
}

/* Visit what the spool holds as member NAME. */
static enum ms_status
visit(struct ms_pass *pass, const char *name, struct ms_error *err)
{
	struct ms_member member = { .name = name };
	enum ms_status status;

	member.size = ms_spool_size(pass->input.spool);
	status = ms_spool_map(pass->input.spool, &member.data, err);
	if (status != MS_OK)
		return status;
	return pass->visitor->member(pass->arg, &member, err);
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
met_before(const struct ms_pass *pass, const char *name)
{
	const unsigned char *data;
	struct ms_digest digest;
	struct ms_hash *hash;
	bool added;

	if (!pass->members || ms_spool_map(pass->input.spool, &data,
	    NULL) != MS_OK)
		return false;
	hash = ms_hash_new();
	ms_hash_feed(hash, name, strlen(name) + 1);
	ms_hash_feed(hash, data, ms_spool_size(pass->input.spool));
	digest = ms_hash_end(hash);
	ms_hash_free(hash);
	added = g_hash_table_add(pass->members,
	    g_bytes_new(digest.bytes, MS_HASH_SIZE));
	return !added && pass->mode == MS_PASS_SECOND;
}

/* The archive says that a member is longer than what could be read. */
static bool
is_short(const struct ms_pass *pass, struct archive_entry *entry)
{
	return archive_entry_size_is_set(entry) &&
	    (uint64_t)MAX(archive_entry_size(entry), 0) >
	    ms_spool_size(pass->input.spool);
}

/* The target of a symbolic link is its content: elsewhere it is the text of
 * a file that was only said to be a link. */
static enum ms_status
read_link(struct ms_pass *pass, struct archive_entry *entry,
    struct ms_error *err)
{
	const char *target = archive_entry_symlink(entry);

	ms_spool_clear(pass->input.spool);
	if (!target)
		return MS_OK;
	return ms_spool_write(pass->input.spool, target, strlen(target),
	    err);
}

/* Tell how reading the member NAME ended, if not well. */
static void
tell_member(const struct ms_pass *pass, struct archive_entry *entry,
    const char *name, enum ms_status status, const struct ms_error *err)
{
	if (status == MS_E_FORMAT)
		tell(pass, name);
	else if (status == MS_E_LIMIT)
		pass->visitor->trouble(pass->arg, name, status, err);
	else if (archive_entry_filetype(entry) != AE_IFLNK &&
	    is_short(pass, entry))
		ms_pass_tell(pass, name, MS_E_FORMAT, "Truncated member");
}

/* Read and visit the member NAME. */
static enum ms_status
visit_member(struct ms_pass *pass, struct archive_entry *entry,
    const char *name, struct ms_error *err)
{
	bool link = archive_entry_filetype(entry) == AE_IFLNK;
	enum ms_status status = link ? read_link(pass, entry, err) :
	    read_member(pass, err);
	enum ms_status visited;

	if (status < 0 && status != MS_E_FORMAT && status != MS_E_LIMIT)
		return status;
	if (met_before(pass, name))
		return MS_OK;
	if (pass->sealed && g_hash_table_contains(pass->sealed, name))
		tell_encrypted(pass, name);
	else
		tell_member(pass, entry, name, status, err);
	visited = visit(pass, name, err);
	if (visited != MS_OK)
		return visited;
	return status == MS_E_LIMIT && is_final(pass->input.budget) ?
	    MS_END : MS_OK;
}

static void
free_locked(gpointer data)
{
	struct ms_pass_locked *locked = data;

	g_free(locked->name);
	g_free(locked);
}

/* In a first pass over a zip, count the encrypted member; in a second one, say
 * whether it was there in the first. */
static bool
closed_before(const struct ms_pass *pass, const char *name)
{
	guint count;

	if (!pass->closed)
		return pass->mode != MS_PASS_FIRST;
	count = GPOINTER_TO_UINT(g_hash_table_lookup(pass->closed, name));
	if (pass->mode == MS_PASS_SECOND && count == 0)
		return false;
	count = pass->mode == MS_PASS_SECOND ? count - 1 : count + 1;
	g_hash_table_replace(pass->closed, g_strdup(name),
	    GUINT_TO_POINTER(count));
	return pass->mode == MS_PASS_SECOND;
}

/* An encrypted member: for a later pass, or told. */
static void
note_encrypted(struct ms_pass *pass, const char *name)
{
	struct ms_pass_locked *locked;

	if (closed_before(pass, name))
		return;
	if (pass->mode == MS_PASS_SECOND) {
		ms_pass_tell(pass, name, MS_E_ENCRYPTED,
		    "needs a password, and is in no directory");
		return;
	}
	if (!pass->visitor->passwords ||
	    pass->input.format != MS_SNIFF_ZIP) {
		tell_encrypted(pass, name);
		return;
	}
	if (!pass->locked)
		pass->locked = g_ptr_array_new_with_free_func(free_locked);
	locked = g_new(struct ms_pass_locked, 1);
	*locked = (struct ms_pass_locked){ pass->entries, g_strdup(name),
		false };
	g_ptr_array_add(pass->locked, locked);
}

/* The encrypted member at which the pass is, if it has not been opened. */
static struct ms_pass_locked *
find_locked(struct ms_pass *pass)
{
	struct ms_pass_locked *locked = NULL;

	for (; pass->at_locked < pass->locked->len; pass->at_locked++) {
		locked = pass->locked->pdata[pass->at_locked];
		if (locked->entry >= pass->entries)
			break;
	}
	return pass->at_locked < pass->locked->len &&
	    locked->entry == pass->entries && !locked->opened ? locked : NULL;
}

/* Does the password open this member? A password that opens none of the
 * first few opens none at all: archives have one for all members. */
static enum ms_status
unlock_entry(struct ms_pass *pass, struct archive_entry *entry,
    struct ms_error *err)
{
	struct ms_pass_locked *locked = find_locked(pass);
	enum ms_status status;

	if (!locked)
		return MS_OK;
	status = read_member(pass, err);
	if (status == MS_E_FORMAT || (status == MS_OK &&
	    is_short(pass, entry)))
		return ++pass->refused >= REFUSED_MAX && !pass->accepted ?
		    MS_END : ms_budget_time(pass->input.budget, err);
	if (status != MS_OK && (status != MS_E_LIMIT ||
	    is_final(pass->input.budget)))
		return status;
	locked->opened = true;
	pass->accepted = true;
	if (status == MS_E_LIMIT)
		pass->visitor->trouble(pass->arg, locked->name, status, err);
	return visit(pass, locked->name, err);
}

/* The name of ENTRY, or one of our making in NUMBER. */
static const char *
entry_name(const struct ms_pass *pass, struct archive_entry *entry,
    char number[32])
{
	const char *name = archive_entry_pathname_utf8(entry);

	/* Both are NULL for a name that no conversion could be made of. */
	if (!name)
		name = archive_entry_pathname(entry);
	if (name && *name != '\0')
		return name;
	(void)snprintf(number, 32, "#%" G_GUINT64_FORMAT, pass->entries);
	return number;
}

/* ENTRY is shown as NAME. */
static void
drop_alias(const struct ms_pass *pass, struct archive_entry *entry,
    const char *name)
{
	const char *stored = archive_entry_pathname(entry);

	if (!pass->aliases)
		return;
	ms_aliases_drop(pass->aliases, name);
	if (stored)
		ms_aliases_drop(pass->aliases, stored);
}

/* The second name of a file, or the name of something else that has no
 * content. */
static void
tell_name(const struct ms_pass *pass, struct archive_entry *entry)
{
	const char *name;
	char number[32];

	if (!pass->visitor->name ||
	    archive_entry_filetype(entry) == AE_IFDIR)
		return;
	name = entry_name(pass, entry, number);
	if (name == number)
		return;
	drop_alias(pass, entry, name);
	pass->visitor->name(pass->arg, name);
}

static enum ms_status
visit_entry(struct ms_pass *pass, struct archive_entry *entry,
    struct ms_error *err)
{
	enum ms_status status;
	const char *name;
	char number[32];

	if (pass->mode == MS_PASS_UNLOCK)
		return archive_entry_is_encrypted(entry) ?
		    unlock_entry(pass, entry, err) : MS_OK;
	status = ms_budget_part(pass->input.budget, err);
	if (status != MS_OK)
		return status;
	if (!has_content(entry)) {
		tell_name(pass, entry);
		return MS_OK;
	}
	name = entry_name(pass, entry, number);
	drop_alias(pass, entry, name);
	if (!archive_entry_is_encrypted(entry))
		return visit_member(pass, entry, name, err);
	note_encrypted(pass, name);
	return MS_OK;
}

/* The end of a pass that did not end well. */
static void
tell_end(struct ms_pass *pass)
{
	if (pass->mode != MS_PASS_FIRST)
		return;
	pass->told = true;
	/* Asking an archive that did not open is a crash (3.6.2). What goes
	 * on from an encrypted member is closed as well. */
	if ((pass->opened && pass->entries == 0 &&
	    archive_read_has_encrypted_entries(pass->archive) > 0) ||
	    (pass->sealed && g_hash_table_size(pass->sealed) > 0))
		tell_encrypted(pass, NULL);
	else
		tell(pass, NULL);
}

/* A stream that no filter took is its own undecoded bytes. */
static bool
is_unfiltered(const struct ms_pass *pass)
{
	return pass->input.format >= MS_SNIFF_BZIP2 &&
	    archive_filter_count(pass->archive) < 2;
}

static enum ms_status
visit_all(struct ms_pass *pass, struct ms_error *err)
{
	struct archive_entry *entry;
	enum ms_status status;
	int r;

	pass->entries = 0;
	for (;;) {
		r = archive_read_next_header(pass->archive, &entry);
		if (r == ARCHIVE_EOF)
			return MS_OK;
		/* A header that lost only a name or a time still has data;
		 * RETRY says that the next one may be better. */
		if (r == ARCHIVE_RETRY &&
		    ms_budget_part(pass->input.budget, NULL) == MS_OK)
			continue;
		if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
			break;
		/* Nothing took it: what it begins with is all there is. */
		if (is_unfiltered(pass))
			return MS_OK;
		pass->entries++;
		status = visit_entry(pass, entry, err);
		if (status != MS_OK)
			return status;
	}
	tell_end(pass);
	return MS_OK;
}

/* Bytes of the input that the filters have taken. */
static size_t
taken(const struct ms_pass *pass)
{
	la_int64_t n = archive_filter_bytes(pass->archive, -1);

	return n > 0 ? MIN((size_t)n, pass->input.size) : 0;
}

enum ms_status
ms_pass_run(struct ms_pass *pass, struct archive *reader,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;

	pass->archive = reader;
	pass->opened = archive_read_open_memory(reader, pass->input.data,
	    pass->input.size) == ARCHIVE_OK;
	if (pass->opened)
		status = visit_all(pass, err);
	else
		tell_end(pass);
	if (pass->opened && pass->entries > 0 && !pass->told)
		pass->rest = pass->input.size - taken(pass);
	(void)archive_read_free(reader);
	pass->archive = NULL;
	return status;
}
