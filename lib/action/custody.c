#include "action/custody.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "report/fields.h"
#include "report/jsonl.h"

/* Of the digest in a name. */
#define NAME_HEX 16

static enum ms_status
no_memory(struct ms_error *err)
{
	return ms_error_set(err, MS_E_IO, "cannot write the record: no memory");
}

/* OUTCOME as a report has it, for the caller to free; NULL: no memory. */
static json_t *
outcome_json(const struct ms_outcome *outcome, struct ms_error *err)
{
	const struct ms_report_options options = { .parts = true };
	char *line = ms_jsonl_line(outcome, &options, err);
	json_t *object;

	if (!line)
		return NULL;
	object = json_loads(line, 0, NULL);
	g_free(line);
	if (!object)
		(void)no_memory(err);
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
	value = ms_fields_quoted(path);
	g_free(path);
	return value;
}

/* The text of OBJECT, with a line feed behind it unless ONE_LINE. */
static char *
dump(const json_t *object, bool one_line, size_t *size, struct ms_error *err)
{
	char *plain = object ? json_dumps(object,
	    one_line ? JSON_COMPACT : JSON_INDENT(1)) : NULL;
	char *text;

	if (!plain) {
		(void)no_memory(err);
		return NULL;
	}
	text = g_strconcat(plain, one_line ? NULL : "\n", NULL);
	free(plain);
	*size = strlen(text);
	return text;
}

char *
ms_custody_text(const struct ms_custody_entry *entry,
    const struct ms_outcome *outcome, size_t *size, struct ms_error *err)
{
	json_t *message = outcome_json(outcome, err);
	char hex[MS_HASH_HEX];
	json_t *record;
	char *text;

	if (!message)
		return NULL;
	ms_hash_hex(&entry->sha256, hex);
	/* A message is never near to 2^63 bytes. */
	record = json_pack("{s:i, s:s, s:s, s:I, s:o, s:I, s:s, s:I, s:s, s:b, "
	    "s:o, s:o, s:[], s:o}",
	    "schema", MS_CUSTODY_SCHEMA,
	    "type", "quarantined",
	    "id", entry->id,
	    "stored", (json_int_t)entry->stored,
	    "by", ms_fields_quoted(entry->by),
	    "uid", (json_int_t)geteuid(),
	    "form", entry->zip ? "zip" : "eml",
	    "size", (json_int_t)entry->size,
	    "sha256", hex,
	    "quoted", (int)entry->quoted,
	    "from_line", ms_fields_quoted(entry->from_line),
	    "place", place_json(&outcome->origin),
	    "releases",
	    "message", message);
	text = dump(record, false, size, err);
	json_decref(record);
	return text;
}

static void
free_release(gpointer data)
{
	struct ms_custody_release *release = data;

	g_free(release->to);
	g_free(release->detail);
	g_free(release);
}

void
ms_custody_free(struct ms_custody *custody)
{
	if (!custody)
		return;
	ms_readback_item_clear(&custody->item);
	json_decref(custody->object);
	g_ptr_array_unref(custody->releases);
	g_free(custody->id);
	g_free(custody->by);
	g_free(custody->from_line);
	g_free(custody->place);
	g_free(custody);
}

const char *
ms_custody_state_name(enum ms_custody_state state)
{
	static const char *const names[MS_CUSTODY_STATES] = {
		[MS_CUSTODY_RELEASING] = "releasing",
		[MS_CUSTODY_RELEASED] = "released",
		[MS_CUSTODY_FAILED] = "failed",
	};

	return names[state];
}

/* An unknown state is one of which nobody knows how it ended. */
static void
read_release(struct ms_fields *fields, GPtrArray *releases)
{
	struct ms_custody_release *release =
	    g_new0(struct ms_custody_release, 1);
	char *state = ms_fields_need(fields, "state");

	release->to = ms_fields_need(fields, "to");
	for (int i = 0; i < MS_CUSTODY_STATES; i++)
		if (strcmp(state, ms_custody_state_name(
		    (enum ms_custody_state)i)) == 0)
			release->state = (enum ms_custody_state)i;
	release->at = ms_fields_number(fields, "at", 0, 0);
	release->mark = ms_fields_number(fields, "mark", 0, -1);
	release->detail = ms_fields_text(fields, "detail");
	g_ptr_array_add(releases, release);
	g_free(state);
}

static void
read_releases(struct ms_fields *fields, GPtrArray *releases)
{
	const json_t *list = ms_fields_get(fields, "releases", true);
	struct ms_fields inner = *fields;

	if (!json_is_array(list) ||
	    json_array_size(list) > MS_CUSTODY_RELEASES_MAX) {
		ms_fields_fail(fields, "releases", "no list of releases");
		return;
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		inner.object = json_array_get(list, i);
		if (!json_is_object(inner.object))
			ms_fields_fail(&inner, "releases",
			    "not a list of objects");
		if (inner.status == MS_OK)
			read_release(&inner, releases);
	}
	fields->status = inner.status;
}

/* The message as a report would have it: what reads reports reads it. */
static enum ms_status
read_outcome(struct ms_custody *custody, struct ms_error *err)
{
	const json_t *message = json_object_get(custody->object, "message");
	enum ms_status status;
	size_t size;
	char *line;

	if (!json_is_object(message))
		return ms_error_set(err, MS_E_FORMAT,
		    "there is no \"message\"");
	line = dump(message, true, &size, err);
	if (!line)
		return MS_E_IO;
	status = ms_readback_parse(line, size, &custody->item, err);
	g_free(line);
	if (status == MS_END || (status == MS_OK && !custody->item.outcome))
		return ms_error_set(err, MS_E_FORMAT,
		    "\"message\" is none");
	custody->outcome = custody->item.outcome;
	return status;
}

static enum ms_status
read_fields(struct ms_custody *custody, struct ms_error *err)
{
	struct ms_fields fields = { .object = custody->object, .err = err };
	char *form;

	if (ms_fields_number(&fields, "schema", 0, 0) > MS_CUSTODY_SCHEMA)
		return ms_error_set(err, MS_E_UNSUPPORTED,
		    "a newer version wrote this");
	custody->id = ms_fields_need(&fields, "id");
	custody->stored = ms_fields_number(&fields, "stored", 0, 0);
	custody->by = ms_fields_need(&fields, "by");
	form = ms_fields_need(&fields, "form");
	custody->zip = strcmp(form, "zip") == 0;
	if (!custody->zip && strcmp(form, "eml") != 0)
		ms_fields_fail(&fields, "form", "neither eml nor zip");
	g_free(form);
	custody->size = ms_fields_count(&fields, "size");
	custody->sha256 = ms_fields_digest(&fields, "sha256", true);
	custody->quoted = ms_fields_flag(&fields, "quoted");
	custody->from_line = ms_fields_text(&fields, "from_line");
	custody->place = ms_fields_text(&fields, "place");
	if (fields.status == MS_OK && !ms_custody_is_id(custody->id))
		ms_fields_fail(&fields, "id", "none");
	read_releases(&fields, custody->releases);
	return fields.status;
}

enum ms_status
ms_custody_parse(const char *text, size_t size, struct ms_custody **custody,
    struct ms_error *err)
{
	enum ms_status status;
	json_error_t why;
	json_t *object;

	if (size > MS_CUSTODY_BYTES_MAX)
		return ms_error_set(err, MS_E_LIMIT,
		    "larger than any record");
	object = json_loadb(text, size, JSON_REJECT_DUPLICATES, &why);
	if (!json_is_object(object)) {
		json_decref(object);
		return object ? ms_error_set(err, MS_E_FORMAT, "no record") :
		    ms_error_set(err, MS_E_FORMAT, "line %d: %s", why.line,
		    why.text);
	}
	*custody = g_new0(struct ms_custody, 1);
	(*custody)->object = object;
	(*custody)->releases = g_ptr_array_new_with_free_func(free_release);
	status = read_fields(*custody, err);
	if (status == MS_OK)
		status = read_outcome(*custody, err);
	if (status != MS_OK) {
		ms_custody_free(*custody);
		*custody = NULL;
	}
	return status;
}

struct ms_custody_release *
ms_custody_begin(struct ms_custody *custody, const char *to, int64_t at,
    int64_t mark)
{
	struct ms_custody_release *release =
	    g_new0(struct ms_custody_release, 1);

	if (custody->releases->len >= MS_CUSTODY_RELEASES_MAX)
		g_ptr_array_remove_index(custody->releases, 0);
	release->to = g_strdup(to);
	release->at = at;
	release->mark = mark;
	g_ptr_array_add(custody->releases, release);
	return release;
}

char *
ms_custody_dump(struct ms_custody *custody, bool one_line, size_t *size,
    struct ms_error *err)
{
	json_t *list = json_array();

	for (guint i = 0; i < custody->releases->len; i++) {
		const struct ms_custody_release *release =
		    g_ptr_array_index(custody->releases, i);

		if (json_array_append_new(list, json_pack(
		    "{s:o, s:s, s:I, s:o, s:o}",
		    "to", ms_fields_quoted(release->to),
		    "state", ms_custody_state_name(release->state),
		    "at", (json_int_t)release->at,
		    "mark", release->mark < 0 ? json_null() :
		    json_integer(release->mark),
		    "detail", ms_fields_quoted(release->detail))) != 0) {
			json_decref(list);
			list = NULL;
			break;
		}
	}
	if (json_object_set_new(custody->object, "releases", list) != 0) {
		(void)no_memory(err);
		return NULL;
	}
	return dump(custody->object, one_line, size, err);
}

/* Skip COUNT characters of SET, or, if COUNT is 0, as many as there are and
 * at least one. NULL: they are not there. */
static const char *
skip(const char *p, size_t count, const char *set)
{
	size_t n = strspn(p, set);

	if (count == 0)
		return n > 0 ? p + n : NULL;
	return n >= count ? p + count : NULL;
}

bool
ms_custody_is_id(const char *text)
{
	/* YYYYMMDD/HHMMSS.PID.NUMBER.SHA256, of which a beginning */
	static const struct {
		size_t count;
		const char *end;
	} pieces[] = { { 8, "/" }, { 6, "." }, { 0, "." }, { 0, "." } };
	static const char digits[] = "0123456789";
	const char *p = text;

	if (strlen(text) >= MS_QUARANTINE_ID_MAX)
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
		p = skip(p, pieces[i].count, digits);
		if (!p || *p++ != *pieces[i].end)
			return false;
	}
	p = skip(p, NAME_HEX, "0123456789abcdef");
	return p && *p == '\0';
}

/* The number that the SIZE digits at P are. */
static int
digits(const char *p, size_t size)
{
	int n = 0;

	for (size_t i = 0; i < size; i++)
		n = n * 10 + p[i] - '0';
	return n;
}

int64_t
ms_custody_time(const char *id)
{
	struct tm tm = { 0 };

	if (!ms_custody_is_id(id))
		return -1;
	tm.tm_year = digits(id, 4) - 1900;
	tm.tm_mon = digits(id + 4, 2) - 1;
	tm.tm_mday = digits(id + 6, 2);
	tm.tm_hour = digits(id + 9, 2);
	tm.tm_min = digits(id + 11, 2);
	tm.tm_sec = digits(id + 13, 2);
	return timegm(&tm);
}
