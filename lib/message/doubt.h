#ifndef MS_DOUBT_H
#define MS_DOUBT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Why a message can be read in more ways than one: each reason is told once,
 * at the first place where it shows.
 */

enum ms_doubt {
	/* Fields of a header */
	MS_DOUBT_DUPLICATE_TYPE,
	MS_DOUBT_DUPLICATE_ENCODING,
	MS_DOUBT_DUPLICATE_DISPOSITION,
	MS_DOUBT_DUPLICATE_VERSION,
	MS_DOUBT_OBSCURED_FIELD,	/* a structural name with more in it */
	MS_DOUBT_SPACE_BEFORE_COLON,
	MS_DOUBT_ODD_CASE,
	MS_DOUBT_NUL_IN_HEADER,
	MS_DOUBT_CONTROL_IN_HEADER,
	MS_DOUBT_BARE_CR,
	MS_DOUBT_MIXED_LINE_ENDS,
	MS_DOUBT_ODD_FOLDING,
	MS_DOUBT_BLANK_LINE_IN_HEADER,
	MS_DOUBT_ODD_SEPARATOR,
	MS_DOUBT_NO_FIELD,		/* a line of a header that is none */
	MS_DOUBT_TEXT_BEFORE_HEADER,
	MS_DOUBT_NO_SEPARATOR,		/* between header and body */
	/* Values */
	MS_DOUBT_COMMENT,
	MS_DOUBT_ENCODED_WORD,
	MS_DOUBT_ENCODED_PARAMETER,	/* RFC 2231 where structure is */
	MS_DOUBT_ODD_TYPE,
	MS_DOUBT_ODD_PARAMETER,
	MS_DOUBT_DUPLICATE_PARAMETER,
	MS_DOUBT_CONFLICTING_NAMES,
	MS_DOUBT_ODD_NAME,
	MS_DOUBT_UNKNOWN_ENCODING,
	MS_DOUBT_ENCODED_MULTIPART,
	MS_DOUBT_ENCODED_MESSAGE,
	MS_DOUBT_ODD_VERSION,
	/* Boundaries */
	MS_DOUBT_DUPLICATE_BOUNDARY,
	MS_DOUBT_NO_BOUNDARY,
	MS_DOUBT_ODD_BOUNDARY,
	MS_DOUBT_MISPLACED_BOUNDARY,	/* where no multipart is declared */
	MS_DOUBT_BOUNDARY_REUSED,
	MS_DOUBT_BOUNDARY_PREFIX,
	MS_DOUBT_BOUNDARY_NEVER_SEEN,
	MS_DOUBT_BOUNDARY_NEVER_CLOSED,
	MS_DOUBT_ODD_DELIMITER,
	MS_DOUBT_UNDECLARED_BOUNDARY,
	MS_DOUBT_PART_AFTER_CLOSE,
	MS_DOUBT_PART_IN_PREAMBLE,
	MS_DOUBT_PART_IN_EPILOGUE,
	/* Encoded bodies */
	MS_DOUBT_BASE64_JUNK,
	MS_DOUBT_BASE64_AFTER_END,
	MS_DOUBT_BASE64_INTERRUPTED,
	MS_DOUBT_BASE64_UNEVEN,
	MS_DOUBT_BASE64_UNDECLARED,
	MS_DOUBT_QP_ILLEGAL,
	MS_DOUBT_QP_UNDECLARED,
	MS_DOUBT_COUNT
};

/* DETAIL is "line 7: culprit", of printable ASCII. */
typedef void ms_doubt_tell(void *arg, const char *reason, const char *detail);

struct ms_doubts {
	ms_doubt_tell *tell;
	void *arg;
	uint64_t told;		/* a bit for each */
	bool footer;		/* text behind base64, which is not told: it is
				 * harmless but to who looks for words */
};

/* Its name: "duplicate-content-type". */
const char *ms_doubt_name(enum ms_doubt doubt);

/* Tell DOUBT, unless it was told, for the SIZE bytes at CULPRIT in LINE,
 * counted from 1. */
void ms_doubt_add(struct ms_doubts *doubts, enum ms_doubt doubt, size_t line,
    const void *culprit, size_t size);

#endif
