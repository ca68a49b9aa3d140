#include "source/sendmail.h"

#include <string.h>

struct reader {
	struct ms_cursor *control;
	struct ms_entry *entry;
	bool version;		/* not the oldest: recipients have flags */
	bool field;		/* the lines that follow may go on with one
				 * that is sent */
	bool end;		/* "." was seen */
};

/* "NAME [ADDRESS]" and perhaps more, which sendmail calls $_. */
static void
client(struct ms_envelope *envelope, const unsigned char *data, size_t size)
{
	const unsigned char *blank = memchr(data, ' ', size);
	const unsigned char *open = memchr(data, '[', size), *end;
	static const char ipv6[] = "IPv6:";

	if (!open)
		return;
	if (blank && blank < open)
		ms_entry_text(&envelope->client_name, data,
		    (size_t)(blank - data));
	open++;
	size -= (size_t)(open - data);
	end = memchr(open, ']', size);
	if (!end)
		return;
	size = (size_t)(end - open);
	if (size > strlen(ipv6) && memcmp(open, ipv6, strlen(ipv6)) == 0) {
		open += strlen(ipv6);
		size -= strlen(ipv6);
	}
	ms_entry_text(&envelope->client_address, open, size);
}

/* FLAGS:ADDRESS, or the address alone in old files. */
static void
recipient(struct reader *r, const unsigned char *data, size_t size)
{
	size_t n = 0;

	while (r->version && n < size && g_ascii_isalpha(data[n]))
		n++;
	if (r->version && n < size && data[n] == ':') {
		data += n + 1;
		size -= n + 1;
	}
	ms_entry_recipient(r->entry, data, size);
}

/* The "?FLAGS?" or "?${MACRO}?" in front of a field says which mailers send
 * it; all usual ones do, but for a Return-Path, be it a forged one: only the
 * last has that, with what it knows itself. */
static enum ms_status
field(struct reader *r, const unsigned char *data, size_t size, bool whole,
    struct ms_error *err)
{
	static const char path[] = "Return-Path:";
	const unsigned char *end;
	enum ms_status status;

	if (size > 0 && *data == '?') {
		end = memchr(data + 1, '?', size - 1);
		if (!end)
			return ms_error_set(err, MS_E_FORMAT,
			    "a damaged queue file: no end of a field's flags "
			    "before byte %llu", (unsigned long long)
			    ms_cursor_at(r->control));
		size -= (size_t)(end + 1 - data);
		data = end + 1;
	}
	r->field = size < strlen(path) || g_ascii_strncasecmp(
	    (const char *)data, path, strlen(path)) != 0;
	if (!r->field)
		return MS_OK;
	status = ms_entry_feed(r->entry, data, size, err);
	return status == MS_OK && whole ? ms_entry_feed(r->entry, "\n", 1,
	    err) : status;
}

static void
macro(struct ms_envelope *envelope, const unsigned char *data, size_t size)
{
	if (size > 1 && *data == '_')
		client(envelope, data + 1, size - 1);
	else if (size > 1 && *data == 's')
		ms_entry_text(&envelope->helo, data + 1, size - 1);
}

/* One line that begins with its letter. */
static enum ms_status
take_line(struct reader *r, const unsigned char *data, size_t size,
    bool whole, struct ms_error *err)
{
	struct ms_envelope *envelope = r->entry->envelope;
	unsigned char letter = *data++;

	size--;
	r->field = false;
	switch (letter) {
	case 'V':
		r->version = ms_entry_number(data, size) > 0;
		break;
	case 'T':
		envelope->received = ms_entry_number(data, size);
		break;
	case 'S':
		ms_entry_sender(r->entry, data, size);
		break;
	case 'R':
		recipient(r, data, size);
		break;
	case '$':
		macro(envelope, data, size);
		break;
	case 'H':
		return field(r, data, size, whole, err);
	case '.':
		r->end = true;
		break;
	default:
		break;
	}
	return MS_OK;
}

/* A line that goes on with the one before it, or the rest of a long one. */
static enum ms_status
go_on(struct reader *r, const unsigned char *data, size_t size, bool whole,
    struct ms_error *err)
{
	enum ms_status status;

	if (!r->field)
		return MS_OK;
	status = ms_entry_feed(r->entry, data, size, err);
	return status == MS_OK && whole ? ms_entry_feed(r->entry, "\n", 1,
	    err) : status;
}

static enum ms_status
read_control(struct reader *r, struct ms_error *err)
{
	const unsigned char *data;
	enum ms_status status = MS_OK;
	bool whole = true, rest;
	size_t size;

	while (status == MS_OK && !r->end) {
		rest = !whole;
		status = ms_cursor_line(r->control, &data, &size, &whole,
		    err);
		if (status != MS_OK)
			break;
		if (rest || (size > 0 && (*data == ' ' || *data == '\t')))
			status = go_on(r, data, size, whole, err);
		else if (size > 0)
			status = take_line(r, data, size, whole, err);
	}
	/* Before the eighth version there was no line to say that it is all
	 * there; the others were not written to their end. */
	if (status == MS_END)
		return r->version ? ms_error_set(err, MS_E_FORMAT,
		    "a damaged queue file: it has no end") : MS_OK;
	return status;
}

enum ms_status
ms_sendmail_read(struct ms_cursor *control, struct ms_cursor *data,
    struct ms_entry *entry, struct ms_error *err)
{
	struct reader r = { .control = control, .entry = entry };
	enum ms_status status = read_control(&r, err), rest = status;
	struct ms_error why = { "" };

	/* What is damaged before it does not keep the body from being seen. */
	if (!entry->full)
		rest = ms_entry_feed(entry, "\n", 1, &why);
	if (!entry->full && data)
		rest = ms_entry_feed_file(entry, data, ms_cursor_size(data),
		    &why);
	if (rest == MS_OK || (status != MS_OK && !entry->full))
		return status;
	return *why.text ? ms_error_set(err, rest, "%s", why.text) : rest;
}

/* The size of the line at DATA that is LETTER and digits, with its LF; 0: it
 * is none. */
static size_t
number_line(const unsigned char *data, size_t size, char letter)
{
	size_t n = 1;

	if (size == 0 || *data != (unsigned char)letter)
		return 0;
	while (n < size && g_ascii_isdigit(data[n]))
		n++;
	return n > 1 && n < size && data[n] == '\n' ? n + 1 : 0;
}

bool
ms_sendmail_is(const unsigned char *data, size_t size)
{
	size_t n = number_line(data, size, 'V');

	return n > 0 && number_line(data + n, size - n, 'T') > 0;
}
