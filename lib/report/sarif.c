#include "report/sarif.h"

#include <jansson.h>
#include <string.h>
#include <time.h>

#include "base/quote.h"
#include "report/fields.h"
#include "report/line.h"

/* Rules with longer names are none, see MS_SARIF_RULES_MAX. */
#define RULE_ID_MAX 1000

struct sarif {
	GHashTable *rules;	/* of their numbers by id, which is owned by */
	GPtrArray *ids;
	GByteArray *kinds;	/* enum kind of each */
	GString *notices;	/* objects, with commas between them */
	uint64_t notice_count;
	bool begun;
};

enum kind { FINDING, GAP, VERDICT };

/* One result, or what a rule is made from. Strings are not quoted yet. */
struct result {
	enum kind kind;
	const char *level;
	const char *name;	/* of the finding, the reason or the verdict */
	const char *part;
	const char *engine, *detail;	/* or NULL */
};

static const char begin[] = "{\"version\":\"2.1.0\",\"$schema\":"
    "\"https://json.schemastore.org/sarif-2.1.0.json\","
    "\"runs\":[{\"results\":[";

static int
append(const char *buffer, size_t size, void *arg)
{
	g_string_append_len(arg, buffer, (gssize)size);
	return 0;
}

/* Append the text of OBJECT, which is freed; NULL is one for which there was
 * no memory. */
static enum ms_status
append_object(GString *out, json_t *object, struct ms_error *err)
{
	int failed = object ? json_dump_callback(object, append, out,
	    JSON_COMPACT) : -1;

	json_decref(object);
	if (failed != 0)
		return ms_error_set(err, MS_E_IO,
		    "cannot write the report: no memory for a result");
	return MS_OK;
}

/* Append TEXT, quoted, to a message, in which braces stand for arguments and
 * brackets for links (SARIF 2.1.0, 3.11.5 and 3.11.6). */
static void
append_literal(GString *out, const char *text)
{
	char *copy = ms_quote_string(text);

	for (const char *p = copy; *p != '\0'; p++) {
		if (*p == '{' || *p == '}')
			g_string_append_c(out, *p);
		else if (*p == '[' || *p == ']')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *p);
	}
	g_free(copy);
}

/* A message object, which takes TEXT. */
static json_t *
message_object(GString *text)
{
	json_t *object = json_pack("{s:s}", "text", text->str);

	g_string_free(text, TRUE);
	return object;
}

/* SOURCE as a URI reference (RFC 3986): absolute paths are of the scheme
 * "file", others relative to wherever mailscan ran. */
static json_t *
location_object(const char *source)
{
	GString *uri = g_string_new(*source == '/' ? "file://" : "");
	json_t *object;

	for (const char *p = source; *p != '\0'; p++)
		if (g_ascii_isalnum(*p) || strchr("-._~/", *p))
			g_string_append_c(uri, *p);
		else
			g_string_append_printf(uri, "%%%02X",
			    (unsigned char)*p);
	object = json_pack("{s:{s:{s:s}}}", "physicalLocation",
	    "artifactLocation", "uri", uri->str);
	g_string_free(uri, TRUE);
	return object;
}

static json_t *
locations(const char *source, const char *part)
{
	json_t *object = location_object(source), *logical;
	const char *slash = part ? strrchr(part, '/') : NULL;

	if (part && *part) {
		logical = json_pack("{s:o,s:o,s:s}",
		    "name", ms_fields_quoted(slash ? slash + 1 : part),
		    "fullyQualifiedName", ms_fields_quoted(part),
		    "kind", "part");
		json_object_set_new(object, "logicalLocations",
		    json_pack("[o]", logical));
	}
	return json_pack("[o]", object);
}

/* The same finding in the same message has the same fingerprint, wherever the
 * message is kept. */
static json_t *
fingerprints(const struct ms_outcome *outcome, const struct result *result)
{
	struct ms_hash *hash = ms_hash_new();
	char message[MS_HASH_HEX], all[MS_HASH_HEX];
	struct ms_digest digest;

	ms_hash_hex(&outcome->sha256_canonical, message);
	ms_hash_feed(hash, message, sizeof message);
	ms_hash_feed(hash, result->name, strlen(result->name) + 1);
	ms_hash_feed(hash, result->part, strlen(result->part) + 1);
	digest = ms_hash_end(hash);
	ms_hash_hex(&digest, all);
	ms_hash_free(hash);
	return json_pack("{s:s,s:s}", "mailscanResult/v1", all,
	    "mailscanMessage/v1", message);
}

static json_t *
properties(const struct ms_outcome *outcome, const struct result *result)
{
	const struct ms_origin *origin = &outcome->origin;
	const struct ms_headers *headers = &outcome->facts.headers;
	char hex[MS_HASH_HEX];

	ms_hash_hex(&outcome->sha256, hex);
	return json_pack("{s:o,s:o,s:I,s:I,s:I,s:o,s:o,s:o,s:o,s:s,s:s,s:o,"
	    "s:o,s:o*}",
	    "source", ms_fields_quoted(origin->source),
	    "format", ms_fields_quoted(origin->format),
	    "index", (json_int_t)MIN(origin->index, INT64_MAX),
	    "offset", (json_int_t)MIN(origin->offset, INT64_MAX),
	    "length", (json_int_t)MIN(origin->length, INT64_MAX),
	    "messageId", ms_fields_quoted(headers->message_id),
	    "subject", ms_fields_quoted(headers->subject),
	    "from", ms_fields_quoted(headers->from),
	    "date", ms_fields_quoted(headers->date),
	    "sha256", hex,
	    "verdict", ms_verdict_name(outcome->verdict),
	    "engine", ms_fields_quoted(result->engine),
	    "detail", ms_fields_quoted(result->detail),
	    "stream", origin->stream == 0 ? NULL :
	    json_integer((json_int_t)MIN(origin->stream, INT64_MAX)));
}

/* "NAME found in message 3, part 2/x.zip". */
static json_t *
result_message(const struct ms_outcome *outcome, const struct result *result)
{
	GString *text = g_string_new(NULL);

	append_literal(text, result->name);
	g_string_append(text, result->kind == GAP ?
	    ": not examined in full: " : " found in ");
	g_string_append(text, "message");
	if (outcome->origin.many)
		g_string_append_printf(text, " %" G_GUINT64_FORMAT,
		    outcome->origin.index);
	if (outcome->origin.stream > 0)
		g_string_append_printf(text, " of stream %" G_GUINT64_FORMAT,
		    outcome->origin.stream);
	if (*result->part) {
		g_string_append(text, ", part ");
		append_literal(text, result->part);
	}
	if (result->detail && *result->detail) {
		g_string_append(text, " (");
		append_literal(text, result->detail);
		g_string_append_c(text, ')');
	}
	return message_object(text);
}

/* What a result and its rule know each other by, for the caller to free. */
static char *
rule_id(const struct result *result)
{
	static const char *const prefixes[] = {
		[FINDING] = "",
		[GAP] = "gap:",
		[VERDICT] = "verdict:",
	};
	char *name = ms_quote_string(result->name);
	char *id = g_strconcat(prefixes[result->kind], name, NULL);

	g_free(name);
	return id;
}

/* The number of the rule with ID, which is taken; -1: it has none. */
static int
rule_index(struct sarif *sarif, enum kind kind, const char *id)
{
	const guint8 byte = (guint8)kind;
	gpointer number;
	char *copy;

	if (g_hash_table_lookup_extended(sarif->rules, id, NULL, &number))
		return GPOINTER_TO_INT(number);
	if (sarif->ids->len >= MS_SARIF_RULES_MAX || strlen(id) > RULE_ID_MAX)
		return -1;
	copy = g_strdup(id);
	g_ptr_array_add(sarif->ids, copy);
	g_byte_array_append(sarif->kinds, &byte, 1);
	g_hash_table_insert(sarif->rules, copy,
	    GINT_TO_POINTER((int)sarif->ids->len - 1));
	return (int)sarif->ids->len - 1;
}

static struct sarif *
state_of(struct ms_report *report)
{
	struct sarif *sarif = report->state;

	if (sarif)
		return sarif;
	sarif = g_new0(struct sarif, 1);
	sarif->rules = g_hash_table_new(g_str_hash, g_str_equal);
	sarif->ids = g_ptr_array_new_with_free_func(g_free);
	sarif->kinds = g_byte_array_new();
	sarif->notices = g_string_new(NULL);
	report->state = sarif;
	return sarif;
}

static enum ms_status
write_result(struct ms_report *report, const struct ms_outcome *outcome,
    const struct result *result, struct ms_error *err)
{
	struct sarif *sarif = state_of(report);
	char *id = rule_id(result);
	int index = rule_index(sarif, result->kind, id);
	json_t *object = json_pack("{s:s,s:s,s:o,s:o,s:o,s:o}",
	    "ruleId", id, "level", result->level,
	    "message", result_message(outcome, result),
	    "locations", locations(outcome->origin.source, result->part),
	    "partialFingerprints", fingerprints(outcome, result),
	    "properties", properties(outcome, result));
	GString *out = g_string_new(sarif->begun ? ",\n" : begin);
	enum ms_status status;

	if (index >= 0 && json_object_set_new(object, "ruleIndex",
	    json_integer(index)) != 0) {
		json_decref(object);
		object = NULL;
	}
	sarif->begun = true;
	status = append_object(out, object, err);
	if (status == MS_OK)
		status = ms_line_write(report->stream, out, err);
	g_string_free(out, TRUE);
	g_free(id);
	return status;
}

static enum ms_status
sarif_message(struct ms_report *report, const struct ms_outcome *outcome,
    struct ms_error *err)
{
	const struct ms_facts *facts = &outcome->facts;
	enum ms_status status = MS_OK;

	if (!ms_report_wants(report, outcome))
		return MS_OK;
	for (guint i = 0; i < facts->findings->len && status == MS_OK; i++) {
		const struct ms_finding *finding =
		    g_ptr_array_index(facts->findings, i);

		status = write_result(report, outcome, &(struct result){
		    FINDING, "error", finding->name, finding->part,
		    finding->engine, NULL }, err);
	}
	for (guint i = 0; i < facts->gaps->len && status == MS_OK; i++) {
		const struct ms_gap *gap = g_ptr_array_index(facts->gaps, i);

		status = write_result(report, outcome, &(struct result){ GAP,
		    gap->reason == MS_REASON_ENCRYPTED ? "note" : "warning",
		    ms_facts_reason_name(gap->reason), gap->part, NULL,
		    gap->detail }, err);
	}
	/* A rule of the administrator's may need no finding. */
	if (status == MS_OK && facts->findings->len == 0 &&
	    outcome->verdict <= MS_VERDICT_SPAM)
		status = write_result(report, outcome, &(struct result){
		    VERDICT, "error", ms_verdict_name(outcome->verdict), "",
		    NULL, NULL }, err);
	return status;
}

static enum ms_status
sarif_notice(struct ms_report *report, enum ms_report_notice kind,
    const struct ms_origin *origin, const char *text, struct ms_error *err)
{
	struct sarif *sarif = state_of(report);
	GString *why;

	if (kind != MS_REPORT_FAILED)
		return MS_OK;
	if (++sarif->notice_count > MS_SARIF_NOTICES_MAX)
		return MS_OK;
	why = g_string_new(NULL);
	append_literal(why, origin->source);
	g_string_append(why, ": ");
	append_literal(why, text ? text : "cannot be read");
	if (sarif->notices->len > 0)
		g_string_append_c(sarif->notices, ',');
	return append_object(sarif->notices, json_pack("{s:s,s:o,s:o}",
	    "level", "error", "message", message_object(why),
	    "locations", json_pack("[o]", location_object(origin->source))),
	    err);
}

static json_t *
rule_object(const char *id, enum kind kind)
{
	static const char *const what[] = {
		[FINDING] = "The signature engine found ",
		[GAP] = "Something could not be examined: ",
		[VERDICT] = "The message is ",
	};
	static const char *const tags[] = {
		[FINDING] = "malware", [GAP] = "gap", [VERDICT] = "policy",
	};
	GString *text = g_string_new(what[kind]);
	const char *name = strchr(id, ':');

	name = kind == FINDING || !name ? id : name + 1;
	/* Quoted it is already. */
	for (const char *p = name; *p != '\0'; p++) {
		if (strchr("{}", *p))
			g_string_append_c(text, *p);
		else if (strchr("[]", *p))
			g_string_append_c(text, '\\');
		g_string_append_c(text, *p);
	}
	g_string_append_c(text, '.');
	return json_pack("{s:s,s:o,s:{s:s},s:{s:[s]}}", "id", id,
	    "shortDescription", message_object(text),
	    "defaultConfiguration", "level", kind != GAP ? "error" :
	    strcmp(name, "encrypted") == 0 ? "note" : "warning",
	    "properties", "tags", tags[kind]);
}

static enum ms_status
append_tool(GString *out, const struct sarif *sarif,
    const struct ms_report_engine *engine, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	g_string_append(out, "\n],\"tool\":{\"driver\":{\"name\":"
	    "\"mailscan\",\"version\":\"" MS_VERSION "\","
	    "\"semanticVersion\":\"" MS_VERSION "\",\"rules\":[");
	for (guint i = 0; i < sarif->ids->len && status == MS_OK; i++) {
		g_string_append(out, i > 0 ? ",\n" : "");
		status = append_object(out, rule_object(
		    g_ptr_array_index(sarif->ids, i),
		    (enum kind)sarif->kinds->data[i]), err);
	}
	g_string_append(out, "]}");
	if (engine->name && status == MS_OK) {
		json_t *component = json_pack("{s:o,s:{s:o,s:I}}", "name",
		    ms_fields_quoted(engine->name), "properties", "database",
		    ms_fields_quoted(engine->database), "signatures",
		    (json_int_t)MIN(engine->signatures, INT64_MAX));

		if (engine->version)
			json_object_set_new(component, "version",
			    ms_fields_quoted(engine->version));
		g_string_append(out, ",\"extensions\":[");
		status = append_object(out, component, err);
		g_string_append_c(out, ']');
	}
	g_string_append_c(out, '}');
	return status;
}

static void
append_when(GString *out, const char *name, int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm tm;
	char text[32];

	if (seconds > 0 && gmtime_r(&when, &tm) &&
	    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0)
		g_string_append_printf(out, ",\"%s\":\"%s\"", name, text);
}

static void
append_invocation(GString *out, const struct sarif *sarif,
    const struct ms_report_totals *totals)
{
	bool ok = !totals->interrupted && totals->failed == 0;

	g_string_append_printf(out, ",\"invocations\":["
	    "{\"executionSuccessful\":%s", ok ? "true" : "false");
	if (totals->finished > totals->elapsed_ms / 1000)
		append_when(out, "startTimeUtc", totals->finished -
		    totals->elapsed_ms / 1000);
	append_when(out, "endTimeUtc", totals->finished);
	g_string_append_printf(out, ",\"toolExecutionNotifications\":[%s]}]",
	    sarif->notices->str);
}

static void
append_totals(GString *out, const struct ms_report_totals *totals)
{
	g_string_append_printf(out, ",\"properties\":{\"messages\":%"
	    G_GUINT64_FORMAT, totals->messages);
	for (int v = 0; v < MS_VERDICTS; v++)
		g_string_append_printf(out, ",\"%s\":%" G_GUINT64_FORMAT,
		    ms_verdict_name((enum ms_verdict)v), totals->verdicts[v]);
	g_string_append_printf(out, ",\"failed\":%" G_GUINT64_FORMAT
	    ",\"interrupted\":%s}", totals->failed,
	    totals->interrupted ? "true" : "false");
}

static enum ms_status
sarif_summary(struct ms_report *report,
    const struct ms_report_totals *totals, struct ms_error *err)
{
	struct sarif *sarif = state_of(report);
	GString *out = g_string_new(sarif->begun ? "" : begin);
	enum ms_status status = append_tool(out, sarif, &report->engine, err);

	append_invocation(out, sarif, totals);
	append_totals(out, totals);
	g_string_append(out, "}]}\n");
	if (status == MS_OK)
		status = ms_line_write(report->stream, out, err);
	g_string_free(out, TRUE);
	return status == MS_OK ? ms_line_flush(report->stream, err) : status;
}

static void
sarif_free(struct ms_report *report)
{
	struct sarif *sarif = report->state;

	if (!sarif)
		return;
	g_hash_table_unref(sarif->rules);
	g_ptr_array_unref(sarif->ids);
	g_byte_array_unref(sarif->kinds);
	g_string_free(sarif->notices, TRUE);
	g_free(sarif);
}

const struct ms_report_ops ms_sarif_ops = {
	.name = "sarif",
	.whole = true,
	.message = sarif_message,
	.notice = sarif_notice,
	.summary = sarif_summary,
	.free = sarif_free,
};
