#ifndef MS_HTML_H
#define MS_HTML_H

#include "report/report.h"

/*
 * One page for people: how the run went, what was not examined, charts, and
 * a table of findings and gaps. mailscan-report(5) describes it. The page
 * fetches nothing, and its policy (Content-Security-Policy) lets it fetch
 * nothing and run no script but its own.
 *
 * What comes first in the page is known last, so rows wait in a temporary
 * file, and all is written with the summary: memory does not grow with the
 * number of messages. The page has only so many rows, of findings before
 * those of gaps, and no more than so many bytes of each kind; what is over is
 * counted, and the page says so.
 */
#define MS_HTML_ROWS_MAX 50000
#define MS_HTML_BYTES_MAX (64u << 20)

extern const struct ms_report_ops ms_html_ops;

#endif
