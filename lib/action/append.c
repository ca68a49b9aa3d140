#include "action/append.h"

#include "base/at.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE 65536

static const char mark[] = "From ";

/* What is written down in the journal. */
struct out {
	struct ms_journal *journal;
	struct ms_hash *hash;
	struct ms_error *err;
	uint64_t size;		/* without what is in PIECE */
	unsigned char piece[PIECE];
	size_t used;
	unsigned char last;	/* byte that was put */
	/* with quoting: */
	bool quote;
	bool begin;		/* of a line, of which so far there were */
	uint64_t quotes;	/* so many '>' */
	size_t matched;		/* and so much of "From " */
};

static enum ms_status
flush(struct out *out)
{
	enum ms_status status = ms_journal_write(out->journal,
	    MS_JOURNAL_BLOCK + out->size, out->piece, out->used, out->err);

	ms_hash_feed(out->hash, out->piece, out->used);
	out->size += out->used;
	out->used = 0;
	return status;
}

static enum ms_status
put(struct out *out, unsigned char c)
{
	out->piece[out->used++] = c;
	out->last = c;
	return out->used == PIECE ? flush(out) : MS_OK;
}

static enum ms_status
put_text(struct out *out, const char *text)
{
	enum ms_status status = MS_OK;

	for (; *text && status == MS_OK; text++)
		status = put(out, (unsigned char)*text);
	return status;
}

/* The beginning of a line that was held back. */
static enum ms_status
release(struct out *out)
{
	enum ms_status status = MS_OK;

	for (; out->quotes > 0 && status == MS_OK; out->quotes--)
		status = put(out, '>');
	for (size_t i = 0; i < out->matched && status == MS_OK; i++)
		status = put(out, (unsigned char)mark[i]);
	out->matched = 0;
	out->begin = false;
	return status;
}

/* A byte of the message, quoted where that is asked for (mboxrd). */
static enum ms_status
feed(struct out *out, unsigned char c)
{
	enum ms_status status = MS_OK;

	if (out->begin && out->matched == 0 && c == '>') {
		out->quotes++;
		return MS_OK;
	}
	if (out->begin && c == (unsigned char)mark[out->matched]) {
		if (++out->matched < sizeof mark - 1)
			return MS_OK;
		out->quotes++;
		return release(out);
	}
	if (out->begin)
		status = release(out);
	if (status == MS_OK)
		status = put(out, c);
	out->begin = out->quote && c == '\n';
	return status;
}

static enum ms_status
copy(struct out *out, const struct ms_mailbox_message *message)
{
	unsigned char piece[PIECE];
	enum ms_status status = MS_OK;
	uint64_t done = 0;
	size_t got;

	out->begin = out->quote = message->quote;
	while (done < message->size && status == MS_OK) {
		status = ms_at_read(message->fd, message->offset + done,
		    piece, (size_t)MIN(sizeof piece, message->size - done),
		    &got);
		if (status != MS_OK)
			return ms_error_errno(out->err, "cannot read the "
			    "message to be appended");
		if (got == 0)
			return ms_error_set(out->err, MS_E_PEER, "the message "
			    "to be appended is shorter than it was");
		for (size_t i = 0; i < got && status == MS_OK; i++)
			status = feed(out, piece[i]);
		done += got;
	}
	if (status == MS_OK && out->begin)
		status = release(out);
	return status;
}

/* How the mailbox ends: what is missing before a From_ line, and what its
 * lines end with. */
static enum ms_status
look_at_end(int fd, uint64_t size, const char **gap, const char **eol)
{
	char end[4] = "";
	size_t n = (size_t)MIN(size, sizeof end), got;
	enum ms_status status = ms_at_read(fd, size - n, end, n, &got);
	const char *last = end + n;

	*eol = n >= 2 && memcmp(last - 2, "\r\n", 2) == 0 ? "\r\n" : "\n";
	*gap = "";
	if (n == 0 || (n >= 2 && memcmp(last - 2, "\n\n", 2) == 0) ||
	    (n >= 3 && memcmp(last - 3, "\n\r\n", 3) == 0) ||
	    (size <= 2 && last[-1] == '\n'))
		return status;
	*gap = last[-1] != '\n' ? "\n\n" : *eol;
	return status;
}

/* The bytes that are to stand behind the SIZE that BOX has. */
static enum ms_status
write_all(struct out *out, const struct ms_lock_target *box, uint64_t size,
    const struct ms_mailbox_message *message)
{
	const char *gap, *eol;
	enum ms_status status = look_at_end(box->fd, size, &gap, &eol);

	if (status != MS_OK)
		return ms_error_errno(out->err, "cannot read %s", box->path);
	status = put_text(out, gap);
	if (status == MS_OK)
		status = put_text(out, message->from_line);
	if (status == MS_OK)
		status = put_text(out, eol);
	if (status == MS_OK)
		status = copy(out, message);
	if (status == MS_OK && out->last != '\n')
		status = put_text(out, eol);
	if (status == MS_OK)
		status = put_text(out, eol);
	return status == MS_OK ? flush(out) : status;
}

/* The journal up to the moment when it counts. */
static enum ms_status
prepare(const struct ms_lock_target *box, struct ms_journal *journal,
    struct ms_journal_head *head, const struct ms_mailbox_message *message,
    struct ms_error *err)
{
	struct out *out = g_new0(struct out, 1);
	unsigned char block[MS_JOURNAL_BLOCK];
	enum ms_status status;

	out->journal = journal;
	out->hash = ms_hash_new();
	out->err = err;
	status = write_all(out, box, head->offset, message);
	head->length = out->size;
	head->content = ms_hash_end(out->hash);
	ms_hash_free(out->hash);
	g_free(out);
	if (status != MS_OK)
		return status;
	ms_journal_put_head(head, block);
	status = ms_journal_write(journal, 0, block, sizeof block, err);
	return status == MS_OK ? ms_journal_sync(journal, true, err) : status;
}

/* Make room, and write the message there. */
static enum ms_status
carry_out(const struct ms_lock_target *box, struct ms_journal *journal,
    const struct ms_journal_head *head, struct ms_error *err)
{
	/* Nobody has so much mail that this could not hold it. */
	if (ftruncate(box->fd, (off_t)(head->offset + head->length)) != 0)
		return ms_error_errno(err, "cannot append to %s", box->path);
	return ms_journal_play(journal, MS_JOURNAL_BLOCK, head->length,
	    head->offset, err);
}

/* It failed. Nobody has seen what is there of it: we have the locks. */
static void
take_back(const struct ms_lock_target *box, struct ms_journal *journal,
    const struct ms_journal_head *head, struct ms_error *err)
{
	if (ftruncate(box->fd, (off_t)head->offset) != 0 ||
	    fsync(box->fd) != 0 || ms_journal_remove(journal, NULL) != MS_OK)
		ms_error_context(err, "%s: a journal is pending; mailscan "
		    "mailbox recover goes on", box->path);
}

enum ms_status
ms_append(const struct ms_lock_target *box,
    const struct ms_mailbox_message *message, struct ms_error *err)
{
	struct ms_journal_head head = { .kind = MS_JOURNAL_APPEND };
	struct ms_journal *journal;
	enum ms_status status;
	struct stat st;

	if (strncmp(message->from_line, mark, sizeof mark - 1) != 0 ||
	    strpbrk(message->from_line, "\r\n"))
		return ms_error_set(err, MS_E_USAGE,
		    "not a line that begins a message in an mbox: %s",
		    message->from_line);
	if (fstat(box->fd, &st) != 0)
		return ms_error_errno(err, "%s", box->path);
	head.dev = st.st_dev;
	head.ino = st.st_ino;
	head.box_size = head.offset = (uint64_t)st.st_size;
	status = ms_journal_make(box, &journal, err);
	if (status != MS_OK)
		return status;
	status = prepare(box, journal, &head, message, err);
	if (status != MS_OK) {
		/* If it stays, it is one that does not count. */
		(void)ms_journal_remove(journal, NULL);
	} else {
		status = carry_out(box, journal, &head, err);
		if (status == MS_OK)
			status = ms_journal_remove(journal, err);
		if (status != MS_OK)
			take_back(box, journal, &head, err);
	}
	ms_journal_close(journal);
	return status;
}

/* Is the room there, and nothing in it but the message and zeros? */
static enum ms_status
is_room(const struct ms_lock_target *box, const struct ms_journal *journal,
    const struct ms_journal_head *head, bool *is, struct ms_error *err)
{
	unsigned char ours[4096], there[sizeof ours];
	enum ms_status status = MS_OK;
	uint64_t at = 0;
	size_t got;

	*is = true;
	while (at < head->length && status == MS_OK && *is) {
		size_t n = (size_t)MIN(sizeof ours, head->length - at);

		status = ms_journal_read(journal, MS_JOURNAL_BLOCK + at, ours,
		    n, err);
		if (status == MS_OK && ms_at_read(box->fd, head->offset + at,
		    there, n, &got) != MS_OK)
			status = ms_error_errno(err, "cannot read %s",
			    box->path);
		if (status != MS_OK)
			break;
		*is = got == n;
		for (size_t i = 0; i < got; i++)
			*is &= there[i] == ours[i] || there[i] == '\0';
		at += n;
	}
	return status;
}

enum ms_status
ms_append_recover(const struct ms_lock_target *box,
    struct ms_journal *journal, const struct ms_journal_head *head,
    char **what, struct ms_error *err)
{
	enum ms_status status = ms_journal_check(journal, head->length,
	    &head->content, err);
	bool is = false;

	if (status == MS_OK)
		status = is_room(box, journal, head, &is, err);
	else if (status == MS_E_FORMAT)
		status = MS_OK;
	/* Before it is acted upon it has to be on disk, as at first. */
	if (status == MS_OK && is)
		status = ms_journal_sync(journal, true, err);
	if (status == MS_OK && is)
		status = ms_journal_play(journal, MS_JOURNAL_BLOCK,
		    head->length, head->offset, err);
	if (status == MS_OK)
		status = ms_journal_remove(journal, err);
	if (status == MS_OK)
		*what = is ? g_strdup_printf("the message at byte %" PRIu64
		    " is now appended", head->offset) : g_strdup("a message "
		    "was about to be appended, and was not");
	return status;
}
