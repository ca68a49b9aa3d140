#include "report/fields.h"

#include <jansson.h>
#include <string.h>

#include "base/quote.h"
#include "report/line.h"

json_t *
ms_fields_quoted(const char *text)
{
	char *quoted = ms_quote_string(text);
	json_t *value = quoted ? json_string(quoted) : json_null();

	g_free(quoted);
	return value;
}

enum ms_status
ms_fields_write(FILE *stream, json_t *object, struct ms_error *err)
{
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
	enum ms_status status;
	GString *out;

	json_decref(object);
	if (!text)
		return ms_error_set(err, MS_E_IO, "no memory for a line");
	out = g_string_new(text);
	g_string_append_c(out, '\n');
	status = ms_line_write(stream, out, err);
	g_string_free(out, TRUE);
	free(text);
	return status;
}

void
ms_fields_fail(struct ms_fields *fields, const char *key, const char *what)
{
	if (fields->status == MS_OK)
		fields->status = ms_error_set(fields->err, MS_E_FORMAT,
		    "\"%s\" is %s", key, what);
}

const json_t *
ms_fields_get(struct ms_fields *fields, const char *key, bool must)
{
	const json_t *value = json_object_get(fields->object, key);

	if (json_is_null(value))
		value = NULL;
	if (!value && must)
		ms_fields_fail(fields, key, "missing");
	return value;
}

char *
ms_fields_unquote(struct ms_fields *fields, const char *key,
    const json_t *value)
{
	GString *out;

	if (!json_is_string(value)) {
		ms_fields_fail(fields, key, "no string");
		return NULL;
	}
	out = g_string_sized_new(json_string_length(value) + 1);
	if (!ms_quote_undo(out, json_string_value(value),
	    json_string_length(value)))
		ms_fields_fail(fields, key, "not quoted as reports are");
	else if (strlen(out->str) != out->len)
		ms_fields_fail(fields, key, "a string with a NUL byte");
	return g_string_free(out, FALSE);
}

char *
ms_fields_text(struct ms_fields *fields, const char *key)
{
	const json_t *value = ms_fields_get(fields, key, false);

	return value ? ms_fields_unquote(fields, key, value) : NULL;
}

char *
ms_fields_need(struct ms_fields *fields, const char *key)
{
	char *text = NULL;

	if (ms_fields_get(fields, key, true))
		text = ms_fields_text(fields, key);
	return text ? text : g_strdup("");
}

const char *
ms_fields_lend(struct ms_fields *fields, const char *key)
{
	char *text = ms_fields_text(fields, key);

	if (text)
		g_ptr_array_add(fields->strings, text);
	return text;
}

const char *
ms_fields_lend_needed(struct ms_fields *fields, const char *key)
{
	char *text = ms_fields_need(fields, key);

	g_ptr_array_add(fields->strings, text);
	return text;
}

int64_t
ms_fields_number(struct ms_fields *fields, const char *key, int64_t min,
    int64_t otherwise)
{
	const json_t *value = ms_fields_get(fields, key, false);

	if (!value)
		return otherwise;
	if (!json_is_integer(value)) {
		ms_fields_fail(fields, key, "no integer");
		return otherwise;
	}
	if (json_integer_value(value) < min)
		ms_fields_fail(fields, key, "too small a number");
	return json_integer_value(value);
}

uint64_t
ms_fields_count(struct ms_fields *fields, const char *key)
{
	return (uint64_t)ms_fields_number(fields, key, 0, 0);
}

bool
ms_fields_flag(struct ms_fields *fields, const char *key)
{
	const json_t *value = ms_fields_get(fields, key, false);

	if (value && !json_is_boolean(value))
		ms_fields_fail(fields, key, "neither true nor false");
	return json_is_true(value);
}

struct ms_digest
ms_fields_digest(struct ms_fields *fields, const char *key, bool must)
{
	const json_t *value = ms_fields_get(fields, key, must);
	struct ms_digest digest = { { 0 } };
	const char *hex = json_string_value(value);

	if (!value)
		return digest;
	if (!hex || json_string_length(value) != MS_HASH_HEX - 1 ||
	    !ms_hash_read(hex, &digest))
		ms_fields_fail(fields, key, "no digest");
	return digest;
}

struct ms_fields
ms_fields_inside(struct ms_fields *fields, const char *key)
{
	struct ms_fields inner = *fields;

	inner.object = ms_fields_get(fields, key, false);
	if (inner.object && !json_is_object(inner.object)) {
		ms_fields_fail(fields, key, "no object");
		inner.object = NULL;
	}
	return inner;
}
