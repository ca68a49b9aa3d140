#include "action/custody.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/quote.h"
#include "report/report.h"

static json_t *
text_or_null(const char *text)
{
	char *quoted = ms_quote_string(text);
	json_t *value = quoted ? json_string(quoted) : json_null();

	g_free(quoted);
	return value;
}

/* OUTCOME as the line of a report, for the caller to free; NULL: no
 * memory. */
static json_t *
outcome_json(const struct ms_outcome *outcome, struct ms_error *err)
{
	const struct ms_report_options options = { .parts = true };
	const struct ms_report_engine engine = { 0 };
	struct ms_report *report;
	json_t *object = NULL;
	char *line = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&line, &size);

	if (!stream) {
		(void)ms_error_errno(err, "cannot write the record");
		return NULL;
	}
	report = ms_report_new("jsonl", stream, &options, &engine);
	if (ms_report_message(report, outcome, err) == MS_OK &&
	    fflush(stream) == 0)
		object = json_loadb(line, size, 0, NULL);
	ms_report_free(report);
	(void)fclose(stream);
	free(line);
	return object;
}

/* Where the message was, from the root; NULL: in no file of its own or of a
 * mailbox, so that nothing can be put back there. */
static json_t *
place_json(const struct ms_origin *origin)
{
	json_t *value;
	char *path;

	if (origin->ino == 0 || !origin->source)
		return json_null();
	path = g_canonicalize_filename(origin->source, NULL);
	value = text_or_null(path);
	g_free(path);
	return value;
}

char *
ms_custody_text(const struct ms_custody_entry *entry,
    const struct ms_outcome *outcome, size_t *size, struct ms_error *err)
{
	json_t *message = outcome_json(outcome, err);
	char hex[MS_HASH_HEX];
	json_t *record;
	char *dump, *text = NULL;

	if (!message)
		return NULL;
	ms_hash_hex(&entry->sha256, hex);
	record = json_pack("{s:i, s:s, s:s, s:I, s:o, s:I, s:s, s:I, s:s, s:b,"
	    " s:o, s:o, s:[], s:o}",
	    "schema", MS_CUSTODY_SCHEMA,
	    "type", "quarantined",
	    "id", entry->id,
	    "stored", (json_int_t)entry->stored,
	    "by", text_or_null(entry->by),
	    "uid", (json_int_t)geteuid(),
	    "form", entry->zip ? "zip" : "eml",
	    "size", (json_int_t)entry->size,
	    "sha256", hex,
	    "quoted", (int)entry->quoted,
	    "from_line", text_or_null(entry->from_line),
	    "place", place_json(&outcome->origin),
	    "releases",
	    "message", message);
	dump = record ? json_dumps(record, JSON_INDENT(1)) : NULL;
	if (dump) {
		text = g_strconcat(dump, "\n", NULL);
		*size = strlen(text);
	} else {
		(void)ms_error_set(err, MS_E_IO,
		    "cannot write the record: no memory");
	}
	free(dump);
	json_decref(record);
	return text;
}
