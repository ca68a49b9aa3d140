#ifndef MS_HTMLPAGE_H
#define MS_HTMLPAGE_H

#include "report/htmltally.h"
#include "report/report.h"

#include <glib.h>

/* The sections of an HTML report around the rows of its table. */

/* What was counted while the messages came by. */
struct ms_htmlpage {
	const struct ms_report_engine *engine;
	const struct ms_report_totals *totals;
	const struct ms_htmltally *names;	/* of findings */
	const struct ms_htmltally *mailboxes;	/* messages with findings or
						 * gaps */
	const struct ms_htmltally_months *months;	/* the same */
	const uint64_t *reasons;	/* gaps, by enum ms_reason */
	const uint64_t *deeds;		/* by enum ms_deed_state */
	uint64_t empty;			/* paths that hold no mail */
	const GString *failed;		/* list items: paths not read */
	uint64_t failed_listed;
	uint64_t rows;			/* there are */
	uint64_t rows_shown;
};

/* Append all up to the first row of the table. */
void ms_htmlpage_begin(GString *out, const struct ms_htmlpage *page);

/* Append what follows the last row. */
void ms_htmlpage_end(GString *out, const struct ms_htmlpage *page);

/* One list item for a path that could not be read. */
void ms_htmlpage_failed(GString *out, const char *path, const char *why);

#endif
