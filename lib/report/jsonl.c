#include "report/jsonl.h"

#include <jansson.h>

#include "base/quote.h"
#include "report/fields.h"
#include "report/line.h"
#include "scan/filename.h"

/* A line is written in pieces of about this size, so that a long list of
 * parts never stands in memory as text. */
#define PIECE_BYTES 65536

/* An object on its way to the stream. Running out of memory is remembered,
 * not checked field by field. */
struct record {
	json_t *object;
	bool failed;
};

static void
put(struct record *record, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(record->object, key, value) != 0)
		record->failed = true;
}

static void
put_text(struct record *record, const char *key, const char *text)
{
	put(record, key, ms_fields_quoted(text));
}

/* JSON numbers beyond 2^63 mean nothing to most readers. */
static void
put_number(struct record *record, const char *key, uint64_t number)
{
	put(record, key, json_integer((json_int_t)MIN(number,
	    (uint64_t)INT64_MAX)));
}

static void
put_time(struct record *record, const char *key, int64_t seconds)
{
	put(record, key, seconds <= 0 ? json_null() : json_integer(seconds));
}

static void
put_digest(struct record *record, const char *key,
    const struct ms_digest *digest)
{
	char hex[MS_HASH_HEX];

	ms_hash_hex(digest, hex);
	put(record, key, json_string(hex));
}

static struct record
record_new(void)
{
	return (struct record){ .object = json_object() };
}

/* What every line begins with. */
static struct record
record_begin(const char *type)
{
	struct record record = record_new();

	put_number(&record, "schema", MS_JSONL_SCHEMA);
	put(&record, "type", json_string(type));
	return record;
}

static int
append(const char *buffer, size_t size, void *arg)
{
	g_string_append_len(arg, buffer, (gssize)size);
	return 0;
}

/* Append the text of RECORD to OUT and free its object; with JSON_EMBED as
 * FLAGS, without the braces around it. */
static enum ms_status
record_end(struct record *record, size_t flags, GString *out,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;

	if (record->failed || json_dump_callback(record->object, append, out,
	    JSON_COMPACT | flags) != 0)
		status = ms_error_set(err, MS_E_IO,
		    "cannot write the report: no memory for a line");
	json_decref(record->object);
	return status;
}

/* Add ITEM to LIST, which is for RECORD. */
static void
add_item(struct record *record, json_t *list, const struct record *item)
{
	if (json_array_append_new(list, item->object) != 0 || item->failed)
		record->failed = true;
}

static void
put_findings(struct record *record, const GPtrArray *findings)
{
	json_t *list = json_array();

	for (guint i = 0; i < findings->len; i++) {
		const struct ms_finding *finding =
		    g_ptr_array_index(findings, i);
		struct record item = record_new();

		put_text(&item, "engine", finding->engine);
		put_text(&item, "name", finding->name);
		put_text(&item, "part", finding->part);
		/* Without it, it is what it always was. */
		if (finding->kind != MS_FINDING_MALWARE)
			put_text(&item, "kind",
			    ms_facts_finding_name(finding->kind));
		add_item(record, list, &item);
	}
	put(record, "findings", list);
}

/* Why something is to be said of a part. */
static void
add_reason(struct record *record, json_t *list, const char *reason,
    const char *part, const char *detail)
{
	struct record item = record_new();

	put_text(&item, "reason", reason);
	put_text(&item, "part", part);
	put_text(&item, "detail", detail);
	add_item(record, list, &item);
}

static void
put_gaps(struct record *record, const GPtrArray *gaps)
{
	json_t *list = json_array();

	for (guint i = 0; i < gaps->len; i++) {
		const struct ms_gap *gap = g_ptr_array_index(gaps, i);

		add_reason(record, list, ms_facts_reason_name(gap->reason),
		    gap->part, gap->detail);
	}
	put(record, "gaps", list);
}

static void
put_ambiguities(struct record *record, const GPtrArray *ambiguities)
{
	json_t *list = json_array();

	for (guint i = 0; i < ambiguities->len; i++) {
		const struct ms_ambiguity *ambiguity =
		    g_ptr_array_index(ambiguities, i);

		add_reason(record, list, ambiguity->reason, ambiguity->part,
		    ambiguity->detail);
	}
	put(record, "ambiguities", list);
}

/* NULL-ended TEXTS, as a list. */
static void
put_texts(struct record *record, const char *key, char *const *texts)
{
	json_t *list = json_array();

	for (; *texts; texts++) {
		char *quoted = ms_quote_string(*texts);

		if (json_array_append_new(list, json_string(quoted)) != 0)
			record->failed = true;
		g_free(quoted);
	}
	put(record, key, list);
}

/* What only those know who were there when it was sent. */
static void
put_dialogue(struct record *record, const struct ms_envelope *envelope)
{
	json_t *refused = json_array();

	put_text(record, "server_address", envelope->server_address);
	put_text(record, "protocol", envelope->protocol);
	put_text(record, "reply", envelope->reply);
	for (unsigned i = 0; i < envelope->refusals; i++) {
		struct record item = record_new();

		put_text(&item, "recipient", envelope->refused[i].recipient);
		put_text(&item, "reply", envelope->refused[i].reply);
		add_item(record, refused, &item);
	}
	put(record, "refused", refused);
	if (envelope->omitted > 0)
		put_number(record, "recipients_omitted", envelope->omitted);
}

static void
put_envelope(struct record *record, const struct ms_envelope *envelope)
{
	struct record item;

	if (!envelope) {
		put(record, "envelope", json_null());
		return;
	}
	item = record_new();
	put_text(&item, "sender", envelope->sender);
	put_texts(&item, "recipients", envelope->recipients);
	put_text(&item, "queue_id", envelope->queue_id);
	put_text(&item, "client_address", envelope->client_address);
	put_text(&item, "client_name", envelope->client_name);
	put_text(&item, "helo", envelope->helo);
	if (envelope->protocol)
		put_dialogue(&item, envelope);
	put(&item, "received", envelope->received < 0 ? json_null() :
	    json_integer(envelope->received));
	record->failed |= item.failed;
	put(record, "envelope", item.object);
}

static void
put_deeds(struct record *record, const GPtrArray *deeds)
{
	json_t *list;

	if (deeds->len == 0) {
		put(record, "action", json_null());
		return;
	}
	list = json_array();
	for (guint i = 0; i < deeds->len; i++) {
		const struct ms_deed *deed = g_ptr_array_index(deeds, i);
		struct record item = record_new();

		put_text(&item, "action", deed->action);
		put_text(&item, "state", ms_outcome_deed_name(deed->state));
		put_text(&item, "detail", deed->detail);
		add_item(record, list, &item);
	}
	put(record, "action", json_pack("{s:o}", "steps", list));
}

/* All that stands before the parts. */
static struct record
message_record(const struct ms_outcome *outcome)
{
	const struct ms_origin *origin = &outcome->origin;
	const struct ms_headers *headers = &outcome->facts.headers;
	struct record record = record_begin("message");

	put_text(&record, "source", origin->source);
	put_text(&record, "format", origin->format);
	/* Everybody knows that of an mbox. */
	if (origin->many && g_strcmp0(origin->format, "mbox") != 0)
		put(&record, "many", json_true());
	if (origin->stream > 0)
		put_number(&record, "stream", origin->stream);
	put_number(&record, "index", origin->index);
	put_number(&record, "offset", origin->offset);
	put_number(&record, "length", origin->length);
	put_text(&record, "message_id", headers->message_id);
	put_text(&record, "subject", headers->subject);
	put_text(&record, "from", headers->from);
	put_text(&record, "to", headers->to);
	put_text(&record, "date", headers->date);
	put_text(&record, "flags", origin->flags);
	put_number(&record, "size", outcome->size);
	put_digest(&record, "sha256", &outcome->sha256);
	put_digest(&record, "sha256_canonical", &outcome->sha256_canonical);
	put_text(&record, "verdict", ms_verdict_name(outcome->verdict));
	put_findings(&record, outcome->facts.findings);
	put_gaps(&record, outcome->facts.gaps);
	put_ambiguities(&record, outcome->facts.ambiguities);
	put_deeds(&record, outcome->deeds);
	put_envelope(&record, outcome->envelope);
	return record;
}

/* Where the part stands in the tree, and what else was declared. */
static void
put_place(struct record *record, const struct ms_part *part)
{
	put_text(record, "kind", ms_facts_kind_name(part->kind));
	put_number(record, "level", part->level);
	put_text(record, "encoding", part->encoding);
	put_text(record, "charset", part->charset);
	put_text(record, "boundary", part->boundary);
}

static void
put_file(struct record *record, const struct ms_facts *facts,
    const struct ms_part *part)
{
	char name[MS_FILENAME_MAX];

	if (!ms_facts_is_picked(facts, part)) {
		put(record, "file", json_null());
		return;
	}
	ms_filename_of(&part->sha256, part->detected_type, name);
	put(record, "file", json_string(name));
}

static struct record
part_record(const struct ms_report_options *options,
    const struct ms_facts *facts, const struct ms_part *part)
{
	struct record record = record_new();

	put_text(&record, "path", part->path);
	if (options->tree)
		put_place(&record, part);
	put_text(&record, "content_type", part->content_type);
	put_text(&record, "filename", part->filename);
	put_text(&record, "detected_type", part->detected_type);
	if (ms_facts_has_bytes(part)) {
		put_number(&record, "size", part->size);
		put_digest(&record, "sha256", &part->sha256);
	} else {
		put(&record, "size", json_null());
		put(&record, "sha256", json_null());
	}
	if (options->files)
		put_file(&record, facts, part);
	return record;
}

/* The parts, one after the other: a tree of them all would take ten times
 * the memory of the facts. STREAM NULL: all of them stay in OUT. */
static enum ms_status
write_parts(FILE *stream, const struct ms_report_options *options,
    const struct ms_facts *facts, GString *out, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	g_string_append(out, ",\"parts\":[");
	for (guint i = 0; i < facts->parts->len && status == MS_OK; i++) {
		struct record record = part_record(options, facts,
		    g_ptr_array_index(facts->parts, i));

		if (i > 0)
			g_string_append_c(out, ',');
		status = record_end(&record, 0, out, err);
		if (status == MS_OK && stream && out->len >= PIECE_BYTES)
			status = ms_line_write(stream, out, err);
	}
	g_string_append_c(out, ']');
	if (facts->parts_omitted > 0)
		g_string_append_printf(out,
		    ",\"parts_omitted\":%" G_GUINT64_FORMAT,
		    facts->parts_omitted);
	return status;
}

/* Append the line, or what of it STREAM has not got. */
static enum ms_status
append_message(FILE *stream, const struct ms_report_options *options,
    const struct ms_outcome *outcome, GString *out, struct ms_error *err)
{
	struct record record = message_record(outcome);
	enum ms_status status;

	g_string_append_c(out, '{');
	status = record_end(&record, JSON_EMBED, out, err);
	if (status == MS_OK && options->parts)
		status = write_parts(stream, options, &outcome->facts, out,
		    err);
	g_string_append_printf(out, ",\"elapsed_ms\":%" G_GINT64_FORMAT "}",
	    outcome->elapsed_ms);
	return status;
}

static enum ms_status
jsonl_message(struct ms_report *report, const struct ms_outcome *outcome,
    struct ms_error *err)
{
	GString *out = g_string_sized_new(1024);
	enum ms_status status = append_message(report->stream,
	    &report->options, outcome, out, err);

	g_string_append_c(out, '\n');
	if (status == MS_OK)
		status = ms_line_write(report->stream, out, err);
	g_string_free(out, TRUE);
	return status;
}

/* The only piece of a line that is all of it. */
static enum ms_status
write_record(FILE *stream, struct record *record, struct ms_error *err)
{
	GString *out = g_string_sized_new(512);
	enum ms_status status = record_end(record, 0, out, err);

	g_string_append_c(out, '\n');
	if (status == MS_OK)
		status = ms_line_write(stream, out, err);
	g_string_free(out, TRUE);
	return status;
}

static enum ms_status
jsonl_notice(struct ms_report *report, enum ms_report_notice kind,
    const struct ms_origin *origin, const char *text, struct ms_error *err)
{
	bool failed = kind == MS_REPORT_FAILED;
	struct record record = record_begin(failed ? "error" : "notice");

	put_text(&record, "source", origin->source);
	put_text(&record, "format", origin->format);
	/* A source that fails at its start has not got to any offset. */
	if (failed && origin->offset > 0)
		put_number(&record, "offset", origin->offset);
	put_text(&record, "reason", ms_report_notice_name(kind));
	put_text(&record, "detail", text);
	return write_record(report->stream, &record, err);
}

static enum ms_status
jsonl_action(struct ms_report *report, const struct ms_report_action *action,
    struct ms_error *err)
{
	struct record record = record_begin("action");

	put_text(&record, "source", action->source);
	put_text(&record, "action", action->action);
	put_text(&record, "state", ms_outcome_deed_name(action->state));
	put_number(&record, "messages", action->messages);
	put_text(&record, "detail", action->detail);
	return write_record(report->stream, &record, err);
}

/* Runs that were not to do anything say nothing of it. */
static void
put_actions(struct record *record, const struct ms_report_actions *actions)
{
	struct record item;

	if (!actions->asked)
		return;
	item = record_new();
	put(&item, "dry_run", json_boolean(actions->dry_run));
	put_number(&item, "moved", actions->moved);
	put_number(&item, "copied", actions->copied);
	put_number(&item, "removed", actions->removed);
	put_number(&item, "flagged", actions->flagged);
	put_number(&item, "refiled", actions->refiled);
	put_number(&item, "failed", actions->failed);
	record->failed |= item.failed;
	put(record, "actions", item.object);
}

static enum ms_status
jsonl_summary(struct ms_report *report,
    const struct ms_report_totals *totals, struct ms_error *err)
{
	const struct ms_report_engine *engine = &report->engine;
	struct record record = record_begin("summary");
	enum ms_status status;

	put_number(&record, "messages", totals->messages);
	for (int v = 0; v < MS_VERDICTS; v++)
		put_number(&record, ms_verdict_name((enum ms_verdict)v),
		    totals->verdicts[v]);
	put_number(&record, "ambiguous", totals->ambiguous);
	put_number(&record, "not_selected", totals->unselected);
	put_number(&record, "gone", totals->gone);
	put_number(&record, "passed_over", totals->passed_over);
	put_number(&record, "failed", totals->failed);
	put_actions(&record, &totals->actions);
	if (totals->known > 0)
		put_number(&record, "known", totals->known);
	put_text(&record, "engine", engine->name);
	put_text(&record, "engine_version", engine->version);
	put_text(&record, "database", engine->database);
	put_number(&record, "signatures", engine->signatures);
	put_time(&record, "database_time", engine->database_time);
	put(&record, "database_age_days", engine->database_age_days < 0 ?
	    json_null() : json_integer(engine->database_age_days));
	put_text(&record, "sandbox", engine->sandbox);
	put_number(&record, "bytes", totals->bytes);
	put(&record, "elapsed_ms", json_integer(totals->elapsed_ms));
	put_time(&record, "finished", totals->finished);
	put(&record, "interrupted", json_boolean(totals->interrupted));
	status = write_record(report->stream, &record, err);
	return status == MS_OK ? ms_line_flush(report->stream, err) : status;
}

const struct ms_report_ops ms_jsonl_ops = {
	.name = "jsonl",
	.message = jsonl_message,
	.notice = jsonl_notice,
	.action = jsonl_action,
	.summary = jsonl_summary,
};

char *
ms_jsonl_line(const struct ms_outcome *outcome,
    const struct ms_report_options *options, struct ms_error *err)
{
	GString *out = g_string_sized_new(1024);
	bool ok = append_message(NULL, options, outcome, out, err) == MS_OK;

	return g_string_free(out, !ok);
}
