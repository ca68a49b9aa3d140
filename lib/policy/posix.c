#include "policy/posix.h"

#include <regex.h>

static void
free_expression(void *expression)
{
	regfree(expression);
	g_free(expression);
}

GPtrArray *
ms_posix_new(void)
{
	return g_ptr_array_new_with_free_func(free_expression);
}

enum ms_status
ms_posix_add(GPtrArray *list, const char *text, bool extended,
    struct ms_error *err)
{
	regex_t *regex = g_new0(regex_t, 1);
	const int why = regcomp(regex, text, REG_ICASE | REG_NOSUB |
	    (extended ? REG_EXTENDED : 0));
	char said[200];

	if (why == 0) {
		g_ptr_array_add(list, regex);
		return MS_OK;
	}
	(void)regerror(why, regex, said, sizeof said);
	g_free(regex);
	return ms_error_set(err, MS_E_FORMAT, "%s: %s", text, said);
}

bool
ms_posix_finds(const GPtrArray *list, const char *text)
{
	for (guint i = 0; i < list->len; i++)
		if (regexec(list->pdata[i], text, 0, NULL, 0) == 0)
			return true;
	return false;
}
