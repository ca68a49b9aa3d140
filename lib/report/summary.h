#ifndef MS_SUMMARY_H
#define MS_SUMMARY_H

#include "report/report.h"

#include <glib.h>

/* The block that ends a text report, in the spirit of clamscan's: one "Name:
 * value" a line. Append it to OUT. */
void ms_summary_append(GString *out, const struct ms_report_engine *engine,
    const struct ms_report_totals *totals);

#endif
