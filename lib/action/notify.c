#include "action/notify.h"

#include "action/provenance.h"
#include "message/date.h"

#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

/* RFC 5321, 4.5.3.1: nobody has longer ones. */
#define ADDRESS_MAX 254

/* RFC 5322, 2.1.1: a line is better no longer. */
#define LINE_BEST 78

/* RFC 2045, 6.7: a line of quoted-printable is no longer; nor is one with an
 * encoded word in it (RFC 2047, 2). */
#define QP_MAX 76

/* What encoded words stand between; the charset is the same everywhere. */
#define WORD_BEGIN "=?UTF-8?Q?"
#define WORD_END "?="

static bool
is_atom(const char *text, size_t size)
{
	static const char others[] = "!#$%&'*+-/=?^_`{|}~.";

	if (size == 0 || text[0] == '.' || text[size - 1] == '.' ||
	    text[0] == '-')
		return false;
	for (size_t i = 0; i < size; i++)
		if (text[i] == '\0' || (!g_ascii_isalnum(text[i]) &&
		    !strchr(others, text[i])) ||
		    (text[i] == '.' && text[i + 1] == '.'))
			return false;
	return true;
}

/* [192.0.2.1], [IPv6:2001:db8::1] */
static bool
is_literal(const char *text)
{
	size_t size = strlen(text);

	return size > 2 && text[0] == '[' && text[size - 1] == ']' &&
	    strspn(text + 1, "0123456789abcdefABCDEFIPv.:") == size - 2;
}

bool
ms_notify_is_address(const char *text)
{
	const char *at = strrchr(text, '@');
	size_t local = at ? (size_t)(at - text) : strlen(text);

	if (strlen(text) > ADDRESS_MAX || !is_atom(text, local))
		return false;
	return !at || is_literal(at + 1) || is_atom(at + 1, strlen(at + 1));
}

static bool
is_plain(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

/* Bytes of the character at TEXT, which is UTF-8; 1 if it is not. */
static size_t
character(const char *text)
{
	gunichar c = g_utf8_get_char_validated(text, -1);

	if (c == (gunichar)-1 || c == (gunichar)-2)
		return 1;
	return (size_t)(g_utf8_next_char(text) - text);
}

/* A character for an encoded word. */
static void
encode_character(const char *text, size_t size, GString *out)
{
	g_string_truncate(out, 0);
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == ' ')
			g_string_append_c(out, '_');
		else if (g_ascii_isalnum(c))
			g_string_append_c(out, (char)c);
		else
			g_string_append_printf(out, "=%02X", c);
	}
}

/* As many encoded words as it takes, none of which ends inside a character
 * (RFC 2047, 5); the first begins at COLUMN. */
static void
append_encoded(GString *out, const char *text, size_t column)
{
	GString *one = g_string_new(NULL);
	size_t used = column + strlen(WORD_BEGIN), size;

	g_string_append(out, WORD_BEGIN);
	for (; *text != '\0'; text += size) {
		size = character(text);
		encode_character(text, size, one);
		if (used + one->len + strlen(WORD_END) > QP_MAX) {
			g_string_append(out, WORD_END "\n " WORD_BEGIN);
			used = 1 + strlen(WORD_BEGIN);
		}
		g_string_append_len(out, one->str, (gssize)one->len);
		used += one->len;
	}
	g_string_append(out, WORD_END);
	g_string_free(one, TRUE);
}

/* Words of what needs no encoding, folded where lines get long. COLUMN is
 * where the first begins. */
static void
append_folded(GString *out, const char *text, size_t column)
{
	char **words = g_strsplit(text, " ", -1);

	for (char **word = words; *word; word++) {
		size_t size = strlen(*word);

		/* A line of nothing but white space is no header. */
		if (word != words && size > 0 &&
		    column + 1 + size > LINE_BEST) {
			g_string_append_c(out, '\n');
			column = 0;
		}
		if (word != words)
			g_string_append_c(out, ' ');
		g_string_append(out, *word);
		column += size + 1;
	}
	g_strfreev(words);
}

/* What is plain and short enough goes as it is; "=?" would be taken for an
 * encoded word. */
void
ms_notify_subject(const char *subject, GString *out)
{
	static const char name[] = "Subject: ";

	g_string_append(out, name);
	if (is_plain(subject) && !strstr(subject, "=?") &&
	    strlen(subject) < 900)
		append_folded(out, subject, strlen(name));
	else
		append_encoded(out, subject, strlen(name));
	g_string_append_c(out, '\n');
}

static void
append_addresses(GString *out, const char *name, const char *const *list)
{
	size_t column = strlen(name) + 2;

	g_string_append_printf(out, "%s: ", name);
	for (const char *const *a = list; *a; a++) {
		size_t size = strlen(*a) + 2;

		if (a != list)
			g_string_append_c(out, ',');
		if (a != list && column + size > LINE_BEST) {
			g_string_append_c(out, '\n');
			column = 0;
		}
		if (a != list)
			g_string_append_c(out, ' ');
		g_string_append(out, *a);
		column += size;
	}
	g_string_append_c(out, '\n');
}

static void
append_id(GString *out, const struct ms_notify *notify,
    const uint64_t random[2])
{
	const char *host = notify->host;

	if (!is_atom(host, strlen(host)))
		host = "localhost";
	g_string_append(out, "Message-ID: ");
	ms_provenance_id(notify->key, notify->time, random, out);
	g_string_append_printf(out, "@%s>\n", host);
}

/* Can lines go as they are? */
static bool
is_7bit(const char *text)
{
	size_t column = 0;

	for (; *text != '\0'; text++) {
		column = *text == '\n' ? 0 : column + 1;
		if (column > LINE_BEST || (*text != '\n' && *text != '\t' &&
		    (*text < ' ' || *text > '~')))
			return false;
	}
	return true;
}

/* Quoted-printable (RFC 2045, 6.7): what is plain stays as it is, but at the
 * end of a line no white space. */
static void
append_qp(GString *out, const char *text)
{
	size_t column = 0;

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		bool last = text[1] == '\n' || text[1] == '\0';
		bool plain = c >= ' ' && c <= '~' && c != '=' &&
		    !(c == ' ' && last);
		size_t size = plain ? 1 : 3;

		if (c == '\n') {
			g_string_append_c(out, '\n');
			column = 0;
			continue;
		}
		if (column + size > QP_MAX - 1) {
			g_string_append(out, "=\n");
			column = 0;
		}
		if (plain)
			g_string_append_c(out, (char)c);
		else
			g_string_append_printf(out, "=%02X", c);
		column += size;
	}
}

/* The header of a part, and it. */
static void
append_text(GString *out, const char *text)
{
	bool plain = is_7bit(text);

	g_string_append_printf(out,
	    "Content-Type: text/plain; charset=utf-8\n"
	    "Content-Transfer-Encoding: %s\n\n",
	    plain ? "7bit" : "quoted-printable");
	if (plain)
		g_string_append(out, text);
	else
		append_qp(out, text);
	if (*text != '\0' && text[strlen(text) - 1] != '\n')
		g_string_append_c(out, '\n');
}

/* SIZE bytes at TEXT, lines of which end with LF whatever they ended with. */
static void
append_lines(GString *out, const char *text, size_t size)
{
	const char *end = text + size;

	while (text < end) {
		const char *line = memchr(text, '\n', (size_t)(end - text));
		const char *stop = line ? line : end;

		if (line && stop > text && stop[-1] == '\r')
			stop--;
		g_string_append_len(out, text, stop - text);
		g_string_append_c(out, '\n');
		text = line ? line + 1 : end;
	}
}

static void
append_attached(GString *out, const struct ms_notify *notify,
    const uint64_t random[2])
{
	char *boundary = g_strdup_printf("mailscan.%016" PRIx64 "%016" PRIx64,
	    random[1], random[0]);
	bool eight = false;

	for (size_t i = 0; i < notify->attached_size; i++)
		eight |= (unsigned char)notify->attached[i] > 0x7f;
	g_string_append_printf(out, "Content-Type: multipart/%s;\n"
	    " boundary=\"%s\"\nContent-Transfer-Encoding: %s\n\n--%s\n",
	    notify->status ? "report; report-type=delivery-status" : "mixed",
	    boundary, eight ? "8bit" : "7bit", boundary);
	append_text(out, notify->text);
	if (notify->status)
		g_string_append_printf(out, "\n--%s\n"
		    "Content-Type: message/delivery-status\n\n%s", boundary,
		    notify->status);
	g_string_append_printf(out, "\n--%s\nContent-Type: %s\n"
	    "Content-Transfer-Encoding: %s\nContent-Disposition: attachment\n"
	    "\n", boundary, notify->status ? "text/rfc822-headers" :
	    "message/rfc822", eight ? "8bit" : "7bit");
	append_lines(out, notify->attached, notify->attached_size);
	g_string_append_printf(out, "\n--%s--\n", boundary);
	g_free(boundary);
}

enum ms_status
ms_notify_build(const struct ms_notify *notify, GString *out,
    struct ms_error *err)
{
	const char *const from[] = { notify->from, NULL };
	uint64_t random[4];

	if (getrandom(random, sizeof random, 0) != sizeof random)
		return ms_error_errno(err, "random numbers");
	for (const char *const *a = notify->to; *a; a++)
		if (!ms_notify_is_address(*a))
			return ms_error_set(err, MS_E_USAGE, "%s is no mail "
			    "address", *a);
	if (!ms_notify_is_address(notify->from))
		return ms_error_set(err, MS_E_USAGE, "%s is no mail address",
		    notify->from);
	append_addresses(out, "From", from);
	if (notify->hidden)
		g_string_append(out, "To: undisclosed-recipients:;\n");
	else
		append_addresses(out, "To", notify->to);
	ms_notify_subject(notify->subject, out);
	g_string_append(out, "Date: ");
	ms_date_append(out, notify->time);
	g_string_append_c(out, '\n');
	if (notify->references)
		g_string_append(out, notify->references);
	append_id(out, notify, random);
	g_string_append_printf(out, "Auto-Submitted: auto-%s\n",
	    notify->status ? "replied" : "generated");
	if (notify->fields)
		g_string_append(out, notify->fields);
	g_string_append(out, "MIME-Version: 1.0\n");
	if (notify->attached)
		append_attached(out, notify, random + 2);
	else
		append_text(out, notify->text);
	return MS_OK;
}

/* Take back what is there of the last line, which is not a whole one. */
static void
cut_line(GString *text)
{
	const char *last = g_strrstr_len(text->str, (gssize)text->len, "\n");

	g_string_truncate(text, last ? (gsize)(last - text->str) + 1 : 0);
}

void
ms_notify_text_add(struct ms_notify_text *text, const char *data, size_t size)
{
	const char *end = data + size;

	while (data < end) {
		const char *line = memchr(data, '\n', (size_t)(end - data));
		size_t n = (size_t)((line ? line + 1 : end) - data);

		if (!text->full && text->text->len + n > text->max) {
			cut_line(text->text);
			text->full = true;
		}
		if (!text->full)
			g_string_append_len(text->text, data, (gssize)n);
		else
			text->omitted += line != NULL;
		data += n;
	}
}
