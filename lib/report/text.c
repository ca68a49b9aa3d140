#include "report/text.h"

#include "report/deeds.h"
#include "report/line.h"
#include "report/summary.h"

/* Of an envelope, for people: so many of its recipients, and characters of
 * each of its texts. */
#define RECIPIENTS_SHOWN 10
#define ENVELOPE_SHOWN 200

/* "LABEL:PART: ", or "LABEL: " for the message as a whole. */
static void
append_label(GString *out, const GString *label, const char *part)
{
	g_string_append_len(out, label->str, (gssize)label->len);
	if (part && *part) {
		g_string_append_c(out, ':');
		ms_line_quoted(out, part);
	}
	g_string_append(out, ": ");
}

static void
append_finding(GString *out, const GString *label,
    const struct ms_finding *finding)
{
	static const char *const words[MS_FINDING_KINDS] = {
		[MS_FINDING_MALWARE] = "FOUND",
		[MS_FINDING_BLOCKED] = "BLOCKED",
		[MS_FINDING_SPAM] = "SPAM",
	};

	append_label(out, label, finding->part);
	ms_line_quoted(out, finding->name);
	g_string_append_printf(out, " %s\n", words[finding->kind]);
}

static const char *
gap_word(enum ms_reason reason)
{
	switch (reason) {
	case MS_REASON_LIMIT_TIME:
	case MS_REASON_WORKER_DIED:
	case MS_REASON_ENGINE_FAILED:
		return "ERROR";
	case MS_REASON_ENCRYPTED:
		return "ENCRYPTED";
	default:
		return "INCOMPLETE";
	}
}

/* "ENCRYPTED (DETAIL)", or "WORD (REASON: DETAIL)" for all others. */
static void
append_gap(GString *out, const GString *label, const struct ms_gap *gap)
{
	bool named = gap->reason != MS_REASON_ENCRYPTED;
	bool detailed = gap->detail && *gap->detail;

	append_label(out, label, gap->part);
	g_string_append(out, gap_word(gap->reason));
	if (named || detailed)
		g_string_append(out, " (");
	if (named)
		g_string_append(out, ms_facts_reason_name(gap->reason));
	if (named && detailed)
		g_string_append(out, ": ");
	if (detailed)
		ms_line_quoted(out, gap->detail);
	if (named || detailed)
		g_string_append_c(out, ')');
	g_string_append_c(out, '\n');
}

/* "AMBIGUOUS (REASON, REASON)", of the message with all in it. */
static void
append_ambiguities(GString *out, const GString *label,
    const struct ms_facts *facts)
{
	char *reasons = ms_facts_reasons(facts);

	if (reasons) {
		append_label(out, label, NULL);
		g_string_append(out, "AMBIGUOUS (");
		ms_line_quoted(out, reasons);
		g_string_append(out, ")\n");
	}
	g_free(reasons);
}

/* The verdict alone, for a message with neither findings nor gaps. */
static void
append_verdict(GString *out, const GString *label, enum ms_verdict verdict)
{
	char *word;

	append_label(out, label, NULL);
	if (verdict == MS_VERDICT_CLEAN) {
		g_string_append(out, "OK\n");
		return;
	}
	word = g_ascii_strup(ms_verdict_name(verdict), -1);
	g_string_append(out, word);
	g_string_append_c(out, '\n');
	g_free(word);
}

static void
append_pair(GString *out, const char *name, const char *text)
{
	if (!text)
		return;
	g_string_append_printf(out, "; %s ", name);
	ms_line_quoted_max(out, text, ENVELOPE_SHOWN);
}

/* "ENVELOPE (ESMTP from <a> to <b>, <c>; refused <d>: 550 no; ...)", of what
 * was heard on its way. */
static void
append_envelope(GString *out, const GString *label,
    const struct ms_envelope *envelope)
{
	if (!envelope || !envelope->protocol)
		return;
	append_label(out, label, NULL);
	g_string_append(out, "ENVELOPE (");
	ms_line_quoted(out, envelope->protocol);
	g_string_append(out, " from <");
	ms_line_quoted_max(out, envelope->sender ? envelope->sender : "?",
	    ENVELOPE_SHOWN);
	g_string_append_c(out, '>');
	for (unsigned i = 0; i < envelope->count; i++) {
		g_string_append(out, i == 0 ? " to <" : ", <");
		ms_line_quoted_max(out, envelope->recipients[i],
		    ENVELOPE_SHOWN);
		g_string_append_c(out, '>');
		if (i + 1 == RECIPIENTS_SHOWN && i + 1 < envelope->count) {
			g_string_append_printf(out, " and %u more",
			    envelope->count - RECIPIENTS_SHOWN);
			break;
		}
	}
	for (unsigned i = 0; i < MIN(envelope->refusals, RECIPIENTS_SHOWN);
	    i++) {
		append_pair(out, "refused", envelope->refused[i].recipient);
		append_pair(out, "with", envelope->refused[i].reply);
	}
	append_pair(out, "client", envelope->client_address);
	append_pair(out, "server", envelope->server_address);
	append_pair(out, "helo", envelope->helo);
	append_pair(out, "reply", envelope->reply);
	g_string_append(out, ")\n");
}

static enum ms_status
text_message(struct ms_report *report, const struct ms_outcome *outcome,
    struct ms_error *err)
{
	const struct ms_facts *facts = &outcome->facts;
	GString *label, *out;
	enum ms_status status;

	if (!ms_report_wants(report, outcome))
		return MS_OK;
	label = ms_line_label(outcome);
	out = g_string_sized_new(256);
	for (guint i = 0; i < facts->findings->len; i++)
		append_finding(out, label,
		    g_ptr_array_index(facts->findings, i));
	for (guint i = 0; i < facts->gaps->len; i++)
		append_gap(out, label, g_ptr_array_index(facts->gaps, i));
	if (out->len == 0)
		append_verdict(out, label, outcome->verdict);
	append_ambiguities(out, label, facts);
	if (report->options.skipped)
		append_envelope(out, label, outcome->envelope);
	ms_deeds_append(out, label, outcome->deeds);
	status = ms_line_write(report->stream, out, err);
	g_string_free(out, TRUE);
	g_string_free(label, TRUE);
	return status;
}

static enum ms_status
text_notice(struct ms_report *report, enum ms_report_notice kind,
    const struct ms_origin *origin, const char *text, struct ms_error *err)
{
	static const char *const words[] = {
		[MS_REPORT_GONE] = "GONE",
		[MS_REPORT_EMPTY] = "EMPTY",
		[MS_REPORT_SKIPPED] = "SKIPPED",
		[MS_REPORT_FAILED] = "ERROR",
	};
	GString *out;
	enum ms_status status;

	if (kind == MS_REPORT_SKIPPED && !report->options.skipped)
		return MS_OK;
	if (report->options.only_found && kind != MS_REPORT_FAILED)
		return MS_OK;
	out = g_string_sized_new(128);
	ms_line_quoted(out, origin->source);
	g_string_append_printf(out, ": %s", words[kind]);
	if (text && *text) {
		g_string_append(out, " (");
		ms_line_quoted(out, text);
		g_string_append_c(out, ')');
	}
	g_string_append_c(out, '\n');
	status = ms_line_write(report->stream, out, err);
	g_string_free(out, TRUE);
	return status;
}

static enum ms_status
text_action(struct ms_report *report, const struct ms_report_action *action,
    struct ms_error *err)
{
	GString *out = g_string_sized_new(128);
	enum ms_status status;

	ms_deeds_append_action(out, action);
	status = ms_line_write(report->stream, out, err);
	g_string_free(out, TRUE);
	return status;
}

static enum ms_status
text_summary(struct ms_report *report, const struct ms_report_totals *totals,
    struct ms_error *err)
{
	GString *out = g_string_sized_new(512);
	enum ms_status status;

	if (report->options.summary)
		ms_summary_append(out, &report->engine, totals);
	status = ms_line_write(report->stream, out, err);
	g_string_free(out, TRUE);
	return status == MS_OK ? ms_line_flush(report->stream, err) : status;
}

const struct ms_report_ops ms_text_ops = {
	.name = "text",
	.message = text_message,
	.notice = text_notice,
	.action = text_action,
	.summary = text_summary,
};
