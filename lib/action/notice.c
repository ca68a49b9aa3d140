#include "action/notice.h"

#include <glib.h>
#include <string.h>

/* Bytes of a line of ours; RFC 5322 allows 998. */
#define LINE_MAX_OURS 900

/* A line of blanks has so many. */
#define BLANKS 76

/* Header lines of the old message that are kept at most, and bytes of each. */
#define KEPT_MAX 16
#define KEPT_SIZE 400

struct ms_notice {
	GString *text;		/* what comes before lines of blanks */
	uint64_t size;
	const char *eol;
	size_t eol_size;
	bool empty_end;
};

/* Printable ASCII, and nothing that looks as if a message began. */
static void
append_clean(GString *out, const char *line, size_t size)
{
	if (size >= 5 && memcmp(line, "From ", 5) == 0)
		g_string_append_c(out, '>');
	for (size_t i = 0; i < size && i < LINE_MAX_OURS; i++)
		g_string_append_c(out, g_ascii_isprint(line[i]) ? line[i] :
		    '?');
}

/* Append PREFIX and LINE if SPARE bytes are free behind them. */
static bool
add_line(struct ms_notice *n, const char *prefix, const char *line,
    uint64_t spare)
{
	gsize before = n->text->len;

	g_string_append(n->text, prefix);
	append_clean(n->text, line, strlen(line));
	g_string_append(n->text, n->eol);
	if (n->text->len + spare <= n->size)
		return true;
	g_string_truncate(n->text, before);
	return false;
}

/* What Dovecot, UW-IMAP, mutt and others put into the header of a message in
 * an mbox: state of the message, and in the first one that of the mailbox. */
static bool
is_kept(const char *line, size_t size)
{
	static const char *const names[] = {
		"Status:", "X-Status:", "X-Keywords:", "X-UID:", "X-IMAP:",
		"X-IMAPbase:",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		size_t n = strlen(names[i]);

		if (size > n && size <= KEPT_SIZE &&
		    g_ascii_strncasecmp(line, names[i], n) == 0)
			return true;
	}
	return false;
}

static void
add_kept(struct ms_notice *n, const struct ms_notice_config *config,
    uint64_t spare)
{
	const char *p = (const char *)config->old;
	const char *end = p + config->old_size, *nl;
	unsigned kept = 0;

	for (; p < end && kept < KEPT_MAX; p = nl + 1) {
		size_t size;
		char *line;

		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl)
			break;
		size = (size_t)(nl - p);
		if (size > 0 && p[size - 1] == '\r')
			size--;
		if (size == 0)
			break;
		if (!is_kept(p, size) || memchr(p, '\0', size))
			continue;
		line = g_strndup(p, size);
		kept += add_line(n, "", line, spare);
		g_free(line);
	}
}

/* Header and text, as far as there is room. */
static void
add_text(struct ms_notice *n, const struct ms_notice_config *config)
{
	const uint64_t end = n->empty_end ? n->eol_size : 0;
	const uint64_t spare = end + n->eol_size;
	const char *const *line = config->lines;
	bool all;

	all = add_line(n, "Subject: ", config->subject, spare);
	for (; *line && **line; line++)
		all = all && add_line(n, "", *line, spare);
	add_kept(n, config, spare);
	if (!add_line(n, "", "", end))
		return;
	for (line += *line != NULL; all && *line; line++)
		all = add_line(n, "", *line, end);
}

/* Lines of blanks so long that what is left then is lines of the usual
 * length, and perhaps the empty one at the end. */
static void
even_out(struct ms_notice *n)
{
	const size_t whole = BLANKS + n->eol_size;
	uint64_t left = n->size - n->text->len -
	    (n->empty_end ? n->eol_size : 0);
	size_t odd = (size_t)(left % whole);
	size_t cut[2] = { odd, 0 };

	if (odd > 0 && odd < n->eol_size && left < whole) {
		/* One byte, and line ends have two. */
		gsize at = strcspn(n->text->str, "\r");

		g_string_insert_c(n->text, (gssize)at, n->text->len > 0 ?
		    ' ' : '\n');
		return;
	}
	if (odd > 0 && odd < n->eol_size) {
		cut[0] = whole - 1;
		cut[1] = odd + 1;
	}
	for (unsigned i = 0; i < 2; i++) {
		if (cut[i] == 0)
			continue;
		for (size_t k = 0; k < cut[i] - n->eol_size; k++)
			g_string_append_c(n->text, ' ');
		g_string_append(n->text, n->eol);
	}
}

struct ms_notice *
ms_notice_new(const struct ms_notice_config *config)
{
	struct ms_notice *n = g_new0(struct ms_notice, 1);

	n->text = g_string_new(NULL);
	n->size = config->size;
	n->eol = config->crlf ? "\r\n" : "\n";
	n->eol_size = strlen(n->eol);
	if (n->size < n->eol_size) {
		if (n->size > 0)
			g_string_append_c(n->text, '\n');
		return n;
	}
	n->empty_end = config->empty_end;
	add_text(n, config);
	even_out(n);
	return n;
}

void
ms_notice_free(struct ms_notice *n)
{
	if (!n)
		return;
	g_string_free(n->text, TRUE);
	g_free(n);
}

static unsigned char
byte_at(const struct ms_notice *n, uint64_t at)
{
	const uint64_t end = n->size - (n->empty_end ? n->eol_size : 0);
	size_t column;

	if (at < n->text->len)
		return (unsigned char)n->text->str[at];
	if (at >= end)
		return (unsigned char)n->eol[at - end];
	column = (size_t)((at - n->text->len) % (BLANKS + n->eol_size));
	return column < BLANKS ? ' ' : (unsigned char)n->eol[column - BLANKS];
}

void
ms_notice_read(const struct ms_notice *n, uint64_t offset,
    unsigned char *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		data[i] = byte_at(n, offset + i);
}
