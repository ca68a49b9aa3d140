#include "report/streams.h"

#include "report/fields.h"
#include "report/jsonl.h"
#include "report/line.h"

#include <glib.h>
#include <jansson.h>

#define SECOND_US 1000000

/* "2024-01-31T10:11:12.000000Z", for g_free(); NULL: unknown. */
static char *
show_time(int64_t time_us)
{
	GDateTime *time = time_us < 0 ? NULL :
	    g_date_time_new_from_unix_utc(time_us / SECOND_US);
	char *seconds, *text;

	if (!time)
		return NULL;
	seconds = g_date_time_format(time, "%Y-%m-%dT%H:%M:%S");
	text = g_strdup_printf("%s.%06dZ", seconds,
	    (int)(time_us % SECOND_US));
	g_free(seconds);
	g_date_time_unref(time);
	return text;
}

static json_int_t
number(uint64_t n)
{
	return (json_int_t)MIN(n, INT64_MAX);
}

static json_t *
as_json(const struct ms_streams_row *row)
{
	char *first = show_time(row->first_us);
	char *last = show_time(row->last_us);
	json_t *object = json_pack("{s:i,s:s,s:o,s:s,s:I,s:o,s:o,s:o,s:o,"
	    "s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:b,s:b,s:b,s:b,s:b,s:b}",
	    "schema", MS_JSONL_SCHEMA, "type", "dialogue",
	    "source", ms_fields_quoted(row->source),
	    "format", row->format,
	    "stream", number(row->number),
	    "client", ms_fields_quoted(row->client),
	    "server", ms_fields_quoted(row->server),
	    "first", ms_fields_quoted(first),
	    "last", ms_fields_quoted(last),
	    "unit", row->unit, "position", number(row->position),
	    "client_bytes", number(row->client_bytes),
	    "server_bytes", number(row->server_bytes),
	    "messages", number(row->messages),
	    "gaps", number(row->gaps), "missing", number(row->missing),
	    "client_heard", row->client_heard,
	    "server_heard", row->server_heard,
	    "begun", row->begun, "ended", row->ended,
	    "reset", row->reset, "tls", row->tls);

	g_free(first);
	g_free(last);
	return object;
}

/* "2 messages" */
static void
append_count(GString *out, uint64_t n, const char *what)
{
	g_string_append_printf(out, ", %llu %s%s", (unsigned long long)n,
	    what, n == 1 ? "" : "s");
}

static void
append_side(GString *out, const char *name, bool heard, uint64_t bytes)
{
	if (heard)
		g_string_append_printf(out, ", %s %llu bytes", name,
		    (unsigned long long)bytes);
	else
		g_string_append_printf(out, ", %s not captured", name);
}

static void
as_text(GString *out, const struct ms_streams_row *row)
{
	char *first = show_time(row->first_us);

	ms_line_quoted(out, row->source);
	g_string_append_printf(out, "[stream %llu]: ",
	    (unsigned long long)row->number);
	ms_line_quoted(out, row->client ? row->client : "?");
	g_string_append(out, " > ");
	ms_line_quoted(out, row->server ? row->server : "?");
	if (first)
		g_string_append_printf(out, ", %s", first);
	if (*row->unit)
		g_string_append_printf(out, ", %s %llu", row->unit,
		    (unsigned long long)row->position);
	append_side(out, "client", row->client_heard, row->client_bytes);
	append_side(out, "server", row->server_heard, row->server_bytes);
	append_count(out, row->messages, "message");
	if (row->tls)
		g_string_append(out, ", TLS");
	if (row->gaps > 0) {
		append_count(out, row->gaps, "gap");
		g_string_append_printf(out, " (%llu bytes)",
		    (unsigned long long)row->missing);
	}
	if (!row->begun)
		g_string_append(out, ", its beginning is missing");
	if (row->reset)
		g_string_append(out, ", broken off");
	g_string_append_c(out, '\n');
	g_free(first);
}

enum ms_status
ms_streams_write(FILE *stream, bool json, const struct ms_streams_row *row,
    struct ms_error *err)
{
	GString *out;
	enum ms_status status;

	if (json)
		return ms_fields_write(stream, as_json(row), err);
	out = g_string_new(NULL);
	as_text(out, row);
	status = ms_line_write(stream, out, err);
	g_string_free(out, TRUE);
	return status;
}
