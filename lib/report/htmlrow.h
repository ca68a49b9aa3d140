#ifndef MS_HTMLROW_H
#define MS_HTMLROW_H

#include "scan/outcome.h"

#include <glib.h>

/*
 * Rows of the table of findings in an HTML report. Each is one line of HTML
 * that ends with a line feed and has no other: what it holds is quoted, and
 * cut where it is longer than anybody reads.
 */

/* What stands in one row: the finding, or the gap, or neither, of OUTCOME. */
struct ms_htmlrow {
	const struct ms_outcome *outcome;
	const struct ms_finding *finding;	/* or NULL */
	const struct ms_gap *gap;		/* or NULL */
};

void ms_htmlrow_append(GString *out, const struct ms_htmlrow *row);

/* The verdict that a gap for REASON alone would be. */
enum ms_verdict ms_htmlrow_verdict(enum ms_reason reason);

/* DATE as in struct ms_headers, for the caller to unref; NULL: nobody can
 * read it. */
GDateTime *ms_htmlrow_date(const char *date);

/* Where the message at ORIGIN is kept: the mailbox, or the folder that its
 * file is in; for the caller to g_free(). */
char *ms_htmlrow_mailbox(const struct ms_origin *origin);

#endif
