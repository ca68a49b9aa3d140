#include "policy/settings.h"

#include <glib.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* What is printed is read as the same. With both quotation marks in it, it is
 * only for people. */
static void
check_printed(const struct ms_settings *settings)
{
	GString *text = g_string_new(NULL);
	struct ms_settings again;
	struct ms_error err;

	ms_settings_print(settings, text);
	if (!strchr(text->str, '"') || !strchr(text->str, '\'')) {
		if (ms_settings_parse(text->str, &again, &err) != MS_OK ||
		    !ms_settings_equal(settings, &again))
			abort();
		ms_settings_clear(&again);
	}
	g_string_free(text, TRUE);
}

/* Saying it a second time changes nothing, and nothing is lost. */
static void
check_pair(const struct ms_settings *one, const struct ms_settings *two,
    void (*join)(struct ms_settings *, const struct ms_settings *))
{
	struct ms_settings made, again;

	ms_settings_copy(&made, one);
	if (!ms_settings_equal(&made, one))
		abort();
	join(&made, two);
	ms_settings_copy(&again, &made);
	join(&again, two);
	if (made.said != (one->said | two->said) ||
	    !ms_settings_equal(&made, &again))
		abort();
	ms_settings_clear(&made);
	ms_settings_clear(&again);
}

/* Two settings, with a line end between. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char *text = g_strndup((const char *)data, size);
	char **lines = g_strsplit(text, "\n", 2);
	const guint count = g_strv_length(lines);
	struct ms_settings one, two;
	struct ms_error err;

	if (ms_settings_parse(count > 0 ? lines[0] : "", &one, &err) ==
	    MS_OK)
		check_printed(&one);
	else if (one.said != 0)
		abort();
	(void)ms_settings_parse(count > 1 ? lines[1] : "", &two, &err);
	check_pair(&one, &two, ms_settings_over);
	check_pair(&one, &two, ms_settings_strictest);
	ms_settings_clear(&one);
	ms_settings_clear(&two);
	g_strfreev(lines);
	g_free(text);
	return 0;
}
