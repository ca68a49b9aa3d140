#ifndef MS_SARIF_H
#define MS_SARIF_H

#include "report/report.h"

/*
 * SARIF 2.1.0 (OASIS), for what gathers the results of analyses: one run, a
 * result for each finding ("error") and each gap ("warning", or "note" for
 * encrypted content), a rule for each name of a finding and each reason.
 * Results come first in the object, since rules are known last; the order of
 * properties is free. mailscan-report(5) has more.
 */
extern const struct ms_report_ops ms_sarif_ops;

/* More names of findings than this have no rule of their own: their results
 * say which they are. */
#define MS_SARIF_RULES_MAX 10000

/* So many paths that could not be read are listed. */
#define MS_SARIF_NOTICES_MAX 1000

#endif
