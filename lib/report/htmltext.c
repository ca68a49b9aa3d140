#include "report/htmltext.h"

#include <inttypes.h>
#include <string.h>

#include "base/quote.h"
#include "report/line.h"

/* A path that is all slashes must not become that many elements. */
#define BREAKS_MAX 32

/* What is quoted has no control characters any more; these five are what is
 * left that HTML reads as something else than text. */
static void
escape(GString *out, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		switch (text[i]) {
		case '&':
			g_string_append(out, "&amp;");
			break;
		case '<':
			g_string_append(out, "&lt;");
			break;
		case '>':
			g_string_append(out, "&gt;");
			break;
		case '"':
			g_string_append(out, "&quot;");
			break;
		case '\'':
			g_string_append(out, "&#39;");
			break;
		default:
			g_string_append_c(out, text[i]);
		}
	}
}

void
ms_htmltext_append(GString *out, const char *text, size_t max)
{
	GString *quoted = g_string_new(NULL);

	ms_line_quoted_max(quoted, text, max);
	escape(out, quoted->str, quoted->len);
	g_string_free(quoted, TRUE);
}

void
ms_htmltext_breakable(GString *out, const char *text, char after, size_t max)
{
	GString *quoted = g_string_new(NULL);
	const char *at, *stop;

	ms_line_quoted_max(quoted, text, max);
	at = quoted->str;
	for (int i = 0; i < BREAKS_MAX && (stop = strchr(at, after)); i++) {
		escape(out, at, (size_t)(stop - at) + 1);
		g_string_append(out, "<wbr>");
		at = stop + 1;
	}
	escape(out, at, strlen(at));
	g_string_free(quoted, TRUE);
}

void
ms_htmltext_tail(GString *out, const char *text, size_t max)
{
	char *quoted = ms_quote_string(text);
	const char *from = quoted;
	size_t length = quoted ? (size_t)g_utf8_strlen(quoted, -1) : 0;

	if (length > max) {
		from = g_utf8_offset_to_pointer(quoted,
		    (glong)(length - max));
		g_string_append(out, "...");
	}
	if (from)
		escape(out, from, strlen(from));
	g_free(quoted);
}

void
ms_htmltext_number(GString *out, uint64_t number)
{
	char digits[24];
	int length = g_snprintf(digits, sizeof digits, "%" PRIu64, number);

	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			g_string_append_c(out, ',');
		g_string_append_c(out, digits[i]);
	}
}

void
ms_htmltext_counted(GString *out, uint64_t number, const char *one,
    const char *many)
{
	ms_htmltext_number(out, number);
	g_string_append_printf(out, " %s", number == 1 ? one : many);
}

void
ms_htmltext_percent(GString *out, uint64_t part, uint64_t whole)
{
	unsigned hundredths = 0;

	/* In two steps where the product would not fit. */
	if (whole > UINT64_MAX / 10000)
		hundredths = (unsigned)(part / (whole / 10000));
	else if (whole > 0)
		hundredths = (unsigned)(part * 10000 / whole);
	g_string_append_printf(out, "%u.%02u%%", hundredths / 100,
	    hundredths % 100);
}

void
ms_htmltext_size(GString *out, uint64_t bytes)
{
	uint64_t gigabyte = 1u << 30;

	if (bytes < 1024)
		ms_htmltext_counted(out, bytes, "byte", "bytes");
	else if (bytes < 1u << 20)
		g_string_append_printf(out, "%" PRIu64 " KB", bytes / 1024);
	else if (bytes < gigabyte)
		ms_line_megabytes(out, bytes);
	else
		g_string_append_printf(out, "%" PRIu64 ".%02" PRIu64 " GB",
		    bytes / gigabyte, bytes % gigabyte * 100 / gigabyte);
}

void
ms_htmltext_duration(GString *out, int64_t milliseconds)
{
	int64_t seconds = milliseconds / 1000;

	if (milliseconds < 1000)
		g_string_append_printf(out, "%" PRId64 " ms", milliseconds);
	else if (seconds < 60)
		g_string_append_printf(out, "%" PRId64 ".%d s", seconds,
		    (int)(milliseconds % 1000 / 100));
	else if (seconds < 3600)
		g_string_append_printf(out, "%" PRId64 " min %d s",
		    seconds / 60, (int)(seconds % 60));
	else
		g_string_append_printf(out, "%" PRId64 " h %d min",
		    seconds / 3600, (int)(seconds % 3600 / 60));
}
