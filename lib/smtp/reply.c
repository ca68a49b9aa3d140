#include "smtp/reply.h"

#include <string.h>

void
ms_reply_init(struct ms_reply *reply)
{
	*reply = (struct ms_reply){
		.text = g_string_new(NULL),
		.line = g_string_new(NULL),
	};
}

void
ms_reply_clear(struct ms_reply *reply)
{
	if (reply->text)
		g_string_free(reply->text, TRUE);
	if (reply->line)
		g_string_free(reply->line, TRUE);
	*reply = (struct ms_reply){ 0 };
}

/* The code that the SIZE bytes at LINE begin with; 0: none. */
static int
code_of(const char *line, size_t size)
{
	if (size < 3 || line[0] < '2' || line[0] > '5' || line[1] < '0' ||
	    line[1] > '5' || line[2] < '0' || line[2] > '9')
		return 0;
	return (line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0';
}

/* No control character but the tab: bytes over 127 are UTF-8 (RFC 6531). */
static bool
is_text(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		const unsigned char c = (unsigned char)text[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* A line is whole, without its end. MS_END: not the last one. */
static enum ms_status
take_line(struct ms_reply *reply, struct ms_error *err)
{
	const char *line = reply->line->str;
	const size_t size = reply->line->len;
	const int code = code_of(line, size);

	if (code == 0 || (size > 3 && line[3] != ' ' && line[3] != '-') ||
	    !is_text(line, size))
		return ms_error_set(err, MS_E_PEER,
		    "the server's answer is no reply of SMTP");
	if (reply->lines > 0 && code != reply->code)
		return ms_error_set(err, MS_E_PEER,
		    "the lines of the server's reply have different codes");
	if (reply->lines++ > 0)
		g_string_append_c(reply->text, '\n');
	reply->code = code;
	if (size > 4)
		g_string_append_len(reply->text, line + 4,
		    (gssize)(size - 4));
	reply->over = size == 3 || line[3] == ' ';
	return reply->over ? MS_OK : MS_END;
}

static void
begin(struct ms_reply *reply)
{
	g_string_truncate(reply->text, 0);
	g_string_truncate(reply->line, 0);
	reply->code = 0;
	reply->lines = 0;
	reply->bytes = 0;
	reply->over = false;
}

enum ms_status
ms_reply_feed(struct ms_reply *reply, const void *data, size_t size,
    size_t *used, struct ms_error *err)
{
	const char *p = data, *end = p + size;
	enum ms_status status = MS_END;

	if (reply->over && size > 0)
		begin(reply);
	while (p < end && status == MS_END) {
		const char *feed = memchr(p, '\n', (size_t)(end - p));
		const size_t more = (size_t)((feed ? feed + 1 : end) - p);

		reply->bytes += more;
		if (reply->line->len + more > MS_REPLY_LINE_MAX ||
		    reply->bytes > MS_REPLY_BYTES_MAX) {
			*used = (size_t)(p - (const char *)data);
			return ms_error_set(err, MS_E_PEER,
			    "the server's reply has no end");
		}
		g_string_append_len(reply->line, p, (gssize)more);
		p += more;
		if (!feed)
			break;
		g_string_truncate(reply->line, reply->line->len - 1);
		if (g_str_has_suffix(reply->line->str, "\r"))
			g_string_truncate(reply->line, reply->line->len - 1);
		status = take_line(reply, err);
		g_string_truncate(reply->line, 0);
	}
	*used = (size_t)(p - (const char *)data);
	return status;
}

/* One number of at most three digits at **P, and what stands behind it. */
static bool
number(const char **p, char behind, unsigned *value)
{
	unsigned n = 0;
	int digits = 0;

	while (digits < 3 && g_ascii_isdigit(**p)) {
		n = n * 10 + (unsigned)(*(*p)++ - '0');
		digits++;
	}
	*value = n;
	return digits > 0 && *(*p)++ == behind;
}

bool
ms_reply_enhanced(const struct ms_reply *reply, unsigned status[3])
{
	const char *p = reply->text->str;
	unsigned found[3];

	if (!number(&p, '.', &found[0]) || !number(&p, '.', &found[1]))
		return false;
	/* The last one has a blank behind it, or is the end of a line. */
	if (!number(&p, ' ', &found[2]) && !(g_ascii_isdigit(p[-2]) &&
	    (p[-1] == '\0' || p[-1] == '\n')))
		return false;
	if (found[0] != (unsigned)reply->code / 100)
		return false;
	memcpy(status, found, sizeof found);
	return true;
}

bool
ms_reply_extension(const struct ms_reply *reply, const char *keyword,
    char **value)
{
	const size_t size = strlen(keyword);
	char **lines = g_strsplit(reply->text->str, "\n", -1);
	bool found = false;

	/* The first line is the server's name. */
	for (char **l = *lines ? lines + 1 : lines; *l && !found; l++) {
		found = g_ascii_strncasecmp(*l, keyword, size) == 0 &&
		    strchr(" =\t", (*l)[size]);
		if (found && value)
			*value = g_strdup((*l)[size] != '\0' ?
			    *l + size + 1 : "");
	}
	g_strfreev(lines);
	return found;
}
