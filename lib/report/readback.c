#include "report/readback.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "report/envelopes.h"
#include "report/fields.h"
#include "report/jsonl.h"
#include "unpack/sniff.h"

#define BLOCK 65536

struct ms_readback {
	FILE *stream;
	GString *line;
	uint64_t number;
	size_t at, size;	/* of what is left in the block */
	char block[BLOCK];
};

/* What is done with each object of a list. */
typedef void read_one(struct ms_fields *fields, struct ms_outcome *outcome);

/* The list KEY of at most MAX objects. */
static void
each(struct ms_fields *fields, const char *key, size_t max, read_one *read,
    struct ms_outcome *outcome)
{
	const json_t *list = ms_fields_get(fields, key, false);
	struct ms_fields inner = *fields;

	if (!list)
		return;
	if (!json_is_array(list))
		ms_fields_fail(fields, key, "no list");
	else if (json_array_size(list) > max)
		ms_fields_fail(fields, key, "too long a list");
	for (size_t i = 0; fields->status == MS_OK &&
	    i < json_array_size(list); i++) {
		inner.object = json_array_get(list, i);
		if (!json_is_object(inner.object))
			ms_fields_fail(&inner, key, "not a list of objects");
		else
			read(&inner, outcome);
		fields->status = inner.status;
	}
}

static void
read_finding(struct ms_fields *fields, struct ms_outcome *outcome)
{
	char *engine = ms_fields_need(fields, "engine");
	char *name = ms_fields_need(fields, "name");
	char *part = ms_fields_need(fields, "part");
	char *word = ms_fields_text(fields, "kind");
	const enum ms_finding_kind kind = word ?
	    ms_facts_finding_kind(word) : MS_FINDING_MALWARE;

	if (kind < MS_FINDING_KINDS)
		ms_facts_found(&outcome->facts, kind, engine, name, part);
	else
		ms_fields_fail(fields, "kind", "no kind of finding");
	g_free(word);
	g_free(part);
	g_free(name);
	g_free(engine);
}

/* A reason of a newer version's is not ours to make something of. */
static void
read_gap(struct ms_fields *fields, struct ms_outcome *outcome)
{
	char *name = ms_fields_need(fields, "reason");
	char *part = ms_fields_need(fields, "part");
	char *detail = ms_fields_text(fields, "detail");
	enum ms_reason reason = ms_facts_reason(name);

	if (reason != MS_REASONS)
		ms_facts_gap(&outcome->facts, reason, part, detail);
	g_free(detail);
	g_free(part);
	g_free(name);
}

static void
read_ambiguity(struct ms_fields *fields, struct ms_outcome *outcome)
{
	char *reason = ms_fields_need(fields, "reason");
	char *part = ms_fields_need(fields, "part");
	char *detail = ms_fields_text(fields, "detail");

	ms_facts_ambiguity(&outcome->facts, reason, part, detail);
	g_free(detail);
	g_free(part);
	g_free(reason);
}

static enum ms_deed_state
deed_state(struct ms_fields *fields)
{
	char *name = ms_fields_need(fields, "state");
	int state = 0;

	while (state < MS_DEED_STATES && strcmp(name,
	    ms_outcome_deed_name((enum ms_deed_state)state)) != 0)
		state++;
	if (state == MS_DEED_STATES) {
		ms_fields_fail(fields, "state", "none that a deed has");
		state = MS_DEED_FAILED;
	}
	g_free(name);
	return (enum ms_deed_state)state;
}

static void
read_step(struct ms_fields *fields, struct ms_outcome *outcome)
{
	const char *action = ms_fields_lend_needed(fields, "action");
	char *detail = ms_fields_text(fields, "detail");

	ms_outcome_deed(outcome, action, deed_state(fields), detail);
	g_free(detail);
}

/* Where that is not told, at least whether it has bytes. */
static enum ms_part_kind
part_kind(struct ms_fields *fields)
{
	char *name = ms_fields_text(fields, "kind");
	int kind = ms_fields_get(fields, "size", false) ? MS_PART_LEAF :
	    MS_PART_MULTIPART;

	if (name) {
		fields->item->has_tree = true;
		for (kind = 0; kind < MS_PART_KINDS; kind++)
			if (strcmp(name, ms_facts_kind_name(
			    (enum ms_part_kind)kind)) == 0)
				break;
		if (kind == MS_PART_KINDS) {
			ms_fields_fail(fields, "kind", "none that a part has");
			kind = MS_PART_LEAF;
		}
	}
	g_free(name);
	return (enum ms_part_kind)kind;
}

static void
read_part(struct ms_fields *fields, struct ms_outcome *outcome)
{
	struct ms_part part = {
		.path = ms_fields_need(fields, "path"),
		.content_type = ms_fields_text(fields, "content_type"),
		.filename = ms_fields_text(fields, "filename"),
		.encoding = ms_fields_text(fields, "encoding"),
		.charset = ms_fields_text(fields, "charset"),
		.boundary = ms_fields_text(fields, "boundary"),
		.kind = part_kind(fields),
		.level = (uint32_t)MIN(ms_fields_count(fields, "level"),
		    UINT32_MAX),
		.size = ms_fields_count(fields, "size"),
		.sha256 = ms_fields_digest(fields, "sha256", false),
	};
	char *type = ms_fields_text(fields, "detected_type");

	if (type)
		part.detected_type = ms_sniff_name(type);
	if (type && !part.detected_type)
		part.detected_type = ms_fields_lend(fields, "detected_type");
	ms_facts_part(&outcome->facts, &part);
	if (json_object_get(fields->object, "file"))
		fields->item->has_files = true;
	if (ms_fields_get(fields, "file", false))
		ms_facts_blob(&outcome->facts, &part.sha256);
	g_free(type);
	g_free(part.path);
	g_free(part.content_type);
	g_free(part.filename);
	g_free(part.encoding);
	g_free(part.charset);
	g_free(part.boundary);
}

static void
read_deeds(struct ms_fields *fields, struct ms_outcome *outcome)
{
	struct ms_fields inner = ms_fields_inside(fields, "action");

	if (!inner.object)
		return;
	each(&inner, "steps", MS_FACTS_FINDINGS_MAX, read_step, outcome);
	fields->status = inner.status;
}

/* Formats are names that a program chose, and few. */
static struct ms_origin
read_origin(struct ms_fields *fields)
{
	struct ms_origin origin = {
		.source = ms_fields_need(fields, "source"),
		.format = ms_fields_lend(fields, "format"),
		.many = ms_fields_flag(fields, "many"),
		.stream = ms_fields_count(fields, "stream"),
		.index = ms_fields_count(fields, "index"),
		.offset = ms_fields_count(fields, "offset"),
		.length = ms_fields_count(fields, "length"),
		.flags = ms_fields_text(fields, "flags"),
		.delivered = -1,
	};

	if (g_strcmp0(origin.format, "mbox") == 0)
		origin.many = true;
	return origin;
}

static void
read_message(struct ms_fields *fields)
{
	struct ms_message message = {
		.origin = read_origin(fields),
		.size = ms_fields_count(fields, "size"),
		.sha256 = ms_fields_digest(fields, "sha256", true),
		.sha256_canonical = ms_fields_digest(fields, "sha256_canonical",
		    false),
	};
	struct ms_outcome *outcome = ms_outcome_new(&message);
	struct ms_facts *facts = &outcome->facts;
	char *verdict = ms_fields_need(fields, "verdict");

	fields->item->kind = MS_READBACK_MESSAGE;
	fields->item->outcome = outcome;
	ms_message_origin_clear(&message.origin);
	facts->headers.message_id = ms_fields_text(fields, "message_id");
	facts->headers.subject = ms_fields_text(fields, "subject");
	facts->headers.from = ms_fields_text(fields, "from");
	facts->headers.to = ms_fields_text(fields, "to");
	facts->headers.date = ms_fields_text(fields, "date");
	outcome->elapsed_ms = ms_fields_number(fields, "elapsed_ms", 0, 0);
	outcome->verdict = ms_verdict_by_name(verdict);
	if (outcome->verdict == MS_VERDICTS) {
		ms_fields_fail(fields, "verdict", "none that a message has");
		outcome->verdict = MS_VERDICT_ERROR;
	}
	g_free(verdict);
	each(fields, "findings", MS_FACTS_FINDINGS_MAX, read_finding,
	    outcome);
	each(fields, "gaps", MS_FACTS_GAPS_MAX + MS_REASONS, read_gap,
	    outcome);
	each(fields, "ambiguities", MS_FACTS_AMBIGUITIES_MAX, read_ambiguity,
	    outcome);
	read_deeds(fields, outcome);
	outcome->envelope = ms_envelopes_read(fields);
	fields->item->has_parts =
	    json_object_get(fields->object, "parts") != NULL;
	each(fields, "parts", MS_READBACK_VALUES_MAX, read_part, outcome);
	facts->parts_omitted = ms_fields_count(fields, "parts_omitted");
}

static void
read_notice(struct ms_fields *fields)
{
	struct ms_readback_item *item = fields->item;
	char *name = ms_fields_need(fields, "reason");
	int reason = MS_REPORT_GONE;

	item->kind = MS_READBACK_NOTICE;
	item->origin = read_origin(fields);
	item->text = ms_fields_text(fields, "detail");
	while (reason <= MS_REPORT_FAILED && strcmp(name,
	    ms_report_notice_name((enum ms_report_notice)reason)) != 0)
		reason++;
	if (reason <= MS_REPORT_FAILED)
		item->notice = (enum ms_report_notice)reason;
	else if (fields->status == MS_OK)
		fields->status = MS_END;
	g_free(name);
}

static void
read_action(struct ms_fields *fields)
{
	fields->item->kind = MS_READBACK_ACTION;
	fields->item->action = (struct ms_report_action){
		.source = ms_fields_lend_needed(fields, "source"),
		.action = ms_fields_lend_needed(fields, "action"),
		.state = deed_state(fields),
		.messages = ms_fields_count(fields, "messages"),
		.detail = ms_fields_lend(fields, "detail"),
	};
}

static void
read_actions(struct ms_fields *fields, struct ms_report_actions *actions)
{
	struct ms_fields inner = ms_fields_inside(fields, "actions");

	if (!inner.object)
		return;
	*actions = (struct ms_report_actions){
		.asked = true,
		.dry_run = ms_fields_flag(&inner, "dry_run"),
		.moved = ms_fields_count(&inner, "moved"),
		.copied = ms_fields_count(&inner, "copied"),
		.removed = ms_fields_count(&inner, "removed"),
		.flagged = ms_fields_count(&inner, "flagged"),
		.refiled = ms_fields_count(&inner, "refiled"),
		.failed = ms_fields_count(&inner, "failed"),
	};
	fields->status = inner.status;
}

static void
read_summary(struct ms_fields *fields)
{
	struct ms_report_totals *totals = &fields->item->totals;
	struct ms_report_engine *engine = &fields->item->engine;

	fields->item->kind = MS_READBACK_SUMMARY;
	(void)ms_fields_get(fields, "messages", true);
	totals->messages = ms_fields_count(fields, "messages");
	for (int v = 0; v < MS_VERDICTS; v++)
		totals->verdicts[v] = ms_fields_count(fields,
		    ms_verdict_name((enum ms_verdict)v));
	totals->ambiguous = ms_fields_count(fields, "ambiguous");
	totals->unselected = ms_fields_count(fields, "not_selected");
	totals->gone = ms_fields_count(fields, "gone");
	totals->passed_over = ms_fields_count(fields, "passed_over");
	totals->failed = ms_fields_count(fields, "failed");
	totals->known = ms_fields_count(fields, "known");
	totals->bytes = ms_fields_count(fields, "bytes");
	totals->elapsed_ms = ms_fields_number(fields, "elapsed_ms", 0, 0);
	totals->finished = ms_fields_number(fields, "finished", 0, 0);
	totals->interrupted = ms_fields_flag(fields, "interrupted");
	read_actions(fields, &totals->actions);
	engine->name = ms_fields_lend(fields, "engine");
	engine->version = ms_fields_lend(fields, "engine_version");
	engine->database = ms_fields_lend(fields, "database");
	engine->signatures = ms_fields_count(fields, "signatures");
	engine->database_time = ms_fields_number(fields, "database_time", 0,
	    0);
	engine->database_age_days = ms_fields_number(fields,
	    "database_age_days", 0, -1);
	engine->sandbox = ms_fields_lend(fields, "sandbox");
	/* The only engine of that kind, see engine/none.h. */
	engine->blind = g_strcmp0(engine->name, "none") == 0;
}

static enum ms_status
read_object(struct ms_fields *fields)
{
	static const struct {
		const char *type;
		void (*read)(struct ms_fields *fields);
	} types[] = {
		{ "message", read_message },
		{ "notice", read_notice },
		{ "error", read_notice },
		{ "action", read_action },
		{ "summary", read_summary },
	};
	int64_t schema;
	char *type;
	size_t i = 0;

	if (!json_is_object(fields->object))
		return ms_error_set(fields->err, MS_E_FORMAT,
		    "no line of a report: no JSON object");
	(void)ms_fields_get(fields, "schema", true);
	schema = ms_fields_number(fields, "schema", 1, 0);
	if (fields->status == MS_OK && schema > MS_JSONL_SCHEMA)
		return ms_error_set(fields->err, MS_E_UNSUPPORTED,
		    "written by a newer version: schema %" PRId64 ", where "
		    "%d is the last that is known", schema, MS_JSONL_SCHEMA);
	type = ms_fields_need(fields, "type");
	while (i < G_N_ELEMENTS(types) && strcmp(types[i].type, type) != 0)
		i++;
	g_free(type);
	if (fields->status != MS_OK)
		return fields->status;
	if (i == G_N_ELEMENTS(types))
		return MS_END;
	types[i].read(fields);
	return fields->status;
}

/* Values in memory are many times larger than in text: so many bytes of text
 * may not hold too many. Strings are passed over. */
static bool
has_too_many(const char *line, size_t size)
{
	size_t values = 0;
	bool quoted = false;

	for (size_t i = 0; i < size; i++) {
		if (quoted && line[i] == '\\')
			i++;
		else if (line[i] == '"')
			quoted = !quoted;
		else if (!quoted)
			values += line[i] == ',' || line[i] == '[' ||
			    line[i] == '{';
	}
	return values > MS_READBACK_VALUES_MAX;
}

static bool
is_blank(const char *line, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!strchr(" \t\r\n", line[i]) || line[i] == '\0')
			return false;
	return true;
}

/* Some bytes into the block. MS_END: there are no more. */
static enum ms_status
fill(struct ms_readback *readback, struct ms_error *err)
{
	readback->at = 0;
	readback->size = fread(readback->block, 1, BLOCK, readback->stream);
	if (readback->size > 0)
		return MS_OK;
	if (ferror(readback->stream))
		return ms_error_errno(err, "cannot read the report");
	return MS_END;
}

/* The next line with its line feed, if it has one. What is too long is read,
 * but not kept. */
static enum ms_status
read_line(struct ms_readback *readback, struct ms_error *err)
{
	GString *line = readback->line;
	const char *from, *feed = NULL;
	bool too_long = false;
	size_t size;

	g_string_truncate(line, 0);
	readback->number++;
	while (!feed) {
		enum ms_status status = MS_OK;

		if (readback->at == readback->size)
			status = fill(readback, err);
		if (status == MS_END && (line->len > 0 || too_long))
			break;
		if (status != MS_OK)
			return status;
		from = readback->block + readback->at;
		size = readback->size - readback->at;
		feed = memchr(from, '\n', size);
		if (feed)
			size = (size_t)(feed - from) + 1;
		readback->at += size;
		too_long |= line->len + size > MS_READBACK_LINE_MAX;
		if (!too_long)
			g_string_append_len(line, from, (gssize)size);
	}
	if (too_long)
		return ms_error_set(err, MS_E_LIMIT,
		    "larger than any line of a report");
	return MS_OK;
}

void
ms_readback_item_clear(struct ms_readback_item *item)
{
	ms_outcome_free(item->outcome);
	ms_message_origin_clear(&item->origin);
	g_free(item->text);
	if (item->strings)
		g_ptr_array_unref(item->strings);
	*item = (struct ms_readback_item){ 0 };
}

enum ms_status
ms_readback_parse(const char *line, size_t size, struct ms_readback_item *item,
    struct ms_error *err)
{
	struct ms_fields fields = { .item = item, .err = err };
	enum ms_status status;
	json_error_t error;
	json_t *object;

	*item = (struct ms_readback_item){
		.strings = g_ptr_array_new_with_free_func(g_free),
	};
	if (is_blank(line, size))
		return MS_END;
	if (size > MS_READBACK_LINE_MAX || has_too_many(line, size))
		return ms_error_set(err, MS_E_LIMIT,
		    "larger than any line of a report");
	object = json_loadb(line, size, JSON_REJECT_DUPLICATES, &error);
	if (!object)
		return ms_error_set(err, MS_E_FORMAT,
		    "damaged, or no line of a report: %s at byte %d",
		    error.text, error.position);
	fields.object = object;
	fields.strings = item->strings;
	status = read_object(&fields);
	json_decref(object);
	return status;
}

struct ms_readback *
ms_readback_new(FILE *stream)
{
	struct ms_readback *readback = g_new0(struct ms_readback, 1);

	readback->stream = stream;
	readback->line = g_string_new(NULL);
	return readback;
}

void
ms_readback_free(struct ms_readback *readback)
{
	if (!readback)
		return;
	g_string_free(readback->line, TRUE);
	g_free(readback);
}

enum ms_status
ms_readback_next(struct ms_readback *readback, struct ms_readback_item *item,
    struct ms_error *err)
{
	enum ms_status status;

	*item = (struct ms_readback_item){ 0 };
	for (;;) {
		status = read_line(readback, err);
		if (status == MS_OK)
			status = ms_readback_parse(readback->line->str,
			    readback->line->len, item, err);
		else if (status == MS_END)
			return MS_END;
		if (status != MS_END)
			break;
		ms_readback_item_clear(item);
	}
	if (status < 0)
		ms_error_context(err, "line %" PRIu64, readback->number);
	return status;
}

uint64_t
ms_readback_line(const struct ms_readback *readback)
{
	return readback->number;
}
