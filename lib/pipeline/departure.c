#include "pipeline/departure.h"

#include "action/label.h"
#include "base/at.h"

#include <string.h>

#define PIECE ((size_t)64 << 10)

/* Does the first line of FD end with CR LF? BLOCK has PIECE bytes. */
static bool
has_cr(int fd, char *block)
{
	uint64_t at = 0;
	char last = '\0';
	size_t got;

	while (ms_at_read(fd, at, block, PIECE, &got) == MS_OK && got > 0) {
		const char *lf = memchr(block, '\n', got);

		if (lf)
			return (lf > block ? lf[-1] : last) == '\r';
		last = block[got - 1];
		at += got;
	}
	return false;
}

/* Append TEXT, whose line ends may have a CR or not, and one more line end. */
static void
append_lines(GString *out, const char *text, const char *line_end)
{
	for (;;) {
		const size_t n = strcspn(text, "\r\n");

		g_string_append_len(out, text, (gssize)n);
		text += n;
		if (*text == '\r' && text[1] == '\n')
			text++;
		if (*text != '\0')
			text++;
		g_string_append(out, line_end);
		if (*text == '\0')
			return;
	}
}

static char *
compose(const struct ms_departure *d, const char *line_end)
{
	const struct ms_errand_ruling *ruling = &d->reply->ruling;
	GString *out = g_string_new(NULL);

	if (d->trace)
		append_lines(out, d->trace, line_end);
	for (char *const *field = ruling->fields; *field; field++)
		append_lines(out, *field, line_end);
	return g_string_free(out, FALSE);
}

/* Pass FD (SIZE bytes) on; BLOCK has PIECE bytes. */
static enum ms_status
pass(const struct ms_departure *d, int fd, uint64_t size, char *block,
    struct ms_spool *out, struct ms_error *err)
{
	enum ms_status status = MS_OK;
	struct ms_label *label;
	struct ms_label_config config = {
		.remove = (const char *const *)d->reply->ruling.names,
		.subject = d->reply->ruling.subject };
	GString *text = g_string_sized_new(PIECE + 1024);
	char *fields;
	uint64_t at = 0;

	config.line_end = has_cr(fd, block) ? "\r\n" : "\n";
	config.fields = fields = compose(d, config.line_end);
	label = ms_label_new(&config);
	while (status == MS_OK) {
		size_t got = 0;

		status = ms_at_read(fd, at, block,
		    (size_t)MIN(size - at, PIECE), &got);
		if (status == MS_OK && got == 0 && at < size)
			status = MS_E_IO;
		if (status != MS_OK) {
			(void)ms_error_errno(err, "cannot read the message");
			break;
		}
		ms_label_feed(label, block, got, text);
		at += got;
		if (at == size)
			ms_label_end(label, text);
		status = ms_spool_write(out, text->str, text->len, err);
		g_string_truncate(text, 0);
		if (at == size)
			break;
	}
	ms_label_free(label);
	g_free(fields);
	(void)g_string_free(text, TRUE);
	return status;
}

enum ms_status
ms_departure(const struct ms_departure *departure, struct ms_spool *out,
    struct ms_error *err)
{
	const struct ms_counter_reply *reply = departure->reply;
	const bool other = reply->rewritten >= 0;
	char *block = g_malloc(PIECE);
	const enum ms_status status = pass(departure, other ?
	    reply->rewritten : departure->fd, other ? reply->ruling.size :
	    departure->size, block, out, err);

	g_free(block);
	return status;
}
