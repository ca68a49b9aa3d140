#include "action/mailbox.h"

#include "action/journal.h"

#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Enough for a mailbox, and for a journal with two small slots. */
#define BOX_SIZE 4096u
#define PLAIN 200u

static void
write_file(const char *path, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	(void)close(fd);
}

static void
seal(unsigned char *block)
{
	struct ms_digest digest = ms_hash_of(block, MS_JOURNAL_BLOCK -
	    MS_HASH_SIZE);

	memcpy(block + MS_JOURNAL_BLOCK - MS_HASH_SIZE, digest.bytes,
	    MS_HASH_SIZE);
}

/* A block of which DATA gives the fields, with a true digest: else nothing
 * would ever be looked at. */
static void
make_block(unsigned char *block, const char *magic,
    const unsigned char **data, size_t *size)
{
	size_t n = MIN(*size, PLAIN);

	memset(block, 0, MS_JOURNAL_BLOCK);
	memcpy(block, magic, strlen(magic));
	memcpy(block + 64, *data, n);
	*data += n;
	*size -= n;
}

/* What the content of the journal is, its head has the digest of. */
static GByteArray *
make_journal(const unsigned char *data, size_t size, const struct stat *box)
{
	GByteArray *all = g_byte_array_new();
	unsigned char head[MS_JOURNAL_BLOCK], record[MS_JOURNAL_BLOCK];
	struct ms_journal_head h;
	struct ms_digest digest;
	uint64_t ino = box->st_ino;
	size_t used;

	make_block(head, "mailscan journal 1; see mailscan-mailbox(1)\n",
	    &data, &size);
	memcpy(head + 64 + 16, &ino, sizeof ino);
	seal(head);
	g_byte_array_append(all, head, sizeof head);
	if (ms_journal_get_head(head, &h, NULL) != MS_OK) {
		g_byte_array_append(all, data, (guint)size);
		return all;
	}
	used = (size_t)MIN(size, h.kind == MS_JOURNAL_OVERWRITE ?
	    2 * h.length : h.kind == MS_JOURNAL_APPEND ? h.length :
	    h.holes * 16);
	digest = ms_hash_of(data, used);
	memcpy(head + 64 + 64, digest.bytes, MS_HASH_SIZE);
	seal(head);
	memcpy(all->data, head, sizeof head);
	g_byte_array_append(all, data, (guint)used);
	data += used;
	size -= used;
	if (h.kind != MS_JOURNAL_COMPACT || ms_journal_slot(&h, 2) > 200000)
		return all;
	for (unsigned i = 0; i < 2; i++) {
		g_byte_array_set_size(all, (guint)ms_journal_slot(&h, i));
		make_block(record, "mailscan journal 1, slot\n", &data, &size);
		used = (size_t)MIN(size, record[64 + 16]);
		digest = ms_hash_of(data, used);
		memcpy(record + 64 + 48 + MS_HASH_HEX + MS_HASH_SIZE,
		    digest.bytes, MS_HASH_SIZE);
		seal(record);
		g_byte_array_append(all, record, sizeof record);
		g_byte_array_append(all, data, (guint)used);
		data += used;
		size -= used;
	}
	return all;
}

/*
 * A journal beside a mailbox, whatever it says: the mailbox gets no larger,
 * and if something is wrong, no byte of it changes.
 */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char dir[] = "/dev/shm/journal_fuzz.XXXXXX";
	struct ms_lock_config locking = ms_lock_default;
	unsigned char box[BOX_SIZE], now[BOX_SIZE];
	GByteArray *journal;
	enum ms_status status;
	char *path, *beside, *what = NULL;
	struct stat st;
	int fd;

	if (!mkdtemp(dir))
		abort();
	for (size_t i = 0; i < sizeof box; i++)
		box[i] = i < size ? data[i] : (unsigned char)i;
	path = g_build_filename(dir, "box", NULL);
	beside = g_build_filename(dir, ".box.mailscan-journal", NULL);
	write_file(path, box, sizeof box);
	if (stat(path, &st) != 0)
		abort();
	journal = make_journal(data, size, &st);
	write_file(beside, journal->data, journal->len);
	locking.count = 0;
	status = ms_mailbox_recover(path, &locking, &what, NULL);
	fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &st) != 0 || (size_t)st.st_size > sizeof box)
		abort();
	if (status != MS_OK && (read(fd, now, sizeof now) != sizeof now ||
	    memcmp(now, box, sizeof now) != 0))
		abort();
	(void)close(fd);
	(void)unlink(beside);
	(void)unlink(path);
	(void)rmdir(dir);
	g_byte_array_unref(journal);
	g_free(what);
	g_free(beside);
	g_free(path);
	return 0;
}
