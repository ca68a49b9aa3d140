#include "message/header.h"

#include <gmime/gmime.h>
#include <string.h>

#include "message/head.h"

struct field {
	const unsigned char *data;
	size_t name;		/* its size */
	size_t size;		/* of all, with its line ends */
};

/* The field at DATA, with the lines that continue it. */
static bool
next_field(const unsigned char *data, size_t size, struct field *field)
{
	const unsigned char *end = data + size, *p = data;

	*field = (struct field){ .data = data,
		.name = ms_head_name(data, size) };
	do {
		const unsigned char *eol = memchr(p, '\n',
		    (size_t)(end - p));

		p = eol ? eol + 1 : end;
	} while (p < end && (*p == ' ' || *p == '\t'));
	field->size = (size_t)(p - data);
	return field->name > 0 && !memchr(data, '\0', field->size);
}

static bool
is_named(const struct field *field, const char *name)
{
	return strlen(name) == field->name && g_ascii_strncasecmp(name,
	    (const char *)field->data, field->name) == 0;
}

static char *
text_of(const struct field *field)
{
	char *raw = g_strndup((const char *)field->data + field->name + 1,
	    field->size - field->name - 1);
	char *line = g_mime_utils_header_unfold(raw);
	char *text = g_mime_utils_header_decode_text(NULL, line);

	g_free(line);
	g_free(raw);
	return g_strstrip(text);
}

/* The date is that of the LAST such field, or what the FIRST one says. */
static char *
date_of(const struct field *first, const struct field *last)
{
	char *text = text_of(last), *out;
	GDateTime *date = g_mime_utils_header_decode_date(text);

	g_free(text);
	if (!date)
		return text_of(first);
	out = g_date_time_format(date, "%Y-%m-%dT%H:%M:%S%:z");
	g_date_time_unref(date);
	return out;
}

static bool
may_be_partial(const struct field *field)
{
	const unsigned char *p = field->data, *end = p + field->size;

	for (; end - p >= 7; p++)
		if ((*p | 0x20) == 'p' && g_ascii_strncasecmp("partial",
		    (const char *)p, 7) == 0)
			return true;
	return false;
}

static void
take(const struct field *field, struct ms_header *header)
{
	/* Of two, the first. */
	if (!header->message_id && is_named(field, "Message-Id"))
		header->message_id = text_of(field);
	else if (!header->subject && is_named(field, "Subject"))
		header->subject = text_of(field);
	else if (!header->from && is_named(field, "From"))
		header->from = text_of(field);
	else if (!header->to && is_named(field, "To"))
		header->to = text_of(field);
}

bool
ms_header_read(const unsigned char *data, size_t size,
    struct ms_header *header)
{
	struct field field, first = { .size = 0 }, last = { .size = 0 };
	size_t at = 0;

	*header = (struct ms_header){ 0 };
	while (at < size) {
		if (!next_field(data + at, size - at, &field) ||
		    (is_named(&field, "Content-Type") &&
		    may_be_partial(&field))) {
			g_free(header->message_id);
			g_free(header->subject);
			g_free(header->from);
			g_free(header->to);
			*header = (struct ms_header){ 0 };
			return false;
		}
		take(&field, header);
		if (is_named(&field, "Date")) {
			first = first.size == 0 ? field : first;
			last = field;
		}
		at += field.size;
	}
	if (last.size > 0)
		header->date = date_of(&first, &last);
	return true;
}
