#include "action/overwrite.h"

#include "base/at.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define PIECE 65536

/* One piece of what is there, and of what is to be there. */
struct pieces {
	unsigned char old[PIECE];
	unsigned char new[PIECE];
	unsigned char now[PIECE];
};

static enum ms_status
read_box(const struct ms_lock_target *box, uint64_t offset, void *data,
    size_t size, struct ms_error *err)
{
	size_t got;

	if (ms_at_read(box->fd, offset, data, size, &got) != MS_OK)
		return ms_error_errno(err, "cannot read %s", box->path);
	return got == size ? MS_OK : ms_error_set(err, MS_E_FORMAT,
	    "%s is shorter than it was", box->path);
}

/* The journal up to the moment when it counts. */
static enum ms_status
prepare(const struct ms_lock_target *box, struct ms_journal *journal,
    const struct ms_journal_head *plan, const struct ms_notice *notice,
    struct ms_error *err)
{
	struct ms_journal_head head = *plan;
	struct pieces *p = g_new(struct pieces, 1);
	struct ms_hash *hash = ms_hash_new();
	unsigned char block[MS_JOURNAL_BLOCK];
	enum ms_status status = MS_OK;

	for (uint64_t at = 0; at < head.length && status == MS_OK;
	    at += PIECE) {
		size_t n = (size_t)MIN(PIECE, head.length - at);

		status = read_box(box, head.offset + at, p->old, n, err);
		ms_hash_feed(hash, p->old, n);
		if (status == MS_OK)
			status = ms_journal_write(journal, MS_JOURNAL_BLOCK +
			    at, p->old, n, err);
	}
	for (uint64_t at = 0; at < head.length && status == MS_OK;
	    at += PIECE) {
		size_t n = (size_t)MIN(PIECE, head.length - at);

		ms_notice_read(notice, at, p->new, n);
		ms_hash_feed(hash, p->new, n);
		status = ms_journal_write(journal, MS_JOURNAL_BLOCK +
		    head.length + at, p->new, n, err);
	}
	head.content = ms_hash_end(hash);
	ms_hash_free(hash);
	g_free(p);
	if (status != MS_OK)
		return status;
	ms_journal_put_head(&head, block);
	status = ms_journal_write(journal, 0, block, sizeof block, err);
	return status == MS_OK ? ms_journal_sync(journal, true, err) : status;
}

/* Write the new bytes, which the journal has, and end it. */
static enum ms_status
carry_out(struct ms_journal *journal, const struct ms_journal_head *head,
    struct ms_error *err)
{
	enum ms_status status = ms_journal_play(journal, MS_JOURNAL_BLOCK +
	    head->length, head->length, head->offset, err);

	return status == MS_OK ? ms_journal_remove(journal, err) : status;
}

enum ms_status
ms_overwrite(const struct ms_lock_target *box, uint64_t offset, uint64_t size,
    const struct ms_notice *notice, struct ms_error *err)
{
	struct ms_journal_head head = {
		.kind = MS_JOURNAL_OVERWRITE, .offset = offset, .length = size
	};
	struct ms_journal *journal;
	enum ms_status status;
	struct stat st;

	if (fstat(box->fd, &st) != 0)
		return ms_error_errno(err, "%s", box->path);
	head.dev = st.st_dev;
	head.ino = st.st_ino;
	head.box_size = (uint64_t)st.st_size;
	status = ms_journal_make(box, &journal, err);
	if (status != MS_OK)
		return status;
	status = prepare(box, journal, &head, notice, err);
	if (status != MS_OK) {
		/* If it stays, it is one that does not count. */
		(void)ms_journal_remove(journal, NULL);
	} else {
		status = carry_out(journal, &head, err);
		if (status != MS_OK)
			ms_error_context(err, "%s: a journal is pending; "
			    "mailscan mailbox recover goes on", box->path);
	}
	ms_journal_close(journal);
	return status;
}

/* Is every byte of the mailbox the old or the new one? */
static enum ms_status
check_box(const struct ms_lock_target *box, const struct ms_journal *journal,
    const struct ms_journal_head *head, struct ms_error *err)
{
	struct pieces *p = g_new(struct pieces, 1);
	enum ms_status status = MS_OK;

	for (uint64_t at = 0; at < head->length && status == MS_OK;
	    at += PIECE) {
		size_t n = (size_t)MIN(PIECE, head->length - at);
		uint64_t from = MS_JOURNAL_BLOCK + at;

		status = ms_journal_read(journal, from, p->old, n, err);
		if (status == MS_OK)
			status = ms_journal_read(journal, from + head->length,
			    p->new, n, err);
		if (status == MS_OK)
			status = read_box(box, head->offset + at, p->now, n,
			    err);
		for (size_t i = 0; i < n && status == MS_OK; i++)
			if (p->now[i] != p->old[i] && p->now[i] != p->new[i])
				status = ms_error_set(err, MS_E_FORMAT,
				    "others have changed byte %" PRIu64
				    " of it", head->offset + at + i);
	}
	g_free(p);
	return status;
}

enum ms_status
ms_overwrite_recover(const struct ms_lock_target *box,
    struct ms_journal *journal, const struct ms_journal_head *head,
    char **what, struct ms_error *err)
{
	enum ms_status status = ms_journal_check(journal, 2 * head->length,
	    &head->content, err);

	if (status == MS_E_FORMAT) {
		*what = g_strdup("it was about to be changed, and was not");
		return ms_journal_remove(journal, err);
	}
	if (status == MS_OK)
		status = check_box(box, journal, head, err);
	/* Before it is acted upon it has to be on disk, as at first. */
	if (status == MS_OK)
		status = ms_journal_sync(journal, true, err);
	if (status == MS_OK)
		status = carry_out(journal, head, err);
	if (status == MS_OK)
		*what = g_strdup_printf("the message at byte %" PRIu64
		    " is now overwritten by its notice", head->offset);
	return status;
}
