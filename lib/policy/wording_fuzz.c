#include "policy/wording.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static size_t
controls(const char *text, size_t size)
{
	size_t count = 0;

	for (size_t i = 0; i < size; i++)
		count += (unsigned char)text[i] < ' ' || text[i] == 0x7f;
	return count;
}

/* The line ends and tabs that TEXT, which passed the check, asks for. */
static size_t
asked_for(const char *text)
{
	size_t count = 0;

	for (const char *p = text; *p; p++)
		if (*p == '\\')
			count += *++p != '\\';
		else if (*p == '%')
			p++;
	return count;
}

/* A text, and a value that stands in all places: nothing of the value makes a
 * line of its own, or a long one. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char *all = g_strndup((const char *)data, size);
	char *text = g_strndup(all, strcspn(all, "\n"));
	const char *value = all + strlen(text);
	const struct ms_wording values = { .client = value, .local = NULL,
		.date = value, .virus = value, .part = value,
		.quarantine = value, .action = value, .host = value,
		.version = value };
	GString *out = g_string_new("before");
	struct ms_error err;

	ms_wording_expand(text, &values, out);
	if (strncmp(out->str, "before", 6) != 0 || strlen(out->str) !=
	    out->len || out->len > 6 + strlen(text) *
	    (MS_WORDING_VALUE_MAX + 3))
		abort();
	if (ms_wording_check(text, &err) == MS_OK &&
	    controls(out->str, out->len) != asked_for(text))
		abort();
	g_string_truncate(out, 0);
	ms_wording_value(value, out);
	if (controls(out->str, out->len) > 0)
		abort();
	g_string_free(out, TRUE);
	g_free(text);
	g_free(all);
	return 0;
}
