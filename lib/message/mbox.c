#include "message/mbox.h"

#include "base/find.h"

#include <glib.h>
#include <string.h>

#define BUFFER (256 * 1024)

/* Kept before the bytes in use, to see whether the last line was empty. */
#define HISTORY 4

/* Not lent out until what follows is known: "\r\n\r\nFrom" and some. */
#define HOLD 16

/* How far a Content-Length is looked for, and how many bytes of empty lines
 * before the first message may be part of it. */
#define AHEAD (64 * 1024)

#define LINE_MAX_KEPT 512

struct ms_mbox {
	struct ms_mbox_config config;
	unsigned char *buffer;
	uint64_t base;		/* where buffer[0] is in the mailbox */
	size_t start;		/* first byte not lent out */
	size_t end;
	size_t scanned;		/* no boundary's newline before this */
	bool eof;

	bool begun;
	bool in_message;
	uint64_t index;		/* of the current slice */
	uint64_t given;		/* bytes lent out of this message */
	uint64_t body_end;	/* by Content-Length; 0: not known */
	uint64_t slice_end;	/* likewise */
	char line[LINE_MAX_KEPT];
};

struct ms_mbox *
ms_mbox_new(const struct ms_mbox_config *config)
{
	struct ms_mbox *m = g_new0(struct ms_mbox, 1);

	m->config = *config;
	m->base = config->offset;
	m->index = config->index;
	m->buffer = g_malloc(BUFFER);
	return m;
}

void
ms_mbox_free(struct ms_mbox *m)
{
	if (!m)
		return;
	g_free(m->buffer);
	g_free(m);
}

/* More bytes into the buffer, or eof. Moves what is in it. */
static enum ms_status
fill(struct ms_mbox *m, struct ms_error *err)
{
	size_t drop = m->start > HISTORY ? m->start - HISTORY : 0;
	enum ms_status status;
	size_t got = 0;

	if (m->eof)
		return MS_OK;
	if (drop > 0) {
		memmove(m->buffer, m->buffer + drop, m->end - drop);
		m->base += drop;
		m->start -= drop;
		m->end -= drop;
		m->scanned -= MIN(drop, m->scanned);
	}
	status = m->config.fill(m->config.arg, m->buffer + m->end,
	    BUFFER - m->end, &got, err);
	if (status != MS_OK)
		return status;
	m->end += got;
	m->eof = got == 0;
	return MS_OK;
}

/* At least WANT bytes from start on, unless the mailbox ends before. */
static enum ms_status
want(struct ms_mbox *m, size_t size, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	while (status == MS_OK && !m->eof && m->end - m->start < size)
		status = fill(m, err);
	return status;
}

/* Is the line before the one that starts at AT empty? */
static bool
after_empty(const struct ms_mbox *m, size_t at)
{
	const unsigned char *b = m->buffer;

	if (at < 2)
		return true;	/* the mailbox's first line is "\n" */
	if (b[at - 2] == '\n')
		return true;
	return b[at - 2] == '\r' && (at < 3 || b[at - 3] == '\n');
}

/* Search what is buffered for the next message's From_ line. */
static bool
find_boundary(struct ms_mbox *m, size_t *at)
{
	const unsigned char *end = m->buffer + m->end, *hit;

	if (m->start > 0 && m->scanned < m->start - 1)
		m->scanned = m->start - 1;
	hit = m->buffer + m->scanned;
	while ((hit = ms_find(hit, (size_t)(end - hit), "\nFrom ", 6))) {
		*at = (size_t)(hit - m->buffer) + 1;
		if (after_empty(m, *at)) {
			m->scanned = *at - 1;
			return true;
		}
		hit++;
	}
	if (m->end > 5)
		m->scanned = MAX(m->scanned, m->end - 5);
	return false;
}

/* Where the message ends whose slice ends at END. */
static size_t
without_empty_line(const struct ms_mbox *m, size_t end)
{
	const unsigned char *p = m->buffer + end;
	size_t size = end - m->start;

	/* What no From_ line follows or precedes is no mbox: as it is. */
	if (m->index == 0 && m->eof && end == m->end)
		return end;
	if (size >= 4 && memcmp(p - 4, "\r\n\r\n", 4) == 0)
		return end - 2;
	if (size >= 2 && memcmp(p - 2, "\n\n", 2) == 0)
		return end - 1;
	if (m->given == 0 && size == 2 && memcmp(p - 2, "\r\n", 2) == 0)
		return m->start;
	if (m->given == 0 && size == 1 && p[-1] == '\n')
		return m->start;
	return end;
}

static enum ms_status
lend(struct ms_mbox *m, const unsigned char **data, size_t *size, size_t end)
{
	*data = m->buffer + m->start;
	*size = end - m->start;
	m->given += *size;
	m->start = end;
	return MS_OK;
}

static enum ms_status
lend_last(struct ms_mbox *m, const unsigned char **data, size_t *size,
    size_t end)
{
	size_t body_end = without_empty_line(m, end);

	(void)lend(m, data, size, body_end);
	m->start = end;
	m->in_message = false;
	return MS_OK;
}

/* A piece of a message whose end is known from its Content-Length. */
static enum ms_status
read_counted(struct ms_mbox *m, const unsigned char **data, size_t *size,
    struct ms_error *err)
{
	uint64_t at = m->base + m->start;
	enum ms_status status;

	if (at < m->body_end) {
		status = want(m, 1, err);
		if (status != MS_OK)
			return status;
		/* Shorter than it was when we looked ahead. */
		if (m->start == m->end)
			m->in_message = false;
		return lend(m, data, size, (size_t)MIN(m->end,
		    m->body_end - m->base));
	}
	status = want(m, (size_t)(m->slice_end - at), err);
	if (status != MS_OK)
		return status;
	*size = 0;
	m->start = MIN(m->end, (size_t)(m->slice_end - m->base));
	m->scanned = m->start;
	m->in_message = false;
	return MS_OK;
}

enum ms_status
ms_mbox_read(struct ms_mbox *m, const unsigned char **data, size_t *size,
    struct ms_error *err)
{
	enum ms_status status;
	size_t at;

	*data = m->buffer;
	*size = 0;
	if (!m->in_message)
		return MS_OK;
	if (m->slice_end > 0)
		return read_counted(m, data, size, err);
	for (;;) {
		if (find_boundary(m, &at))
			return lend_last(m, data, size, at);
		if (m->eof)
			return lend_last(m, data, size, m->end);
		if (m->end - m->start > HOLD)
			return lend(m, data, size, m->end - HOLD);
		status = fill(m, err);
		if (status != MS_OK)
			return status;
	}
}

/* Bytes at OFFSET, from the buffer or by the callback. */
static size_t
bytes_at(struct ms_mbox *m, uint64_t offset, unsigned char *data, size_t size)
{
	size_t got = 0;

	if (offset >= m->base &&
	    (m->eof || offset + size <= m->base + m->end)) {
		if (offset >= m->base + m->end)
			return 0;
		size = (size_t)MIN(size, m->base + m->end - offset);
		memcpy(data, m->buffer + (offset - m->base), size);
		return size;
	}
	if (!m->config.peek || m->config.peek(m->config.arg, offset, data,
	    size, &got, NULL) != MS_OK)
		return 0;
	return got;
}

/* Does a message that ends at OFFSET end where a From_ line begins, or the
 * mailbox ends, perhaps after one line end? */
static bool
believable(struct ms_mbox *m, uint64_t offset, uint64_t *slice_end)
{
	static const char *const ends[] = { "", "\n", "\r\n" };
	unsigned char b[8];
	size_t got = bytes_at(m, offset - 1, b, sizeof b);

	for (size_t i = 0; got > 0 && i < G_N_ELEMENTS(ends); i++) {
		size_t n = 1 + strlen(ends[i]);

		if (got < n || memcmp(b + 1, ends[i], n - 1) != 0)
			continue;
		*slice_end = offset + n - 1;
		if (got == n)
			return true;
		if (b[n - 1] == '\n' && got >= n + 5 &&
		    memcmp(b + n, "From ", 5) == 0)
			return true;
	}
	return false;
}

static bool
parse_number(const unsigned char *p, const unsigned char *end,
    uint64_t *number)
{
	uint64_t n = 0;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (p == end || !g_ascii_isdigit(*p))
		return false;
	for (; p < end && g_ascii_isdigit(*p); p++) {
		if (n > UINT64_MAX / 100)
			return false;
		n = n * 10 + (uint64_t)(*p - '0');
	}
	*number = n;
	return true;
}

/* If the header at start states the length of the body, and that can be
 * true, then that is where the slice ends. */
static void
look_for_length(struct ms_mbox *m)
{
	static const char name[] = "content-length:";
	const unsigned char *p = m->buffer + m->start, *nl;
	const unsigned char *end = p + MIN(m->end - m->start, AHEAD);
	uint64_t length = 0, slice_end;
	bool stated = false;

	for (; (nl = memchr(p, '\n', (size_t)(end - p))); p = nl + 1) {
		if (nl == p || (nl == p + 1 && *p == '\r'))
			break;
		if ((size_t)(nl - p) >= sizeof name - 1 &&
		    g_ascii_strncasecmp((const char *)p, name,
		    sizeof name - 1) == 0)
			stated = parse_number(p + sizeof name - 1, nl,
			    &length);
	}
	if (!nl || !stated)
		return;
	length += m->base + (size_t)(nl + 1 - m->buffer);
	if (believable(m, length, &slice_end)) {
		m->body_end = length;
		m->slice_end = slice_end;
	}
}

/* Past the From_ line at start, whose first bytes are kept. */
static enum ms_status
take_from_line(struct ms_mbox *m, struct ms_error *err)
{
	size_t kept = 0;

	for (;;) {
		const unsigned char *p = m->buffer + m->start;
		const unsigned char *nl = memchr(p, '\n', m->end - m->start);
		size_t size = nl ? (size_t)(nl - p) : m->end - m->start;
		size_t n = MIN(size, sizeof m->line - 1 - kept);
		enum ms_status status;

		memcpy(m->line + kept, p, n);
		kept += n;
		m->start += size + (nl != NULL);
		if (nl || m->eof)
			break;
		if ((status = fill(m, err)) != MS_OK)
			return status;
	}
	if (kept > 0 && m->line[kept - 1] == '\r')
		kept--;
	m->line[kept] = '\0';
	return MS_OK;
}

/* How many bytes of empty lines there are at start, up to about AHEAD. */
static enum ms_status
empty_lines(struct ms_mbox *m, size_t *size, struct ms_error *err)
{
	enum ms_status status;
	size_t n = 0;

	for (;;) {
		const unsigned char *p = m->buffer + m->start + n;
		size_t left = m->end - m->start - n;

		*size = n;
		if (left == 0 || (left == 1 && *p == '\r')) {
			if (m->eof || n >= AHEAD)
				return MS_OK;
			if ((status = fill(m, err)) != MS_OK)
				return status;
			continue;
		}
		if (*p != '\n' && (*p != '\r' || p[1] != '\n'))
			return n >= AHEAD ? MS_OK : want(m, n + 5, err);
		n += *p == '\n' ? 1 : 2;
	}
}

static bool
at_from_line(const struct ms_mbox *m, size_t skip)
{
	return m->end - m->start >= skip + 5 &&
	    memcmp(m->buffer + m->start + skip, "From ", 5) == 0;
}

/* The start of the mailbox: MS_OK with start at a From_ line or at what is
 * slice 0. */
static enum ms_status
begin(struct ms_mbox *m, struct ms_error *err)
{
	size_t empty = AHEAD;
	bool dropped = false;

	while (empty >= AHEAD) {
		enum ms_status status = empty_lines(m, &empty, err);

		if (status != MS_OK)
			return status;
		if (empty >= AHEAD || dropped) {
			m->start += empty;
			dropped = true;
		}
	}
	if (dropped)
		empty = 0;
	m->begun = true;
	if (m->eof && m->start + empty == m->end)
		return MS_END;
	if (!at_from_line(m, empty)) {
		m->in_message = true;
		return MS_OK;
	}
	m->start += empty;
	return MS_OK;
}

static enum ms_status
skip_message(struct ms_mbox *m, struct ms_error *err)
{
	const unsigned char *data;
	enum ms_status status = MS_OK;
	size_t size;

	while (m->in_message && status == MS_OK)
		status = ms_mbox_read(m, &data, &size, err);
	return status;
}

enum ms_status
ms_mbox_next(struct ms_mbox *m, struct ms_mbox_slice *slice,
    struct ms_error *err)
{
	bool first = !m->begun;
	enum ms_status status;

	status = first ? begin(m, err) : skip_message(m, err);
	if (status == MS_OK && !m->in_message)
		status = want(m, 1, err);
	if (status != MS_OK)
		return status;
	m->given = m->body_end = m->slice_end = 0;
	*slice = (struct ms_mbox_slice){ .from = m->line };
	if (m->in_message)
		return MS_OK;
	if (m->start == m->end)
		return MS_END;
	slice->offset = first ? m->config.offset : m->base + m->start;
	slice->index = ++m->index;
	status = take_from_line(m, err);
	if (status != MS_OK)
		return status;
	if (m->config.content_length) {
		/* If this fails, what is there counts until it is used up. */
		(void)want(m, AHEAD, NULL);
		look_for_length(m);
	}
	m->in_message = true;
	return MS_OK;
}

uint64_t
ms_mbox_offset(const struct ms_mbox *m)
{
	return m->base + m->start;
}
