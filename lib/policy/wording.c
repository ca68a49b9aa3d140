#include "policy/wording.h"

#include <stddef.h>
#include <string.h>

static const struct {
	char letter;
	size_t offset;
} places[] = {
	{ 'i', offsetof(struct ms_wording, client) },
	{ 'l', offsetof(struct ms_wording, local) },
	{ 'd', offsetof(struct ms_wording, date) },
	{ 'v', offsetof(struct ms_wording, virus) },
	{ 'f', offsetof(struct ms_wording, part) },
	{ 'q', offsetof(struct ms_wording, quarantine) },
	{ 'a', offsetof(struct ms_wording, action) },
	{ 'h', offsetof(struct ms_wording, host) },
	{ 'V', offsetof(struct ms_wording, version) },
};

static const char escapes[] = "rnt\\", escaped[] = "\r\n\t\\";

/* The place that LETTER stands for, or the number of places. */
static size_t
find(char letter)
{
	size_t i = 0;

	while (i < G_N_ELEMENTS(places) && places[i].letter != letter)
		i++;
	return i;
}

enum ms_status
ms_wording_check(const char *text, struct ms_error *err)
{
	for (const char *p = text; *p; p++) {
		const char *mark = p;

		if (*p == '%' && *++p != '%' &&
		    find(*p) == G_N_ELEMENTS(places))
			return ms_error_set(err, MS_E_USAGE, "\"%.2s\" at "
			    "byte %zu stands for nothing: there are %%i %%l "
			    "%%d %%v %%f %%q %%a %%h %%V and %%%%", mark,
			    (size_t)(mark - text) + 1);
		if (*mark == '\\' && (*++p == '\0' || !strchr(escapes, *p)))
			return ms_error_set(err, MS_E_USAGE, "\"%.2s\" at "
			    "byte %zu stands for nothing: there are \\r \\n "
			    "\\t and \\\\", mark, (size_t)(mark - text) + 1);
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return ms_error_set(err, MS_E_USAGE, "there is a "
			    "control character at byte %zu",
			    (size_t)(p - text) + 1);
	}
	return MS_OK;
}

void
ms_wording_value(const char *value, GString *out)
{
	size_t size;

	if (!value) {
		g_string_append(out, "unknown");
		return;
	}
	size = strlen(value);
	for (size_t i = 0; i < MIN(size, MS_WORDING_VALUE_MAX); i++)
		g_string_append_c(out, value[i] >= ' ' && value[i] <= '~' ?
		    value[i] : '?');
	if (size > MS_WORDING_VALUE_MAX)
		g_string_append(out, "...");
}

void
ms_wording_expand(const char *text, const struct ms_wording *values,
    GString *out)
{
	for (const char *p = text; *p; p++) {
		const char *escape;
		size_t i;

		if (*p == '\\' && p[1] != '\0' &&
		    (escape = strchr(escapes, p[1]))) {
			g_string_append_c(out, escaped[escape - escapes]);
			p++;
		} else if (*p == '%' && p[1] == '%') {
			g_string_append_c(out, *p++);
		} else if (*p == '%' &&
		    (i = find(p[1])) < G_N_ELEMENTS(places)) {
			ms_wording_value(*(const char *const *)(const void *)
			    ((const char *)values + places[i].offset), out);
			p++;
		} else {
			g_string_append_c(out, *p);
		}
	}
}
