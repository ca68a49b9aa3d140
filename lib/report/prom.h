#ifndef MS_PROM_H
#define MS_PROM_H

#include "report/report.h"

/*
 * Metrics of one run in the text format of Prometheus (version 0.0.4), for the
 * textfile collector of its node exporter. mailscan-report(5) lists them.
 */
extern const struct ms_report_ops ms_prom_ops;

/* When the last run ended that went well, by the metrics that STREAM holds: a
 * run that did not go well has to tell it again. 0: they do not say. */
int64_t ms_prom_last_success(FILE *stream);

#endif
