#ifndef MS_JSONL_H
#define MS_JSONL_H

#include "report/report.h"

/*
 * One JSON object a line (UTF-8, compact): "message", "notice", "error",
 * "action" and at the end "summary". The fields are in mailscan-report(5) and
 * are a promise: a new one is added there, in jsonl.c and in its test
 * together, and none changes its meaning while MS_JSONL_SCHEMA stays.
 */
#define MS_JSONL_SCHEMA 1

extern const struct ms_report_ops ms_jsonl_ops;

/* The line for OUTCOME, without the line feed at its end, for the caller to
 * g_free(); report/readback.h reads it. Of OPTIONS, those for JSONL matter.
 * NULL: no memory, and ERR says so. */
char *ms_jsonl_line(const struct ms_outcome *outcome,
    const struct ms_report_options *options, struct ms_error *err);

#endif
