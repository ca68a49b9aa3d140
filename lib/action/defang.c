#include "action/defang.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_BYTES 65536

static enum ms_status
fail(struct archive *a, enum ms_status status, const char *what,
    struct ms_error *err)
{
	const char *why = archive_error_string(a);

	return ms_error_set(err, status, "%s: %s", what,
	    why ? why : "unknown reason");
}

static enum ms_status
cannot_write(struct archive *a, struct ms_error *err)
{
	const int why = archive_errno(a);

	/* It has numbers of its own, too, which are negative. */
	if (why <= 0)
		return fail(a, MS_E_IO, "cannot write the zip", err);
	errno = why;
	return ms_error_errno(err, "cannot write the zip");
}

static enum ms_status
write_header(struct archive *a, uint64_t size, struct ms_error *err)
{
	struct archive_entry *entry = archive_entry_new();
	int answer;

	archive_entry_set_pathname(entry, MS_DEFANG_MEMBER);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0600);
	/* A message is never near to 2^63 bytes. */
	archive_entry_set_size(entry, (la_int64_t)size);
	answer = archive_write_header(a, entry);
	archive_entry_free(entry);
	return answer == ARCHIVE_OK ? MS_OK : cannot_write(a, err);
}

static enum ms_status
write_data(struct archive *a, int from, uint64_t offset, uint64_t size,
    struct ms_hash *hash, struct ms_error *err)
{
	unsigned char block[BLOCK_BYTES];
	uint64_t at = 0;

	while (at < size) {
		ssize_t n = pread(from, block, MIN(sizeof block, size - at),
		    (off_t)(offset + at));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ms_error_errno(err, "cannot read the message");
		if (n == 0)
			return ms_error_set(err, MS_E_PEER,
			    "the message became shorter");
		if (archive_write_data(a, block, (size_t)n) != n)
			return cannot_write(a, err);
		ms_hash_feed(hash, block, (size_t)n);
		at += (uint64_t)n;
	}
	return MS_OK;
}

enum ms_status
ms_defang_write(int from, uint64_t offset, uint64_t size, int to,
    struct ms_digest *sha256, struct ms_error *err)
{
	struct archive *a = archive_write_new();
	struct ms_hash *hash = ms_hash_new();
	enum ms_status status = MS_OK;

	/* Stored, not deflated: libarchive keeps the memory for that if the
	 * disk is full. */
	if (archive_write_set_format_zip(a) != ARCHIVE_OK ||
	    archive_write_set_options(a, "zip:compression=store,"
	    "zip:encryption=zipcrypt") != ARCHIVE_OK ||
	    archive_write_set_passphrase(a, MS_DEFANG_PASSWORD) !=
	    ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(a, 1) != ARCHIVE_OK ||
	    archive_write_open_fd(a, to) != ARCHIVE_OK)
		status = cannot_write(a, err);
	if (status == MS_OK)
		status = write_header(a, size, err);
	if (status == MS_OK)
		status = write_data(a, from, offset, size, hash, err);
	if (status == MS_OK && (archive_write_finish_entry(a) != ARCHIVE_OK ||
	    archive_write_close(a) != ARCHIVE_OK))
		status = cannot_write(a, err);
	/* Freeing writes what is left of a file that is thrown away. */
	(void)archive_write_free(a);
	*sha256 = ms_hash_end(hash);
	ms_hash_free(hash);
	return status;
}

static enum ms_status
damaged(struct archive *a, struct ms_error *err)
{
	return fail(a, MS_E_FORMAT, "the zip cannot be read", err);
}

static enum ms_status
read_data(struct archive *a, uint64_t max, ms_defang_take *take, void *arg,
    struct ms_error *err)
{
	unsigned char block[BLOCK_BYTES];
	enum ms_status status = MS_OK;
	uint64_t left = max;
	la_ssize_t n;

	while (status == MS_OK &&
	    (n = archive_read_data(a, block, sizeof block)) != 0) {
		if (n < 0)
			return damaged(a, err);
		if ((uint64_t)n > left)
			return ms_error_set(err, MS_E_FORMAT,
			    "the zip holds more than the message");
		left -= (uint64_t)n;
		status = take(arg, block, (size_t)n, err);
	}
	return status;
}

enum ms_status
ms_defang_read(int fd, uint64_t max, ms_defang_take *take, void *arg,
    struct ms_error *err)
{
	struct archive *a = archive_read_new();
	enum ms_status status;
	struct archive_entry *entry;
	int answer;

	if (lseek(fd, 0, SEEK_SET) != 0) {
		(void)archive_read_free(a);
		return ms_error_errno(err, "cannot read the zip");
	}
	if (archive_read_support_format_zip(a) != ARCHIVE_OK ||
	    archive_read_add_passphrase(a, MS_DEFANG_PASSWORD) != ARCHIVE_OK ||
	    archive_read_open_fd(a, fd, BLOCK_BYTES) != ARCHIVE_OK ||
	    archive_read_next_header(a, &entry) != ARCHIVE_OK)
		status = damaged(a, err);
	else if (g_strcmp0(archive_entry_pathname(entry), MS_DEFANG_MEMBER) !=
	    0)
		status = ms_error_set(err, MS_E_FORMAT,
		    "the zip does not begin with a message");
	else
		status = read_data(a, max, take, arg, err);
	if (status == MS_OK) {
		answer = archive_read_next_header(a, &entry);
		if (answer == ARCHIVE_OK)
			status = ms_error_set(err, MS_E_FORMAT,
			    "the zip holds more than the message");
		else if (answer != ARCHIVE_EOF)
			status = damaged(a, err);
	}
	(void)archive_read_free(a);
	return status;
}
