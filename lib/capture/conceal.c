#include "capture/conceal.h"

#include <glib.h>
#include <stdint.h>
#include <string.h>

/* Boundaries of a message that are known, and the longest. */
#define BOUNDARIES 64
#define BOUNDARY_MAX 255

enum place { HEADER, BODY };
enum encoding { TEXT, BASE64, QUOTED };
enum field { OTHER, STRUCTURE, TYPE, ENCODING, DATE /* or version */ };

struct ms_conceal {
	struct ms_disguise *disguise;
	enum place place;
	enum field field;	/* that the last line of the header was of */
	enum encoding encoding;	/* of the part */
	bool nested;		/* the part is a message itself */
	GPtrArray *boundaries;	/* char *, as they were */
};

struct ms_conceal *
ms_conceal_new(struct ms_disguise *disguise)
{
	struct ms_conceal *conceal = g_new0(struct ms_conceal, 1);

	conceal->disguise = disguise;
	conceal->boundaries = g_ptr_array_new_with_free_func(g_free);
	return conceal;
}

void
ms_conceal_free(struct ms_conceal *conceal)
{
	if (!conceal)
		return;
	g_ptr_array_unref(conceal->boundaries);
	g_free(conceal);
}

static void
begin_part(struct ms_conceal *conceal)
{
	conceal->place = HEADER;
	conceal->field = OTHER;
	conceal->encoding = TEXT;
	conceal->nested = false;
}

void
ms_conceal_begin(struct ms_conceal *conceal)
{
	begin_part(conceal);
	g_ptr_array_set_size(conceal->boundaries, 0);
}

void
ms_conceal_gap(struct ms_conceal *conceal)
{
	conceal->place = BODY;
	conceal->encoding = TEXT;
}

/* Fields whose names say nothing of anybody. */
static const char *const fields[] = {
	"arc-authentication-results", "arc-message-signature", "arc-seal",
	"authentication-results", "auto-submitted", "bcc", "cc", "comments",
	"content-description", "content-disposition", "content-id",
	"content-language", "content-length", "content-location",
	"content-transfer-encoding", "content-type", "date", "delivered-to",
	"disposition-notification-to", "dkim-signature",
	"domainkey-signature", "errors-to", "from", "importance",
	"in-reply-to", "keywords", "lines", "list-archive", "list-help",
	"list-id", "list-owner", "list-post", "list-subscribe",
	"list-unsubscribe", "message-id", "mime-version", "organization",
	"precedence", "priority", "received", "received-spf", "references",
	"reply-to", "resent-date", "resent-from", "resent-message-id",
	"resent-sender", "resent-to", "return-path", "sender", "status",
	"subject", "to", "user-agent", "x-mailer", "x-msmail-priority",
	"x-originating-ip", "x-priority", "x-spam-flag", "x-spam-status",
	"x-status", NULL,
};

/* Words of MIME that say how to read the rest. */
static const char *const mime_words[] = {
	"7bit", "8bit", "alternative", "application", "ascii",
	"attachment", "audio", "base64", "binary", "boundary", "calendar",
	"charset", "css", "csv", "delivery-status", "delsp", "digest",
	"disposition-notification", "encrypted", "enriched",
	"external-body", "filename", "fixed", "flowed", "form-data",
	"format", "gbk", "gb18030", "gif", "gzip", "html", "image",
	"inline", "iso-2022-jp", "iso-8859-1", "iso-8859-15",
	"iso-8859-2", "javascript", "jpeg", "json", "koi8-r", "message",
	"micalg", "mixed", "mp4", "mpeg", "msword", "multipart", "name",
	"no", "octet-stream", "ogg", "parallel", "partial", "pdf",
	"pgp-encrypted", "pgp-signature", "pkcs7-mime", "pkcs7-signature",
	"plain", "png", "postscript", "protocol", "quoted-printable",
	"related", "report", "report-type", "rfc822", "rfc822-headers",
	"rtf", "sha-1", "sha-256", "sha1", "sha256", "signed",
	"smime-type", "start", "svg", "tar", "text", "tiff", "type",
	"us-ascii", "utf-16", "utf-7", "utf-8", "uuencode", "video", "wav",
	"windows-1250", "windows-1251", "windows-1252", "x-gzip",
	"x-uuencode", "x-zip-compressed", "xhtml", "xml", "yes", "zip",
	NULL,
};

/* Words of dates. */
static const char *const date_words[] = {
	"mon", "tue", "wed", "thu", "fri", "sat", "sun", "jan", "feb",
	"mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov",
	"dec", "gmt", "ut", "utc", NULL,
};

/* Words of header fields that say what the others are. */
static const char *const header_words[] = {
	"by", "esmtp", "esmtpa", "esmtps", "esmtpsa", "fail", "for", "from",
	"helo", "id", "lmtp", "neutral", "none", "pass", "smtp", "via",
	"with", NULL,
};

static size_t
trimmed(const unsigned char *line, size_t size)
{
	while (size > 0 && (line[size - 1] == '\n' ||
	    line[size - 1] == '\r' || line[size - 1] == ' ' ||
	    line[size - 1] == '\t'))
		size--;
	return size;
}

/* The size of the name of the field in LINE, or 0. */
static size_t
field_name(const unsigned char *line, size_t size)
{
	size_t n = 0;

	while (n < size && line[n] > ' ' && line[n] < 127 && line[n] != ':')
		n++;
	return n < size && line[n] == ':' ? n : 0;
}

static bool
name_is(const unsigned char *line, size_t size, const char *name)
{
	return strlen(name) == size &&
	    g_ascii_strncasecmp(name, (const char *)line, size) == 0;
}

static enum field
field_kind(const unsigned char *line, size_t size)
{
	if (name_is(line, size, "content-type"))
		return TYPE;
	if (name_is(line, size, "content-transfer-encoding"))
		return ENCODING;
	if (name_is(line, size, "date") ||
	    name_is(line, size, "resent-date") ||
	    name_is(line, size, "mime-version"))
		return DATE;
	if (name_is(line, size, "content-disposition"))
		return STRUCTURE;
	return OTHER;
}

/* Where TEXT has WORD in whatever letters, or SIZE. */
static size_t
find_word(const unsigned char *text, size_t size, const char *word)
{
	size_t n = strlen(word);

	for (size_t at = 0; at + n <= size; at++)
		if (g_ascii_strncasecmp((const char *)text + at, word, n) ==
		    0)
			return at;
	return size;
}

/* The boundary that VALUE states, if it does: where it begins and ends. */
static bool
find_boundary(const unsigned char *value, size_t size, size_t *from,
    size_t *to)
{
	size_t at = find_word(value, size, "boundary");
	bool quoted;

	if (at == size)
		return false;
	at += strlen("boundary");
	while (at < size && (value[at] == ' ' || value[at] == '\t'))
		at++;
	if (at == size || value[at++] != '=')
		return false;
	while (at < size && (value[at] == ' ' || value[at] == '\t'))
		at++;
	quoted = at < size && value[at] == '"';
	*from = at + quoted;
	for (at = *from; at < size && value[at] != '"' && (quoted ||
	    (value[at] > ' ' && value[at] != ';'));)
		at++;
	*to = quoted ? at : *from + trimmed(value + *from, at - *from);
	return *to > *from;
}

/* The value of a field of MIME, or a line of it. */
static void
conceal_type(struct ms_conceal *conceal, unsigned char *value, size_t size)
{
	size_t from = 0, to = 0;

	if (find_word(value, size, "rfc822") < size ||
	    find_word(value, size, "message/global") < size)
		conceal->nested = true;
	if (!find_boundary(value, size, &from, &to)) {
		ms_disguise_addresses(conceal->disguise, value, size,
		    mime_words);
		return;
	}
	if (conceal->boundaries->len < BOUNDARIES &&
	    to - from <= BOUNDARY_MAX)
		g_ptr_array_add(conceal->boundaries,
		    g_strndup((const char *)value + from, to - from));
	ms_disguise_addresses(conceal->disguise, value, from, mime_words);
	ms_disguise_words(conceal->disguise, value + from, to - from, NULL);
	ms_disguise_addresses(conceal->disguise, value + to, size - to,
	    mime_words);
}

/* A year is the longest number of a date. */
static bool
is_date_number(const unsigned char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!g_ascii_isdigit(text[i]))
			return false;
	return size <= 4;
}

/* Digits and the words of a date stay. */
static void
conceal_date(struct ms_conceal *conceal, unsigned char *value, size_t size)
{
	size_t at = 0;

	(void)conceal;
	while (at < size) {
		size_t n = at;

		while (n < size && (g_ascii_isalnum(value[n]) ||
		    value[n] >= 128))
			n++;
		if (n > at && !is_date_number(value + at, n - at) &&
		    !ms_disguise_known(value + at, n - at, date_words))
			ms_disguise_blank(value + at, n - at);
		at = MAX(n, at + 1);
	}
}

/* What an encoded word holds (RFC 2047) decodes to something, too. */
static void
blank_encoded(unsigned char *text, size_t size, char encoding)
{
	for (size_t i = 0; i < size; i++) {
		if (encoding == 'B' && text[i] != '=') {
			text[i] = 'A';
		} else if (encoding == 'Q' && text[i] == '=' && i + 2 < size &&
		    g_ascii_isxdigit(text[i + 1]) &&
		    g_ascii_isxdigit(text[i + 2])) {
			text[++i] = '7';
			text[++i] = '8';
		} else if (encoding == 'Q') {
			ms_disguise_blank(text + i, 1);
		}
	}
}

/* An encoded word at TEXT is blanked: its size, or 0. */
static size_t
take_encoded(unsigned char *text, size_t size)
{
	size_t at = 2, charset, payload;
	char encoding;

	if (size < 8 || text[0] != '=' || text[1] != '?')
		return 0;
	while (at < size && at < 80 && text[at] > ' ' && text[at] != '?')
		at++;
	charset = at - 2;
	if (at + 3 > size || text[at] != '?' || text[at + 2] != '?')
		return 0;
	encoding = g_ascii_toupper((char)text[at + 1]);
	payload = at += 3;
	while (at < size && text[at] > ' ' && text[at] != '?')
		at++;
	if ((encoding != 'B' && encoding != 'Q') || at + 2 > size ||
	    text[at] != '?' || text[at + 1] != '=')
		return 0;
	if (!ms_disguise_known(text + 2, charset, mime_words))
		ms_disguise_blank(text + 2, charset);
	blank_encoded(text + payload, at - payload, encoding);
	return at + 2;
}

static void
conceal_value(struct ms_conceal *conceal, unsigned char *value, size_t size)
{
	size_t at = 0, from = 0, n;

	while (at < size) {
		n = take_encoded(value + at, size - at);
		if (n == 0) {
			at++;
			continue;
		}
		ms_disguise_addresses(conceal->disguise, value + from,
		    at - from, header_words);
		from = at += n;
	}
	ms_disguise_addresses(conceal->disguise, value + from, size - from,
	    header_words);
}

static void
note_encoding(struct ms_conceal *conceal, const unsigned char *value,
    size_t size)
{
	if (find_word(value, size, "base64") < size)
		conceal->encoding = BASE64;
	else if (find_word(value, size, "quoted-printable") < size)
		conceal->encoding = QUOTED;
}

static void
conceal_field(struct ms_conceal *conceal, unsigned char *value, size_t size)
{
	switch (conceal->field) {
	case TYPE:
		conceal_type(conceal, value, size);
		break;
	case ENCODING:
		note_encoding(conceal, value, size);
		/* FALLTHROUGH */
	case STRUCTURE:
		ms_disguise_addresses(conceal->disguise, value, size,
		    mime_words);
		break;
	case DATE:
		conceal_date(conceal, value, size);
		break;
	case OTHER:
		conceal_value(conceal, value, size);
		break;
	}
}

static void
conceal_header(struct ms_conceal *conceal, unsigned char *line, size_t size)
{
	size_t name;

	if (trimmed(line, size) == 0) {
		conceal->place = BODY;
		if (conceal->nested)
			begin_part(conceal);
		return;
	}
	if (*line == ' ' || *line == '\t') {
		conceal_field(conceal, line, size);
		return;
	}
	name = field_name(line, size);
	if (name == 0) {
		/* A header that goes on without an empty line, or none. */
		conceal->field = OTHER;
		conceal_value(conceal, line, size);
		return;
	}
	conceal->field = field_kind(line, name);
	if (!ms_disguise_known(line, name, fields))
		ms_disguise_blank(line, name);
	conceal_field(conceal, line + name + 1, size - name - 1);
}

static void
conceal_body(const struct ms_conceal *conceal, unsigned char *line,
    size_t size)
{
	if (conceal->encoding == TEXT) {
		ms_disguise_blank(line, size);
		return;
	}
	for (size_t i = 0; i < size; i++) {
		unsigned char c = line[i];

		if (conceal->encoding == BASE64 && (g_ascii_isalnum(c) ||
		    c == '+' || c == '/')) {
			line[i] = 'A';
		} else if (conceal->encoding == QUOTED && c == '=' &&
		    i + 2 < size && g_ascii_isxdigit(line[i + 1]) &&
		    g_ascii_isxdigit(line[i + 2])) {
			line[++i] = '7';
			line[++i] = '8';
		} else if (c < 128) {
			ms_disguise_blank(line + i, 1);
		} else {
			size_t n = i;

			while (n < size && line[n] >= 128)
				n++;
			ms_disguise_blank(line + i, n - i);
			i = n - 1;
		}
	}
}

/* Is LINE a boundary that was stated? Then *LAST says whether it is the one
 * that closes. */
static bool
is_boundary(const struct ms_conceal *conceal, const unsigned char *line,
    size_t size, bool *last)
{
	size_t end = trimmed(line, size);

	if (end < 3 || line[0] != '-' || line[1] != '-')
		return false;
	for (guint i = 0; i < conceal->boundaries->len; i++) {
		const char *boundary = g_ptr_array_index(conceal->boundaries,
		    i);
		size_t n = strlen(boundary);

		if (end < n + 2 || memcmp(line + 2, boundary, n) != 0)
			continue;
		*last = end == n + 4 && line[n + 2] == '-' &&
		    line[n + 3] == '-';
		if (end == n + 2 || *last)
			return true;
	}
	return false;
}

void
ms_conceal_line(struct ms_conceal *conceal, unsigned char *line, size_t size,
    bool continued)
{
	bool last = false;

	if (!continued && is_boundary(conceal, line, size, &last)) {
		ms_disguise_words(conceal->disguise, line, size, NULL);
		begin_part(conceal);
		if (last)
			conceal->place = BODY;
		return;
	}
	if (conceal->place == BODY)
		conceal_body(conceal, line, size);
	else if (continued)
		conceal_field(conceal, line, size);
	else
		conceal_header(conceal, line, size);
}
