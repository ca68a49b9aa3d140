#ifndef FORMATS_TEST_H
#define FORMATS_TEST_H

/* What the tests of the formats have in common: a report into memory, and
 * messages that are not made for any format. */

#include "report/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What no line breaker, terminal, XML or spreadsheet is fond of. */
#define ODD "\x01\n\r\x1b[2J\\x41\\\"'<&>]]>\xff\xe2\x80\xae\xc3\xa4," \
	"{0}[x](y)\xef\xbf\xbe"

struct sheet {
	char *text;
	size_t size;
	FILE *stream;
	struct ms_report *report;
};

static const struct ms_report_engine sheet_engine = {
	.name = "clamav", .version = "1.4.6", .database = "d \"1\" \\",
	.signatures = 3, .database_time = 1767000000,
	.database_age_days = 3,
};

static inline void
sheet_begin(struct sheet *sheet, const char *format,
    const struct ms_report_options *options)
{
	*sheet = (struct sheet){ 0 };
	sheet->stream = open_memstream(&sheet->text, &sheet->size);
	sheet->report = ms_report_new(format, sheet->stream, options,
	    &sheet_engine);
	assert_non_null(sheet->report);
}

/* End with TOTALS unless that is NULL; TEXT is then whole, and for free(). */
static inline void
sheet_end(struct sheet *sheet, const struct ms_report_totals *totals)
{
	if (totals)
		assert_int_equal(MS_OK, ms_report_summary(sheet->report,
		    totals, NULL));
	ms_report_free(sheet->report);
	fclose(sheet->stream);
}

/* Message INDEX of an mbox called SOURCE. */
static inline struct ms_outcome *
sheet_outcome(const char *source, uint64_t index, enum ms_verdict verdict)
{
	struct ms_message message = { .origin = {
		.source = (char *)(uintptr_t)source, .format = "mbox",
		.many = true, .index = index }, .size = 7 };
	struct ms_outcome *outcome = ms_outcome_new(&message);

	outcome->verdict = verdict;
	outcome->sha256.bytes[0] = (unsigned char)index;
	outcome->sha256_canonical.bytes[0] = (unsigned char)(index + 1);
	outcome->elapsed_ms = 1500;
	return outcome;
}

/* Report OUTCOME, which goes with it. */
static inline void
sheet_message(struct sheet *sheet, struct ms_outcome *outcome)
{
	assert_int_equal(MS_OK, ms_report_message(sheet->report, outcome,
	    NULL));
	ms_outcome_free(outcome);
}

static inline void
sheet_notice(struct sheet *sheet, enum ms_report_notice kind,
    const char *source, const char *text)
{
	const struct ms_origin origin = {
		.source = (char *)(uintptr_t)source };

	assert_int_equal(MS_OK, ms_report_notice(sheet->report, kind,
	    &origin, text, NULL));
}

/* Is PART in the report? */
static inline void
sheet_expect(const struct sheet *sheet, const char *part)
{
	if (!strstr(sheet->text, part))
		print_error("no %s in %s\n", part, sheet->text);
	assert_non_null(strstr(sheet->text, part));
}

#endif
