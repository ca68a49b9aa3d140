#ifndef MS_TOTALS_H
#define MS_TOTALS_H

#include "report/report.h"

/* Sums of runs, for reports that are made from reports. */

/* One message more, or less: never below nothing. */
void ms_totals_count(struct ms_report_totals *totals,
    const struct ms_outcome *outcome);
void ms_totals_drop(struct ms_report_totals *totals,
    const struct ms_outcome *outcome);

/* The same for a path that gave no message. */
void ms_totals_count_notice(struct ms_report_totals *totals,
    enum ms_report_notice kind);
void ms_totals_drop_notice(struct ms_report_totals *totals,
    enum ms_report_notice kind);

/* All of MORE on top. The later end counts, and one interruption does. */
void ms_totals_add(struct ms_report_totals *totals,
    const struct ms_report_totals *more);

#endif
