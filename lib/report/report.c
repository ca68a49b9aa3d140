#include "report/report.h"

#include <string.h>

#include "report/csv.h"
#include "report/html.h"
#include "report/jsonl.h"
#include "report/junit.h"
#include "report/outline.h"
#include "report/prom.h"
#include "report/sarif.h"
#include "report/text.h"

static const struct ms_report_ops *const formats[] = {
	&ms_text_ops,
	&ms_jsonl_ops,
	&ms_csv_ops,
	&ms_junit_ops,
	&ms_sarif_ops,
	&ms_prom_ops,
	&ms_html_ops,
	&ms_outline_ops,
};

/* In the order of the formats; a test holds the two together. The tree is for
 * those who asked for the parts. */
static const char *const names[] = {
	"text", "jsonl", "csv", "junit", "sarif", "prom", "html", NULL
};

struct ms_report *
ms_report_new(const char *format, FILE *stream,
    const struct ms_report_options *options,
    const struct ms_report_engine *engine)
{
	struct ms_report *report;

	for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
		if (strcmp(formats[i]->name, format) != 0)
			continue;
		report = g_new0(struct ms_report, 1);
		report->ops = formats[i];
		report->stream = stream;
		report->options = *options;
		report->engine = *engine;
		return report;
	}
	return NULL;
}

void
ms_report_free(struct ms_report *report)
{
	if (report && report->ops->free)
		report->ops->free(report);
	g_free(report);
}

const char *const *
ms_report_formats(void)
{
	return names;
}

bool
ms_report_is_whole(const char *format)
{
	for (size_t i = 0; i < G_N_ELEMENTS(formats); i++)
		if (strcmp(formats[i]->name, format) == 0)
			return formats[i]->whole;
	return false;
}

void
ms_report_set(struct ms_report *report,
    const struct ms_report_options *options,
    const struct ms_report_engine *engine)
{
	report->options = *options;
	report->engine = *engine;
}

bool
ms_report_wants(const struct ms_report *report,
    const struct ms_outcome *outcome)
{
	const struct ms_report_options *options = &report->options;

	/* Whatever is done with somebody's mail is said. */
	if (outcome->deeds->len > 0)
		return true;
	/* Blocked and spam are found, too: all that makes the exit status
	 * say so. */
	if (options->only_found)
		return outcome->facts.findings->len > 0 ||
		    outcome->verdict <= MS_VERDICT_SPAM;
	/* Where nobody looks, skipped is as good as it gets. */
	if (options->only_not_ok)
		return outcome->verdict != (report->engine.blind ?
		    MS_VERDICT_SKIPPED : MS_VERDICT_CLEAN);
	return true;
}

const char *
ms_report_notice_name(enum ms_report_notice kind)
{
	static const char *const kinds[] = {
		[MS_REPORT_GONE] = "gone",
		[MS_REPORT_EMPTY] = "empty",
		[MS_REPORT_SKIPPED] = "skipped",
		[MS_REPORT_FAILED] = "failed",
	};

	return kinds[kind];
}

enum ms_status
ms_report_message(struct ms_report *report, const struct ms_outcome *outcome,
    struct ms_error *err)
{
	return report->ops->message(report, outcome, err);
}

enum ms_status
ms_report_notice(struct ms_report *report, enum ms_report_notice kind,
    const struct ms_origin *origin, const char *text, struct ms_error *err)
{
	return report->ops->notice(report, kind, origin, text, err);
}

enum ms_status
ms_report_action(struct ms_report *report,
    const struct ms_report_action *action, struct ms_error *err)
{
	if (!report->ops->action)
		return MS_OK;
	return report->ops->action(report, action, err);
}

enum ms_status
ms_report_summary(struct ms_report *report,
    const struct ms_report_totals *totals, struct ms_error *err)
{
	return report->ops->summary(report, totals, err);
}
