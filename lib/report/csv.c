#include "report/csv.h"

#include <inttypes.h>
#include <string.h>

#include "base/quote.h"
#include "report/line.h"

static const char header[] = "source,format,index,offset,size,sha256,"
    "message_id,date,from,subject,verdict,type,name,part,engine,detail,"
    "action,stream\r\n";

/* What begins a formula: in spreadsheets of any country. */
static const char *const formula_signs[] = {
	"=", "+", "-", "@", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
	"\xef\xbc\xa0",
};

/* Bytes of such a sign at TEXT; 0: there is none. */
static size_t
formula_sign(const char *text)
{
	for (size_t i = 0; i < G_N_ELEMENTS(formula_signs); i++)
		if (g_str_has_prefix(text, formula_signs[i]))
			return strlen(formula_signs[i]);
	return 0;
}

/* What some spreadsheet takes for the end of a field, whatever stands around
 * it. */
static bool
may_end_field(char c)
{
	return c != '\0' && strchr(",;|\"", c) != NULL;
}

/*
 * Append TEXT as a field. A sign that begins a formula where the field begins,
 * or where a spreadsheet may believe that another one does, becomes \xNN;
 * blanks before it do not help.
 */
static void
append_text(GString *out, const char *text)
{
	char *quoted = ms_quote_string(text ? text : "");
	bool begins = true;
	size_t sign;

	g_string_append_c(out, '"');
	for (const char *p = quoted; *p != '\0'; p++) {
		sign = begins ? formula_sign(p) : 0;
		for (size_t i = 0; i < sign; i++)
			g_string_append_printf(out, "\\x%02x",
			    (unsigned char)p[i]);
		if (sign > 0) {
			p += sign - 1;
			begins = false;
			continue;
		}
		if (*p == '"')
			g_string_append_c(out, '"');
		g_string_append_c(out, *p);
		begins = may_end_field(*p) || (begins && *p == ' ');
	}
	g_string_append_c(out, '"');
	g_free(quoted);
}

static void
append_field(GString *out, const char *text)
{
	g_string_append_c(out, ',');
	if (text && *text)
		append_text(out, text);
}

static void
append_number(GString *out, uint64_t number)
{
	g_string_append_printf(out, ",%" PRIu64, number);
}

/* The columns that are the same in all rows of a message, up to "verdict". */
static GString *
message_columns(const struct ms_outcome *outcome)
{
	const struct ms_origin *origin = &outcome->origin;
	const struct ms_headers *headers = &outcome->facts.headers;
	GString *out = g_string_sized_new(256);
	char hex[MS_HASH_HEX];

	append_text(out, origin->source);
	append_field(out, origin->format);
	append_number(out, origin->index);
	append_number(out, origin->offset);
	append_number(out, outcome->size);
	ms_hash_hex(&outcome->sha256, hex);
	append_field(out, hex);
	append_field(out, headers->message_id);
	append_field(out, headers->date);
	append_field(out, headers->from);
	append_field(out, headers->subject);
	append_field(out, ms_verdict_name(outcome->verdict));
	return out;
}

/* "quarantine done; remove pending": for all rows. */
static GString *
action_column(const GPtrArray *deeds)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < deeds->len; i++) {
		const struct ms_deed *deed = g_ptr_array_index(deeds, i);

		g_string_append_printf(out, "%s%s %s", i > 0 ? "; " : "",
		    deed->action, ms_outcome_deed_name(deed->state));
	}
	return out;
}

/* The columns of one row behind those of the message. */
struct row {
	const char *type, *name, *part, *engine, *detail, *action;
	uint64_t stream;	/* 0: the column is empty */
};

static void
append_row(GString *out, const GString *columns, const struct row *row)
{
	g_string_append_len(out, columns->str, (gssize)columns->len);
	append_field(out, row->type);
	append_field(out, row->name);
	append_field(out, row->part);
	append_field(out, row->engine);
	append_field(out, row->detail);
	append_field(out, row->action);
	if (row->stream > 0)
		append_number(out, row->stream);
	else
		g_string_append_c(out, ',');
	g_string_append(out, "\r\n");
}

static void
append_rows(GString *out, const struct ms_outcome *outcome)
{
	const struct ms_facts *facts = &outcome->facts;
	GString *columns = message_columns(outcome);
	GString *action = action_column(outcome->deeds);

	for (guint i = 0; i < facts->findings->len; i++) {
		const struct ms_finding *finding =
		    g_ptr_array_index(facts->findings, i);

		append_row(out, columns, &(struct row){ "finding",
		    finding->name, finding->part, finding->engine, NULL,
		    action->str, outcome->origin.stream });
	}
	for (guint i = 0; i < facts->gaps->len; i++) {
		const struct ms_gap *gap = g_ptr_array_index(facts->gaps, i);

		append_row(out, columns, &(struct row){ "gap",
		    ms_facts_reason_name(gap->reason), gap->part, NULL,
		    gap->detail, action->str, outcome->origin.stream });
	}
	if (facts->findings->len + facts->gaps->len == 0)
		append_row(out, columns, &(struct row){ .type = "message",
		    .action = action->str,
		    .stream = outcome->origin.stream });
	g_string_free(action, TRUE);
	g_string_free(columns, TRUE);
}

/* The header comes with the first row, or alone at the end. */
static GString *
begin(struct ms_report *report)
{
	GString *out = g_string_sized_new(512);

	if (!report->state)
		g_string_append(out, header);
	report->state = (void *)(uintptr_t)header;
	return out;
}

static enum ms_status
end(struct ms_report *report, GString *out, struct ms_error *err)
{
	enum ms_status status = ms_line_write(report->stream, out, err);

	g_string_free(out, TRUE);
	return status;
}

static enum ms_status
csv_message(struct ms_report *report, const struct ms_outcome *outcome,
    struct ms_error *err)
{
	GString *out;

	if (!ms_report_wants(report, outcome))
		return MS_OK;
	out = begin(report);
	append_rows(out, outcome);
	return end(report, out, err);
}

static enum ms_status
csv_notice(struct ms_report *report, enum ms_report_notice kind,
    const struct ms_origin *origin, const char *text, struct ms_error *err)
{
	GString *out, *columns;

	if (report->options.only_found && kind != MS_REPORT_FAILED)
		return MS_OK;
	out = begin(report);
	columns = g_string_new(NULL);
	append_text(columns, origin->source);
	append_field(columns, origin->format);
	/* index to verdict: there is no message. */
	g_string_append(columns, ",,,,,,,,,");
	append_row(out, columns, &(struct row){
	    .type = kind == MS_REPORT_FAILED ? "error" : "notice",
	    .name = ms_report_notice_name(kind), .detail = text });
	g_string_free(columns, TRUE);
	return end(report, out, err);
}

static enum ms_status
csv_summary(struct ms_report *report, const struct ms_report_totals *totals,
    struct ms_error *err)
{
	enum ms_status status = end(report, begin(report), err);

	(void)totals;
	return status == MS_OK ? ms_line_flush(report->stream, err) : status;
}

const struct ms_report_ops ms_csv_ops = {
	.name = "csv",
	.whole = true,
	.message = csv_message,
	.notice = csv_notice,
	.summary = csv_summary,
};
