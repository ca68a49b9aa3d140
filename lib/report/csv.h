#ifndef MS_CSV_H
#define MS_CSV_H

#include "report/report.h"

/*
 * Comma-separated values (RFC 4180) for spreadsheets: a header row, then a row
 * for each finding and each gap, one for each message with neither, and one
 * for each path that gave no message. Text is quoted by base/quote, and what a
 * spreadsheet would take for a formula is written as such an escape, too, so
 * that ms_quote_undo() gives back what it was. mailscan-report(5) has the
 * columns.
 */
extern const struct ms_report_ops ms_csv_ops;

#endif
