#include "action/append.h"

#include "base/at.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE 65536

static const char mark[] = "From ";

/* What is written, and where. */
struct out {
	int fd;
	uint64_t at;
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
	enum ms_status status = ms_at_write(out->fd, out->at, out->piece,
	    out->used);

	out->at += out->used;
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
		if (status == MS_OK && got == 0)
			return MS_E_PEER;
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

static enum ms_status
write_all(struct out *out, const struct ms_mailbox_message *message)
{
	const char *gap, *eol;
	enum ms_status status = look_at_end(out->fd, out->at, &gap, &eol);

	if (status == MS_OK)
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
	if (status == MS_OK)
		status = flush(out);
	if (status == MS_OK && fsync(out->fd) != 0)
		status = MS_E_IO;
	return status;
}

enum ms_status
ms_append(int fd, const char *path, const struct ms_mailbox_message *message,
    struct ms_error *err)
{
	enum ms_status status;
	struct stat st;
	struct out *out;

	if (strncmp(message->from_line, mark, sizeof mark - 1) != 0 ||
	    strpbrk(message->from_line, "\r\n"))
		return ms_error_set(err, MS_E_USAGE,
		    "not a line that begins a message in an mbox: %s",
		    message->from_line);
	if (fstat(fd, &st) != 0)
		return ms_error_errno(err, "%s", path);
	out = g_new0(struct out, 1);
	out->fd = fd;
	out->at = (uint64_t)st.st_size;
	status = write_all(out, message);
	g_free(out);
	if (status == MS_OK)
		return MS_OK;
	if (status == MS_E_PEER)
		(void)ms_error_set(err, status, "the message to be appended "
		    "to %s is shorter than it was", path);
	else
		(void)ms_error_errno(err, "cannot append to %s", path);
	/* Nobody has seen it: we have the locks. */
	if (ftruncate(fd, st.st_size) != 0 || fsync(fd) != 0)
		ms_error_context(err, "%s: the beginning of a message "
		    "stays at byte %jd", path, (intmax_t)st.st_size);
	return status;
}
