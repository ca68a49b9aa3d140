#include "source/detect.h"

#include "message/fromline.h"
#include "message/lines.h"
#include "source/compressed.h"

#include <glib.h>
#include <string.h>

/* Fields that make a mail header of what else may be any text with colons.
 * A final '-' stands for all names that begin so. */
static const char *const fields[] = {
	"ARC-", "Apparently-To", "Authentication-Results", "Bcc", "Cc",
	"Content-", "DKIM-Signature", "Date", "Delivered-To", "Delivery-Date",
	"Disposition-Notification-To", "DomainKey-Signature", "Envelope-To",
	"Errors-To", "From", "In-Reply-To", "List-", "MIME-Version",
	"Message-ID", "Newsgroups", "Organization", "Original-Recipient",
	"Path", "Received", "Received-SPF", "References", "Reply-To",
	"Resent-", "Return-Path", "Return-Receipt-To", "Sender", "Status",
	"Subject", "Thread-Topic", "To", "User-Agent", "X-",
};

/* The size of the field name that LINE begins with, or 0. Obsolete syntax
 * has blanks before the colon. */
static size_t
field_name(const struct ms_line *line)
{
	size_t name = 0, i;

	while (name < line->size && line->data[name] > ' ' &&
	    line->data[name] < 127 && line->data[name] != ':')
		name++;
	for (i = name; i < line->size; i++)
		if (line->data[i] != ' ' && line->data[i] != '\t')
			break;
	return i < line->size && line->data[i] == ':' ? name : 0;
}

static bool
known_field(const struct ms_line *line)
{
	size_t size = field_name(line);

	if (size == 0)
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		size_t n = strlen(fields[i]);
		bool prefix = fields[i][n - 1] == '-';

		if ((prefix ? size > n : size == n) &&
		    g_ascii_strncasecmp((const char *)line->data, fields[i],
		    n) == 0)
			return true;
	}
	return false;
}

static bool
starts_with(const struct ms_line *line, const char *text)
{
	size_t n = strlen(text);

	return line->size >= n && memcmp(line->data, text, n) == 0;
}

static bool
is_from_line(const struct ms_line *line)
{
	return starts_with(line, "From ") && field_name(line) == 0;
}

static bool
is_dated_from_line(const struct ms_line *line)
{
	char text[512];
	size_t n = MIN(line->size, sizeof text - 1);

	if (!is_from_line(line))
		return false;
	memcpy(text, line->data, n);
	text[n] = '\0';
	return ms_fromline_date(text) >= 0;
}

/* A header: its first line is a field and one is known, or two are. */
static bool
is_header(const unsigned char *p, const unsigned char *end)
{
	bool first_is_field = false;
	struct ms_line line;
	size_t known = 0;

	if (ms_lines_cut(p, end, &line) && starts_with(&line, ">From "))
		p = line.next;
	for (size_t n = 0; ms_lines_cut(p, end, &line); n++, p = line.next) {
		if (line.size == 0)
			break;
		if (n == 0)
			first_is_field = field_name(&line) > 0;
		if (!first_is_field && is_dated_from_line(&line))
			return false;
		known += known_field(&line);
		if (known >= 2 || (known == 1 && first_is_field))
			return true;
	}
	return false;
}

/* A dated From_ line after an empty one. */
static bool
holds_messages(const unsigned char *p, const unsigned char *end)
{
	bool after_empty = true;
	struct ms_line line;

	for (; ms_lines_cut(p, end, &line); p = line.next) {
		if (after_empty && is_dated_from_line(&line))
			return true;
		after_empty = line.size == 0;
	}
	return false;
}

/* Can it be the name of a field, and not how some other text begins? */
static bool
is_token(const unsigned char *name, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (strchr("()<>@,;\\\"/[]?={}", name[i]))
			return false;
	return size > 0;
}

/* Nothing but fields, however odd, and their continuations, as far as it was
 * looked at: a known one may follow. */
static bool
is_endless_header(const unsigned char *p, const unsigned char *end)
{
	struct ms_line line;

	for (bool first = true; ms_lines_cut(p, end, &line); first = false) {
		bool folded = line.size > 0 &&
		    (*line.data == ' ' || *line.data == '\t');

		/* The last line may go on. */
		if (line.next == end && !first)
			return true;
		if ((first || !folded) &&
		    !is_token(line.data, field_name(&line)))
			return false;
		p = line.next;
	}
	return true;
}

enum ms_detect_kind
ms_detect(const unsigned char *data, size_t size)
{
	const unsigned char *p = data, *end = data + size;
	bool full = size >= MS_DETECT_HEAD;
	struct ms_line line = { 0 };

	if (size == 0)
		return MS_DETECT_EMPTY;
	if (ms_compressed_is(data, size))
		return MS_DETECT_ARCHIVE;
	if (size >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	while (ms_lines_cut(p, end, &line) && line.size == 0)
		p = line.next;
	/* Only whoever reads on sees what follows so many empty lines. */
	if (p == end)
		return full ? MS_DETECT_MBOX : MS_DETECT_RAW;
	if (is_from_line(&line))
		return MS_DETECT_MBOX;
	if (is_header(p, end))
		return MS_DETECT_EML;
	if (holds_messages(data, end))
		return MS_DETECT_MBOX;
	return full && is_endless_header(p, end) ? MS_DETECT_EML :
	    MS_DETECT_RAW;
}
