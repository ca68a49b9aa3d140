#include "action/noticetext.h"

#include <stdbool.h>
#include <string.h>

/* Bytes of a value; what is longer ends with "...". Recipients are many. */
#define VALUE_MAX ((size_t)2000)

static const char *const names[] = {
	"action", "client", "date", "file", "from", "helo", "host", "i", "j",
	"mail_addr", "message_id", "quarantine", "rcpt_addr", "recipients",
	"sender", "size", "subject", "version", "virus", "_",
};

static const struct {
	char letter;
	const char *name;
} letters[] = {
	{ 'v', "virus" }, { 'q', "quarantine" },
};

/* What one place of a text is. */
struct place {
	enum { BYTE, NAME, HEADER, WRONG } kind;
	size_t size;		/* of what stands for it */
	char byte;
	const char *name;
	size_t name_size;
};

size_t
ms_noticetext_names(void)
{
	return G_N_ELEMENTS(names);
}

const char *
ms_noticetext_name(size_t index)
{
	return names[index];
}

static bool
is_name(const char *name, size_t size)
{
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (strlen(names[i]) == size &&
		    memcmp(names[i], name, size) == 0)
			return true;
	return false;
}

/* ${NAME} or $NAME$, at TEXT. */
static struct place
named(const char *text)
{
	const bool braced = text[1] == '{';
	const char *name = text + (braced ? 2 : 1);
	const size_t size = strcspn(name, braced ? "}\n" : "$\n");
	const struct place place = { NAME, size + (braced ? 3 : 2), 0, name,
		size };

	if (name[size] == (braced ? '}' : '$') && is_name(name, size))
		return place;
	return (struct place){ .kind = WRONG };
}

static struct place
place_at(const char *text)
{
	if (text[0] == '\\' && text[1] != '\0' && strchr("%$\\", text[1]))
		return (struct place){ BYTE, 2, text[1], NULL, 0 };
	if (text[0] == '\\' || (text[0] != '%' && text[0] != '$'))
		return (struct place){ BYTE, 1, text[0], NULL, 0 };
	if (text[0] == '$')
		return named(text);
	if (text[1] == '%')
		return (struct place){ BYTE, 2, '%', NULL, 0 };
	if (text[1] == 'h')
		return (struct place){ .kind = HEADER, .size = 2 };
	for (size_t i = 0; i < G_N_ELEMENTS(letters); i++)
		if (letters[i].letter == text[1])
			return (struct place){ NAME, 2, 0, letters[i].name,
				strlen(letters[i].name) };
	return (struct place){ .kind = WRONG };
}

enum ms_status
ms_noticetext_check(const char *text, struct ms_error *err)
{
	unsigned line = 1;
	struct place place;
	GString *all;
	enum ms_status status;

	if (!g_utf8_validate(text, -1, NULL))
		return ms_error_set(err, MS_E_USAGE, "it is not UTF-8");
	for (const char *p = text; *p != '\0'; p += place.size) {
		place = place_at(p);
		line += *p == '\n';
		if (place.kind != WRONG)
			continue;
		all = g_string_new(NULL);
		for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
			g_string_append_printf(all, " ${%s}", names[i]);
		status = ms_error_set(err, MS_E_USAGE, "line %u: \"%.*s\" "
		    "stands for nothing: there are %%v %%h %%q%s; a percent "
		    "sign is %%%%, a dollar \\$", line,
		    (int)MIN(strcspn(p, " \n"), 20), p, all->str);
		(void)g_string_free(all, TRUE);
		return status;
	}
	return MS_OK;
}

bool
ms_noticetext_has_header(const char *text)
{
	struct place place;

	for (const char *p = text; *p != '\0'; p += place.size) {
		place = place_at(p);
		if (place.kind == HEADER)
			return true;
		if (place.kind == WRONG)
			break;
	}
	return false;
}

void
ms_noticetext_value(const char *value, GString *out)
{
	const char *p = value ? value : "unknown", *end = p + strlen(p);

	if ((size_t)(end - p) > VALUE_MAX)
		end = p + VALUE_MAX;
	while (p < end) {
		const gunichar c = g_utf8_get_char_validated(p, end - p);
		const bool good = c != (gunichar)-1 && c != (gunichar)-2;

		if (good && g_unichar_isprint(c))
			g_string_append_unichar(out, c);
		else
			g_string_append_c(out, good && c == '\n' ? ' ' : '?');
		p += good ? g_utf8_next_char(p) - p : 1;
	}
	if (value && *end != '\0')
		g_string_append(out, "...");
}

static const char *
find(const struct ms_noticetext_value *values, const struct place *place)
{
	for (; values->name; values++)
		if (strlen(values->name) == place->name_size &&
		    memcmp(values->name, place->name, place->name_size) == 0)
			return values->value;
	return NULL;
}

void
ms_noticetext_expand(const char *text,
    const struct ms_noticetext_value *values, const char *header,
    GString *out)
{
	struct place place;

	for (const char *p = text; *p != '\0'; p += place.size) {
		place = place_at(p);
		if (place.kind == BYTE)
			g_string_append_c(out, place.byte);
		else if (place.kind == NAME)
			ms_noticetext_value(find(values, &place), out);
		else if (place.kind == HEADER)
			g_string_append(out, header);
		else
			break;
	}
}
