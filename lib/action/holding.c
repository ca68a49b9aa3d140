#include "action/holding.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "action/beneath.h"
#include "action/defang.h"
#include "base/write.h"
#include "message/intake.h"

/* Bytes of "YYYYMMDD", and of the digest that a name ends with. */
#define DAY_BYTES 8
#define NAME_HEX 16

static const char *const message_ends[] = { ".eml", ".zip" };

/* The name of the file that ends with END, for the caller to free. */
static char *
file_name(const struct ms_holding *holding, const char *end)
{
	return g_strconcat(holding->id + DAY_BYTES + 1, end, NULL);
}

static const char *
message_end(const struct ms_holding *holding)
{
	return message_ends[holding->zip];
}

/* Open the file that ends with END. */
static enum ms_status
open_file(const struct ms_holding *holding, const char *end, int *fd,
    struct ms_error *err)
{
	char *name = file_name(holding, end);
	enum ms_status status = ms_beneath_read(holding->day, name, fd, err);

	g_free(name);
	return status;
}

static enum ms_status
open_message(struct ms_holding *holding, struct ms_error *err)
{
	enum ms_status status = MS_END;

	for (size_t i = 0; status == MS_END &&
	    i < G_N_ELEMENTS(message_ends); i++) {
		holding->zip = i > 0;
		status = open_file(holding, message_ends[i], &holding->fd,
		    err);
	}
	if (status == MS_END)
		holding->fd = -1;
	return status;
}

/* All bytes of the record that FD is; NULL: larger than any, or ERR. */
static GString *
read_all(int fd, struct ms_error *err)
{
	GString *text = g_string_sized_new(65536);
	char block[65536];
	ssize_t n;

	while ((n = read(fd, block, sizeof block)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			(void)ms_error_errno(err, "cannot be read");
		else if (text->len + (size_t)n > MS_CUSTODY_BYTES_MAX)
			(void)ms_error_set(err, MS_E_LIMIT,
			    "larger than any record");
		else {
			g_string_append_len(text, block, n);
			continue;
		}
		g_string_free(text, TRUE);
		return NULL;
	}
	return text;
}

/* What is wrong with a record is told when it is asked for. MS_END: there is
 * none. */
static enum ms_status
open_record(struct ms_holding *holding)
{
	struct ms_error *err = &holding->trouble;
	GString *text;
	enum ms_status status;
	int fd;

	status = open_file(holding, ".json", &fd, err);
	if (status == MS_END)
		(void)ms_error_set(err, MS_END, "the record is missing");
	if (status != MS_OK)
		return status;
	text = read_all(fd, err);
	(void)close(fd);
	status = text ? ms_custody_parse(text->str, text->len,
	    &holding->custody, err) : MS_E_IO;
	if (text)
		g_string_free(text, TRUE);
	if (status == MS_OK && strcmp(holding->custody->id, holding->id) !=
	    0) {
		ms_custody_free(holding->custody);
		holding->custody = NULL;
		(void)ms_error_set(err, MS_E_FORMAT, "it is that of another "
		    "message");
	}
	if (!holding->custody)
		ms_error_context(err, "the record is damaged");
	return MS_OK;
}

static enum ms_status
lock_message(const struct ms_holding *holding, struct ms_error *err)
{
	struct stat st;

	if (flock(holding->fd, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? ms_error_set(err, MS_E_PEER,
		    "another process is at work on it") :
		    ms_error_errno(err, "cannot lock it");
	/* It may have been removed since it was opened. */
	if (fstat(holding->fd, &st) != 0)
		return ms_error_errno(err, "cannot look at it");
	return st.st_nlink > 0 ? MS_OK : MS_END;
}

enum ms_status
ms_holding_open(struct ms_quarantine *q, const char *id, bool lock,
    struct ms_holding **holding, struct ms_error *err)
{
	struct ms_holding *h;
	enum ms_status status, record;
	char day[DAY_BYTES + 1];

	if (!ms_custody_is_id(id))
		return ms_error_set(err, MS_E_USAGE, "%s is no id", id);
	h = g_new0(struct ms_holding, 1);
	h->q = q;
	h->fd = -1;
	(void)g_strlcpy(h->id, id, sizeof h->id);
	(void)g_strlcpy(day, id, sizeof day);
	status = ms_beneath_directory(ms_quarantine_fd(q), day, false,
	    &h->day, err);
	if (status != MS_OK) {
		g_free(h);
		return status;
	}
	status = open_message(h, err);
	if (status == MS_OK && lock)
		status = lock_message(h, err);
	if (status == MS_OK || (status == MS_END && h->fd < 0)) {
		record = open_record(h);
		if (record != MS_END || h->fd >= 0)
			status = MS_OK;
	}
	if (status != MS_OK) {
		ms_holding_close(h);
		return status;
	}
	*holding = h;
	return MS_OK;
}

void
ms_holding_close(struct ms_holding *holding)
{
	if (!holding)
		return;
	ms_custody_free(holding->custody);
	if (holding->fd >= 0)
		(void)close(holding->fd);
	(void)close(holding->day);
	g_free(holding);
}

/* Where the bytes of a message go, one after the other. */
struct sink {
	struct ms_hash *hash;
	struct ms_intake *intake;	/* NULL: nowhere else */
	uint64_t size;
};

static enum ms_status
take(void *arg, const void *data, size_t size, struct ms_error *err)
{
	struct sink *sink = arg;

	ms_hash_feed(sink->hash, data, size);
	sink->size += size;
	return sink->intake ? ms_intake_feed(sink->intake, data, size, err) :
	    MS_OK;
}

static enum ms_status
read_plain(int fd, struct sink *sink, struct ms_error *err)
{
	unsigned char block[65536];
	enum ms_status status = MS_OK;

	while (status == MS_OK) {
		ssize_t n = pread(fd, block, sizeof block, (off_t)sink->size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ms_error_errno(err, "cannot be read");
		if (n == 0)
			break;
		status = take(sink, block, (size_t)n, err);
	}
	return status;
}

/* Are these the bytes that were stored? Without a record, the name of the
 * file says what their digest begins with. */
static enum ms_status
check_digest(const struct ms_holding *holding, uint64_t size,
    const struct ms_digest *sha256, struct ms_error *err)
{
	const struct ms_custody *custody = holding->custody;
	char hex[MS_HASH_HEX];

	ms_hash_hex(sha256, hex);
	if (custody ? size == custody->size &&
	    ms_hash_equal(sha256, &custody->sha256) :
	    memcmp(hex, strrchr(holding->id, '.') + 1, NAME_HEX) == 0)
		return MS_OK;
	return ms_error_set(err, MS_E_FORMAT,
	    "the message is not the one that was stored");
}

/* Read the message, checked, into INTAKE if that is not NULL. */
static enum ms_status
read_message(const struct ms_holding *holding, struct ms_intake *intake,
    struct ms_error *err)
{
	struct sink sink = { .intake = intake };
	struct ms_digest sha256;
	enum ms_status status;

	if (holding->fd < 0)
		return ms_error_set(err, MS_E_FORMAT,
		    "the message is missing");
	sink.hash = ms_hash_new();
	status = holding->zip ? ms_defang_read(holding->fd,
	    holding->custody ? holding->custody->size : INT64_MAX, take,
	    &sink, err) : read_plain(holding->fd, &sink, err);
	sha256 = ms_hash_end(sink.hash);
	ms_hash_free(sink.hash);
	return status == MS_OK ? check_digest(holding, sink.size, &sha256,
	    err) : status;
}

enum ms_status
ms_holding_verify(struct ms_holding *holding, struct ms_error *err)
{
	const struct ms_custody *custody = holding->custody;
	enum ms_status status;

	if (!custody)
		return ms_error_set(err, MS_E_FORMAT, "%s",
		    holding->trouble.text);
	if (holding->fd >= 0 && custody->zip != holding->zip)
		return ms_error_set(err, MS_E_FORMAT,
		    "the record speaks of another file");
	status = read_message(holding, NULL, err);
	return status;
}

/* The message without mbox quoting, or, QUOTING being none, as it is. */
static enum ms_status
spool(const struct ms_holding *holding, enum ms_intake_quoting quoting,
    struct ms_message **message, struct ms_error *err)
{
	const struct ms_intake_config config = {
		.spool = { .memfd_max = SIZE_MAX },
		.max_bytes = UINT64_MAX,
	};
	struct ms_intake *intake = ms_intake_new(&config);
	enum ms_status status;

	ms_intake_begin(intake, quoting);
	status = read_message(holding, intake, err);
	if (status == MS_OK)
		status = ms_intake_end(intake, message, err);
	ms_intake_free(intake);
	return status;
}

/* The kind of quoting by whose removal the message becomes what its
 * canonical digest says; if none does, it stays as it is. */
static enum ms_status
unquote(const struct ms_holding *holding, struct ms_message **message,
    struct ms_error *err)
{
	static const enum ms_intake_quoting kinds[] = {
		MS_INTAKE_UNQUOTE_ALL, MS_INTAKE_UNQUOTE_ONE,
	};
	const struct ms_digest *canonical =
	    &holding->custody->outcome->sha256_canonical;

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		enum ms_status status = spool(holding, kinds[i], message,
		    err);

		if (status != MS_OK || ms_hash_equal(
		    &(*message)->sha256_canonical, canonical))
			return status;
		ms_message_free(*message);
	}
	return spool(holding, MS_INTAKE_AS_IS, message, err);
}

enum ms_status
ms_holding_message(struct ms_holding *holding, bool unquoted, int *fd,
    uint64_t *size, struct ms_error *err)
{
	const struct ms_custody *custody = holding->custody;
	struct ms_message *message;
	enum ms_status status;
	struct stat st;

	unquoted = unquoted && custody && custody->quoted;
	if (!unquoted && !holding->zip) {
		status = read_message(holding, NULL, err);
		if (status != MS_OK)
			return status;
		*fd = fcntl(holding->fd, F_DUPFD_CLOEXEC, 0);
		if (*fd < 0 || fstat(*fd, &st) != 0)
			return ms_error_errno(err, "cannot be read");
		*size = (uint64_t)st.st_size;
		return MS_OK;
	}
	status = unquoted ? unquote(holding, &message, err) :
	    spool(holding, MS_INTAKE_AS_IS, &message, err);
	if (status != MS_OK)
		return status;
	*size = ms_spool_size(message->body);
	status = ms_spool_seal(message->body, fd, err);
	ms_message_free(message);
	return status;
}

static enum ms_status
cannot_write(const struct ms_holding *holding, struct ms_error *err)
{
	return ms_error_errno(err, "cannot write the record of %s",
	    holding->id);
}

/* Write TEXT to the new file NAME. */
static enum ms_status
write_file(const struct ms_holding *holding, const char *name,
    const char *text, size_t size, struct ms_error *err)
{
	enum ms_status status = MS_OK;
	int fd;

	/* Of somebody who was killed, since nobody else is at work. */
	(void)unlinkat(holding->day, name, 0);
	fd = ms_beneath_open(holding->day, name, O_WRONLY | O_CREAT | O_EXCL,
	    0600);
	if (fd < 0)
		return cannot_write(holding, err);
	if (ms_write(fd, text, size) != MS_OK || fsync(fd) != 0)
		status = cannot_write(holding, err);
	if (close(fd) != 0 && status == MS_OK)
		status = cannot_write(holding, err);
	return status;
}

enum ms_status
ms_holding_save(struct ms_holding *holding, struct ms_error *err)
{
	size_t size;
	char *text = ms_custody_dump(holding->custody, false, &size, err);
	char *name = file_name(holding, ".json");
	char *temporary = g_strdup_printf(".%s.new", name);
	enum ms_status status = MS_E_IO;

	if (text) {
		status = write_file(holding, temporary, text, size, err);
		if (status == MS_OK && (renameat(holding->day, temporary,
		    holding->day, name) != 0 || fsync(holding->day) != 0))
			status = cannot_write(holding, err);
		if (status != MS_OK)
			(void)unlinkat(holding->day, temporary, 0);
	}
	g_free(temporary);
	g_free(name);
	g_free(text);
	return status;
}

/* What is not there any more need not be removed. */
static enum ms_status
remove_name(int dir, const char *name, struct ms_error *err)
{
	if (unlinkat(dir, name, 0) != 0 && errno != ENOENT)
		return ms_error_errno(err, "cannot remove %s", name);
	return MS_OK;
}

/* The directory of a day without messages goes, too. */
static void
remove_day(struct ms_quarantine *q, const char *id)
{
	char day[DAY_BYTES + 1];

	(void)g_strlcpy(day, id, sizeof day);
	/* It says no if there is anything in it, and so it should. */
	(void)unlinkat(ms_quarantine_fd(q), day, AT_REMOVEDIR);
}

enum ms_status
ms_holding_delete(struct ms_holding *holding, struct ms_error *err)
{
	char *message = file_name(holding, message_end(holding));
	char *record = file_name(holding, ".json");
	enum ms_status status = MS_OK;

	/* In this order what a kill leaves behind says what it was. */
	if (holding->fd >= 0)
		status = remove_name(holding->day, message, err);
	if (status == MS_OK)
		status = remove_name(holding->day, record, err);
	g_free(record);
	g_free(message);
	if (status == MS_OK)
		remove_day(holding->q, holding->id);
	return status;
}
