#include "action/noticetext.h"

#include <glib.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static size_t
count(const char *text, char c)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += *text == c;
	return n;
}

/* A text, and behind a line with a dot a value that stands in all places: it
 * makes no lines, and nothing that cannot be read. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char *text = g_strndup((const char *)data, size);
	char *value = strstr(text, "\n.\n");
	struct ms_noticetext_value values[32] = { { NULL, NULL } };
	GString *out = g_string_new(NULL);
	struct ms_error err;

	if (value) {
		*value = '\0';
		value += 3;
	}
	for (size_t i = 0; i < ms_noticetext_names() && i < 31; i++)
		values[i] = (struct ms_noticetext_value){
			ms_noticetext_name(i), value };
	ms_noticetext_value(value, out);
	if (!g_utf8_validate(out->str, (gssize)out->len, NULL) ||
	    out->len > 2003 || strpbrk(out->str, "\r\n\t\033"))
		abort();
	g_string_truncate(out, 0);
	ms_noticetext_expand(text, values, "HEADER", out);
	if (ms_noticetext_check(text, &err) == MS_OK &&
	    (!g_utf8_validate(out->str, (gssize)out->len, NULL) ||
	    count(out->str, '\n') != count(text, '\n') ||
	    (ms_noticetext_has_header(text) && !strstr(out->str, "HEADER"))))
		abort();
	g_string_free(out, TRUE);
	g_free(text);
	return 0;
}
