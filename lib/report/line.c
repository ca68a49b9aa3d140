#include "report/line.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/quote.h"

/* Message-IDs are for finding a message again; hostile ones have no end. */
#define MESSAGE_ID_MAX 200

void
ms_line_quoted(GString *out, const char *text)
{
	if (text)
		ms_quote_append(out, text, strlen(text));
}

/* The bytes of the first character of quoted text, an escape being one
 * thing; in *WIDTH, how many characters that is. */
static size_t
unit(const char *text, size_t *width)
{
	if (text[0] != '\\') {
		*width = 1;
		return (size_t)(g_utf8_next_char(text) - text);
	}
	*width = text[1] == 'x' ? 4 : 2;
	return *width;
}

void
ms_line_quoted_max(GString *out, const char *text, size_t max)
{
	char *quoted = ms_quote_string(text);
	size_t length, used = 0, step, width;

	if (!quoted)
		return;
	length = strlen(quoted);
	for (size_t at = 0; at < length; at += step) {
		step = unit(quoted + at, &width);
		used += width;
		if (used > max) {
			g_string_append(out, "...");
			break;
		}
		g_string_append_len(out, quoted + at, (gssize)step);
	}
	g_free(quoted);
}

void
ms_line_megabytes(GString *out, uint64_t bytes)
{
	uint64_t rest = bytes % (1u << 20);

	g_string_append_printf(out, "%" PRIu64 ".%02" PRIu64 " MB",
	    bytes / (1u << 20), rest * 100 / (1u << 20));
}

void
ms_line_number(GString *out, const struct ms_origin *origin)
{
	if (origin->stream > 0)
		g_string_append_printf(out, "stream %" PRIu64 " ",
		    origin->stream);
	g_string_append_printf(out, "#%" PRIu64, origin->index);
}

GString *
ms_line_label(const struct ms_outcome *outcome)
{
	const struct ms_origin *origin = &outcome->origin;
	const char *id = outcome->facts.headers.message_id;
	const char *queue_id = outcome->envelope ?
	    outcome->envelope->queue_id : NULL;
	GString *label = g_string_sized_new(128);

	ms_line_quoted(label, origin->source);
	if (!origin->many && !queue_id)
		return label;
	g_string_append_c(label, '[');
	if (origin->many)
		ms_line_number(label, origin);
	else
		ms_line_quoted_max(label, queue_id, MESSAGE_ID_MAX);
	if (origin->index == 0) {
		g_string_append(label, " before the first message");
	} else if (id && *id) {
		g_string_append_c(label, ' ');
		ms_line_quoted_max(label, id, MESSAGE_ID_MAX);
	}
	g_string_append_c(label, ']');
	return label;
}

/* What went wrong with STREAM: just now if FAILED, else at some earlier
 * time, when nobody looked. */
static enum ms_status
check(FILE *stream, bool failed, struct ms_error *err)
{
	if (failed)
		return ms_error_errno(err, "cannot write the report");
	if (ferror(stream))
		return ms_error_set(err, MS_E_IO,
		    "cannot write the report: an earlier write failed");
	return MS_OK;
}

enum ms_status
ms_line_write(FILE *stream, GString *out, struct ms_error *err)
{
	bool whole = fwrite(out->str, 1, out->len, stream) == out->len;

	g_string_truncate(out, 0);
	return check(stream, !whole, err);
}

enum ms_status
ms_line_flush(FILE *stream, struct ms_error *err)
{
	return check(stream, fflush(stream) != 0, err);
}
