#include "policy/policymap.h"
#include "policy/settings.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* What is printed of settings is read as the same. */
static enum ms_status
check(void *arg, const char *text, struct ms_error *err)
{
	struct ms_settings one, two;
	GString *first = g_string_new(NULL), *second = g_string_new(NULL);
	enum ms_status status = ms_settings_parse(text, &one, err);

	(void)arg;
	if (status == MS_OK) {
		ms_settings_print(&one, first);
		/* With both quotation marks in it, it is only for people. */
		if (!(strchr(first->str, '"') && strchr(first->str, '\''))) {
			if (ms_settings_parse(first->str, &two, err) != MS_OK)
				abort();
			ms_settings_print(&two, second);
			if (strcmp(first->str, second->str) != 0)
				abort();
			ms_settings_clear(&two);
		}
	}
	ms_settings_clear(&one);
	g_string_free(first, TRUE);
	g_string_free(second, TRUE);
	return status;
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ms_policymap *map = ms_policymap_new(check, NULL);
	struct ms_error err;

	(void)ms_policymap_add(map, "fuzz", data, size, &err);
	ms_policymap_seal(map);
	if (size > 0)
		(void)ms_policymap_find(map, (const char *)data, size / 2,
		    NULL);
	(void)ms_policymap_find(map, "", 0, NULL);
	ms_policymap_free(map);
	return 0;
}
