#include "message/doubt.h"

#include <glib.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* More of the culprit is not shown. */
#define CULPRIT_MAX 60

static const char *const names[] = {
	[MS_DOUBT_DUPLICATE_TYPE] = "duplicate-content-type",
	[MS_DOUBT_DUPLICATE_ENCODING] =
	    "duplicate-content-transfer-encoding",
	[MS_DOUBT_DUPLICATE_DISPOSITION] = "duplicate-content-disposition",
	[MS_DOUBT_DUPLICATE_VERSION] = "duplicate-mime-version",
	[MS_DOUBT_OBSCURED_FIELD] = "obscured-field-name",
	[MS_DOUBT_SPACE_BEFORE_COLON] = "space-before-colon",
	[MS_DOUBT_ODD_CASE] = "odd-case",
	[MS_DOUBT_NUL_IN_HEADER] = "nul-in-header",
	[MS_DOUBT_CONTROL_IN_HEADER] = "control-in-header",
	[MS_DOUBT_BARE_CR] = "bare-cr",
	[MS_DOUBT_MIXED_LINE_ENDS] = "mixed-line-ends",
	[MS_DOUBT_ODD_FOLDING] = "odd-folding",
	[MS_DOUBT_ODD_SEPARATOR] = "odd-separator",
	[MS_DOUBT_BLANK_LINE_IN_HEADER] = "blank-line-in-header",
	[MS_DOUBT_NO_FIELD] = "no-field-in-header",
	[MS_DOUBT_TEXT_BEFORE_HEADER] = "text-before-header",
	[MS_DOUBT_NO_SEPARATOR] = "no-empty-line-after-header",
	[MS_DOUBT_COMMENT] = "comment-in-structure",
	[MS_DOUBT_ENCODED_WORD] = "encoded-word-in-structure",
	[MS_DOUBT_ENCODED_PARAMETER] = "encoded-parameter-in-structure",
	[MS_DOUBT_ODD_TYPE] = "odd-content-type",
	[MS_DOUBT_ODD_PARAMETER] = "odd-parameter",
	[MS_DOUBT_DUPLICATE_PARAMETER] = "duplicate-parameter",
	[MS_DOUBT_CONFLICTING_NAMES] = "conflicting-names",
	[MS_DOUBT_ODD_NAME] = "odd-file-name",
	[MS_DOUBT_UNKNOWN_ENCODING] = "unknown-transfer-encoding",
	[MS_DOUBT_ENCODED_MULTIPART] = "encoded-multipart",
	[MS_DOUBT_ENCODED_MESSAGE] = "encoded-message",
	[MS_DOUBT_ODD_VERSION] = "odd-mime-version",
	[MS_DOUBT_DUPLICATE_BOUNDARY] = "duplicate-boundary",
	[MS_DOUBT_NO_BOUNDARY] = "no-boundary",
	[MS_DOUBT_ODD_BOUNDARY] = "odd-boundary",
	[MS_DOUBT_MISPLACED_BOUNDARY] = "misplaced-boundary",
	[MS_DOUBT_BOUNDARY_REUSED] = "boundary-reused",
	[MS_DOUBT_BOUNDARY_PREFIX] = "boundary-prefix",
	[MS_DOUBT_BOUNDARY_NEVER_SEEN] = "boundary-never-seen",
	[MS_DOUBT_BOUNDARY_NEVER_CLOSED] = "boundary-never-closed",
	[MS_DOUBT_ODD_DELIMITER] = "odd-delimiter",
	[MS_DOUBT_UNDECLARED_BOUNDARY] = "undeclared-boundary",
	[MS_DOUBT_PART_AFTER_CLOSE] = "part-after-close",
	[MS_DOUBT_PART_IN_PREAMBLE] = "part-in-preamble",
	[MS_DOUBT_PART_IN_EPILOGUE] = "part-in-epilogue",
	[MS_DOUBT_BASE64_JUNK] = "junk-in-base64",
	[MS_DOUBT_BASE64_AFTER_END] = "base64-after-its-end",
	[MS_DOUBT_BASE64_INTERRUPTED] = "interrupted-base64",
	[MS_DOUBT_BASE64_UNEVEN] = "uneven-base64",
	[MS_DOUBT_BASE64_UNDECLARED] = "undeclared-base64",
	[MS_DOUBT_QP_ILLEGAL] = "illegal-quoted-printable",
	[MS_DOUBT_QP_UNDECLARED] = "undeclared-quoted-printable",
};
G_STATIC_ASSERT(G_N_ELEMENTS(names) == MS_DOUBT_COUNT);
G_STATIC_ASSERT(MS_DOUBT_COUNT <= 64);

const char *
ms_doubt_name(enum ms_doubt doubt)
{
	return names[doubt];
}

static bool
is_line_end(char c)
{
	return c == '\r' || c == '\n';
}

void
ms_doubt_add(struct ms_doubts *doubts, enum ms_doubt doubt, size_t line,
    const void *culprit, size_t size)
{
	const uint64_t bit = (uint64_t)1 << doubt;
	char detail[CULPRIT_MAX + 40];
	int at;

	if (doubts->told & bit)
		return;
	doubts->told |= bit;
	at = snprintf(detail, sizeof detail, "line %zu: ", line);
	while (size > 0 && is_line_end(((const char *)culprit)[size - 1]))
		size--;
	size = MIN(size, (size_t)CULPRIT_MAX);
	for (size_t i = 0; i < size; i++) {
		unsigned char c = ((const unsigned char *)culprit)[i];

		detail[at++] = c >= ' ' && c < 127 ? (char)c : '?';
	}
	detail[at] = '\0';
	doubts->tell(doubts->arg, names[doubt], detail);
}
