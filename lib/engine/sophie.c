#include "engine/sophie.h"

#include <string.h>

enum ms_status
ms_sophie_read(const void *data, size_t size, char **name,
    struct ms_error *err)
{
	char *text = g_strndup(data, MIN(size, (size_t)MS_SOPHIE_MAX));
	enum ms_status status = MS_E_PEER;

	/* A NUL within would hide what follows. */
	if (size > MS_SOPHIE_MAX || (strlen(text) != size &&
	    !(strlen(text) + 1 == size))) {
		(void)ms_error_set(err, MS_E_PEER, "no answer of Sophie's");
		g_free(text);
		return status;
	}
	(void)g_strchomp(text);
	if (strcmp(text, "0") == 0) {
		status = MS_END;
	} else if (strcmp(text, "1") == 0 || g_str_has_prefix(text, "1:")) {
		*name = g_strdup(strlen(text) > 2 ? text + 2 : "unnamed");
		status = MS_OK;
	} else if (text[0] == '-' && g_ascii_isdigit(text[1])) {
		(void)ms_error_set(err, MS_E_PEER, "Sophie says %.200s",
		    text);
	} else {
		(void)ms_error_set(err, MS_E_PEER, "no answer of Sophie's");
	}
	g_free(text);
	return status;
}
