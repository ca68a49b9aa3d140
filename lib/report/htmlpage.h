#ifndef MS_HTMLPAGE_H
#define MS_HTMLPAGE_H

#include "report/htmltally.h"
#include "report/report.h"

#include <glib.h>

/* The sections of an HTML report around the rows of its table. */

/* So many paths are in a list of those with which something went wrong. */
#define MS_HTMLPAGE_PATHS_MAX 200

struct ms_htmlpage_paths {
	GString *items;		/* the list's */
	uint64_t count;		/* of all, also of those not listed */
};

/* What was counted while the messages came by. */
struct ms_htmlpage {
	const struct ms_report_engine *engine;
	const struct ms_report_totals *totals;
	const struct ms_htmltally *names;	/* of findings */
	const struct ms_htmltally *mailboxes;	/* messages with findings or
						 * gaps */
	const struct ms_htmltally_months *months;	/* the same */
	const uint64_t *reasons;	/* gaps, by enum ms_reason */
	uint64_t found_partly;		/* messages with findings, and gaps */
	bool touched;			/* something was done with messages */
	uint64_t empty;			/* paths that hold no mail */
	const struct ms_htmlpage_paths *unread;	/* could not be read */
	const struct ms_htmlpage_paths *undone;	/* with an action that
						 * failed */
	uint64_t rows;			/* there are */
	uint64_t rows_shown;
};

/* Append all up to the first row of the table. */
void ms_htmlpage_begin(GString *out, const struct ms_htmlpage *page);

/* Append what follows the last row. */
void ms_htmlpage_end(GString *out, const struct ms_htmlpage *page);

/* Add PATH to PATHS, and what was tried (NULL: to read it) and WHY it could
 * not be done. */
void ms_htmlpage_path(struct ms_htmlpage_paths *paths, const char *path,
    const char *what, const char *why);

#endif
