#include "source/exim.h"

#include <string.h>

struct reader {
	struct ms_cursor *header;
	struct ms_cursor *data;
	struct ms_entry *entry;
	bool wire;		/* the body has CRLF line ends */
};

struct line {
	const unsigned char *data;
	size_t size;
};

static enum ms_status
damaged(const struct ms_cursor *cursor, const char *what,
    struct ms_error *err)
{
	return ms_error_set(err, MS_E_FORMAT,
	    "a damaged spool file: %s before byte %llu", what,
	    (unsigned long long)ms_cursor_at(cursor));
}

/* The next line of the header file, of which no more counts than fits into
 * memory. */
static enum ms_status
next_line(struct reader *r, struct line *line, struct ms_error *err)
{
	const unsigned char *more;
	enum ms_status status;
	uint64_t at, end;
	size_t size;
	bool whole;

	status = ms_cursor_line(r->header, &line->data, &line->size, &whole,
	    err);
	if (status == MS_END)
		return damaged(r->header, "no end of the envelope", err);
	if (status != MS_OK || whole)
		return status;
	at = end = ms_cursor_at(r->header);
	while (status == MS_OK && !whole) {
		status = ms_cursor_line(r->header, &more, &size, &whole, err);
		end = ms_cursor_at(r->header);
	}
	if (status != MS_OK && status != MS_END)
		return status;
	/* Back to what was lent, which the rest has overwritten. */
	ms_cursor_seek(r->header, at - line->size);
	status = ms_cursor_take(r->header, line->size, &line->data, err);
	ms_cursor_seek(r->header, end);
	return status;
}

static bool
begins_with(const struct line *line, const char *text)
{
	size_t n = strlen(text);

	return line->size >= n && memcmp(line->data, text, n) == 0;
}

/* The lines before the flags: file name, login, sender, time. */
static enum ms_status
read_start(struct reader *r, struct ms_error *err)
{
	enum ms_status status;
	struct line line;

	status = next_line(r, &line, err);
	if (status == MS_OK)
		status = next_line(r, &line, err);
	if (status == MS_OK)
		status = next_line(r, &line, err);
	if (status != MS_OK)
		return status;
	if (line.size < 2 || line.data[0] != '<' ||
	    line.data[line.size - 1] != '>')
		return damaged(r->header, "no sender", err);
	ms_entry_sender(r->entry, line.data, line.size);
	status = next_line(r, &line, err);
	if (status != MS_OK)
		return status;
	r->entry->envelope->received = ms_entry_number(line.data, line.size);
	return r->entry->envelope->received >= 0 ? MS_OK :
	    damaged(r->header, "no time", err);
}

/* An address that a port may follow, after a dot or, where the address is in
 * brackets, a colon. */
static void
client_address(struct ms_envelope *envelope, const unsigned char *data,
    size_t size)
{
	const unsigned char *end = data + size, *last = NULL;
	unsigned dots = 0;
	bool colon = memchr(data, ':', size);

	if (size > 0 && *data == '[') {
		end = memchr(data, ']', size);
		data++;
		size = end ? (size_t)(end - data) : size - 1;
	} else {
		for (const unsigned char *p = data; p < end; p++)
			if (*p == '.') {
				last = p;
				dots++;
			}
		if (dots == 4 || (dots == 1 && colon))
			size = (size_t)(last - data);
	}
	ms_entry_text(&envelope->client_address, data, size);
}

/* Over the value of an ACL variable, which may have lines: "NAME SIZE", or
 * the same with a number for a name. */
static enum ms_status
skip_variable(struct reader *r, const struct line *line,
    struct ms_error *err)
{
	const unsigned char *size = memrchr(line->data, ' ', line->size);
	int64_t n = size ? ms_entry_number(size,
	    (size_t)(line->data + line->size - size)) : -1;

	if (n < 0)
		return damaged(r->header, "a variable without a size", err);
	/* An LF comes behind it. */
	ms_cursor_seek(r->header, ms_cursor_at(r->header) + (uint64_t)n + 1);
	return MS_OK;
}

/* "-NAME" or "-NAME VALUE"; a second '-' says that the value came from
 * outside. */
static enum ms_status
flag(struct reader *r, struct line line, struct ms_error *err)
{
	struct ms_envelope *envelope = r->entry->envelope;
	size_t n = begins_with(&line, "--") ? 2 : 1;

	line.data += n;
	line.size -= n;
	if (begins_with(&line, "aclc ") || begins_with(&line, "aclm ") ||
	    begins_with(&line, "acl "))
		return skip_variable(r, &line, err);
	if (begins_with(&line, "helo_name "))
		ms_entry_text(&envelope->helo, line.data + 10,
		    line.size - 10);
	else if (begins_with(&line, "host_name "))
		ms_entry_text(&envelope->client_name, line.data + 10,
		    line.size - 10);
	else if (begins_with(&line, "host_address "))
		client_address(envelope, line.data + 13, line.size - 13);
	else if (begins_with(&line, "spool_file_wireformat"))
		r->wire = true;
	return MS_OK;
}

/* Who has it already: a binary tree, whose every node is a line with two
 * letters, for what hangs below it (Y or N), and an address. LINE is the
 * first. */
static enum ms_status
read_tree(struct reader *r, struct line line, struct ms_error *err)
{
	enum ms_status status = MS_OK;
	uint64_t nodes = 1;

	if (begins_with(&line, "XX"))
		return MS_OK;
	for (; nodes > 0; nodes--) {
		if (line.size < 3 || line.data[2] != ' ' ||
		    (line.data[0] != 'Y' && line.data[0] != 'N') ||
		    (line.data[1] != 'Y' && line.data[1] != 'N'))
			return damaged(r->header, "no list of deliveries",
			    err);
		nodes += (line.data[0] == 'Y') + (line.data[1] == 'Y');
		ms_entry_done(r->entry, line.data + 3, line.size - 3);
		if (nodes > 1)
			status = next_line(r, &line, err);
		if (status != MS_OK)
			return status;
	}
	return MS_OK;
}

/* Take the digits and commas that TEXT ends with, and the blank before them,
 * off; *NUMBER is the first of those numbers. */
static void
cut_numbers(const unsigned char *text, size_t *size, int64_t *number)
{
	size_t end = *size;

	while (*size > 0 && (g_ascii_isdigit(text[*size - 1]) ||
	    text[*size - 1] == ',' || text[*size - 1] == '-'))
		--*size;
	*number = ms_entry_number(text + *size, end - *size);
	if (*size > 0 && text[*size - 1] == ' ')
		--*size;
}

/* Take a text of N bytes and the blank before it off the end. */
static void
cut_text(const unsigned char *text, size_t *size, int64_t n)
{
	if (n > 0)
		*size -= MIN(*size, (size_t)n);
	if (*size > 0 && text[*size - 1] == ' ')
		--*size;
}

/*
 * How much of a recipient's line is the address, which may have blanks in it
 * but never ends with a digit and what stands before one here. Read from the
 * end:
 *
 *	address [ SP orcpt SP size,flags ] [ SP errors-to SP size,parent ] #bits
 *	address SP digits [ "," digits "," digits ]	before Exim 4.00
 */
static size_t
address_size(const unsigned char *text, size_t size)
{
	size_t end = size;
	int64_t bits, n;

	while (end > 0 && g_ascii_isdigit(text[end - 1]))
		end--;
	if (end == 0 || end == size)
		return size;
	if (text[end - 1] == ' ' || text[end - 1] == ',') {
		end = size;
		cut_numbers(text, &end, &n);
		return memchr(text, '@', end) ? end : size;
	}
	if (text[end - 1] != '#')
		return size;
	bits = ms_entry_number(text + end, size - end);
	end--;
	if (bits & 1) {
		cut_numbers(text, &end, &n);
		cut_text(text, &end, n);
	}
	if (bits & 2) {
		cut_numbers(text, &end, &n);
		cut_text(text, &end, n);
	}
	return end;
}

/* Recipients: how many, and each of them on a line; then an empty one. */
static enum ms_status
read_recipients(struct reader *r, struct ms_error *err)
{
	enum ms_status status;
	struct line line;
	int64_t count;

	status = next_line(r, &line, err);
	if (status != MS_OK)
		return status;
	count = ms_entry_number(line.data, line.size);
	if (count < 0)
		return damaged(r->header, "no number of recipients", err);
	for (; count > 0; count--) {
		status = next_line(r, &line, err);
		if (status != MS_OK)
			return status;
		if (line.size == 0)
			return damaged(r->header, "too few recipients", err);
		ms_entry_recipient(r->entry, line.data,
		    address_size(line.data, line.size));
	}
	status = next_line(r, &line, err);
	if (status == MS_OK && line.size > 0)
		return damaged(r->header, "too many recipients", err);
	return status;
}

/* One header field: its size, a letter for what it is, a blank, and as many
 * bytes. MS_END: that was the last one. */
static enum ms_status
read_field(struct reader *r, struct ms_error *err)
{
	char digits[16];
	const unsigned char *byte;
	enum ms_status status;
	size_t n = 0;
	int64_t size;
	uint64_t end;

	for (;;) {
		status = ms_cursor_take(r->header, 1, &byte, err);
		if (status != MS_OK || !g_ascii_isdigit(*byte) ||
		    n == sizeof digits)
			break;
		digits[n++] = (char)*byte;
	}
	if (status == MS_END && n == 0)
		return MS_END;
	if (status != MS_OK && status != MS_END)
		return status;
	size = ms_entry_number((unsigned char *)digits, n);
	end = ms_cursor_at(r->header) + 1 + (uint64_t)MAX(size, 0);
	if (status == MS_END || size < 0 || end > ms_cursor_size(r->header))
		return damaged(r->header, "no header field", err);
	n = *byte == '*';
	ms_cursor_seek(r->header, ms_cursor_at(r->header) + 1);
	if (n == 0)
		status = ms_entry_feed_file(r->entry, r->header, end, err);
	ms_cursor_seek(r->header, end);
	return status;
}

/* The body, with every CRLF made LF. */
static enum ms_status
feed_wire(struct reader *r, struct ms_error *err)
{
	enum ms_status status;
	bool cr = false;

	for (;;) {
		const unsigned char *data, *lf;
		size_t size, n;

		status = ms_cursor_piece(r->data, MS_CURSOR_PIECE, &data,
		    &size, err);
		if (status != MS_OK || size == 0)
			break;
		if (cr && *data != '\n')
			status = ms_entry_feed(r->entry, "\r", 1, err);
		cr = false;
		for (; status == MS_OK && size > 0; data += n, size -= n) {
			lf = memchr(data, '\n', size);
			n = lf ? (size_t)(lf - data) : size;
			cr = n > 0 && data[n - 1] == '\r';
			status = ms_entry_feed(r->entry, data, n - cr, err);
			if (!lf)
				continue;
			n++;
			cr = false;
			if (status == MS_OK)
				status = ms_entry_feed(r->entry, "\n", 1,
				    err);
		}
		if (status != MS_OK)
			return status;
	}
	if (status == MS_OK && cr)
		status = ms_entry_feed(r->entry, "\r", 1, err);
	return status;
}

static enum ms_status
read_body(struct reader *r, struct ms_error *err)
{
	enum ms_status status;
	struct line line;
	bool whole;

	status = ms_cursor_line(r->data, &line.data, &line.size, &whole, err);
	if (status == MS_END || (status == MS_OK && (line.size < 3 ||
	    ms_exim_id(line.data, line.size) != line.size - 2 ||
	    line.data[line.size - 1] != 'D')))
		return ms_error_set(err, MS_E_FORMAT, "a damaged spool file: "
		    "the data file does not begin with its name");
	if (status == MS_OK)
		status = ms_entry_feed(r->entry, "\n", 1, err);
	if (status != MS_OK)
		return status;
	return r->wire ? feed_wire(r, err) : ms_entry_feed_file(r->entry,
	    r->data, ms_cursor_size(r->data), err);
}

static enum ms_status
read_journal(struct ms_cursor *journal, struct ms_entry *entry,
    struct ms_error *err)
{
	const unsigned char *data;
	enum ms_status status;
	size_t size;
	bool whole;

	while ((status = ms_cursor_line(journal, &data, &size, &whole,
	    err)) == MS_OK)
		ms_entry_done(entry, data, size);
	return status == MS_END ? MS_OK : status;
}

static enum ms_status
read_envelope(struct reader *r, struct ms_error *err)
{
	enum ms_status status = read_start(r, err);
	struct line line = { NULL, 0 };

	while (status == MS_OK) {
		status = next_line(r, &line, err);
		if (status != MS_OK || line.size == 0 || *line.data != '-')
			break;
		status = flag(r, line, err);
	}
	if (status == MS_OK)
		status = read_tree(r, line, err);
	return status == MS_OK ? read_recipients(r, err) : status;
}

enum ms_status
ms_exim_read(struct ms_cursor *header, struct ms_cursor *data,
    struct ms_cursor *journal, struct ms_entry *entry, struct ms_error *err)
{
	struct reader r = { .header = header, .data = data, .entry = entry };
	enum ms_status status = MS_OK, rest;
	struct ms_error why = { "" };

	/* Before the recipients are known. */
	if (journal)
		status = read_journal(journal, entry, err);
	if (status == MS_OK)
		status = read_envelope(&r, err);
	while (status == MS_OK)
		status = read_field(&r, err);
	/* What is damaged before it does not keep the body from being seen. */
	if (status == MS_OK || status == MS_END || entry->full)
		return status == MS_END ? read_body(&r, err) : status;
	rest = read_body(&r, &why);
	return entry->full ? ms_error_set(err, rest, "%s", why.text) : status;
}

size_t
ms_exim_id(const void *data, size_t size)
{
	static const size_t sizes[2][3] = { { 6, 6, 2 }, { 6, 11, 4 } };
	const char *p = data;

	for (size_t form = 0; form < 2; form++) {
		size_t at = 0, part = 0;

		for (; part < 3; part++) {
			size_t n = 0;

			while (n < sizes[form][part] && at + n < size &&
			    g_ascii_isalnum(p[at + n]))
				n++;
			at += n;
			if (n < sizes[form][part] || at == size ||
			    p[at] != '-')
				break;
			at++;
		}
		if (part == 3)
			return at - 1;
		/* The last part may also be all there is. */
		if (part == 2 && at == size && at ==
		    sizes[form][0] + sizes[form][1] + sizes[form][2] + 2)
			return at;
	}
	return 0;
}

size_t
ms_exim_is(const unsigned char *data, size_t size, char letter)
{
	size_t id = ms_exim_id(data, size);

	if (id == 0 || size < id + 3 || data[id] != '-' ||
	    data[id + 1] != (unsigned char)letter || data[id + 2] != '\n')
		return 0;
	return id;
}
