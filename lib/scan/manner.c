#include "scan/manner.h"

#include <glib.h>

#include <string.h>

bool
ms_manner_is_uu(const struct ms_content *content)
{
	return content->is_leaf && content->encoding &&
	    strcasestr(content->encoding, "uu");
}

uint64_t
ms_manner(const struct ms_content *content)
{
	const bool is_uu = content->form && ms_manner_is_uu(content);
	const bool is_message = ms_sniff_may_be_message(content->data,
	    content->size, content->content_type, content->filename);
	uint64_t manner = 5381 + is_uu;

	if (!content->form || !(is_uu || content->is_reading))
		return is_message;
	for (guint i = 0; i < content->form->charsets->len; i++)
		manner = manner * 33 +
		    g_str_hash(content->form->charsets->pdata[i]);
	return manner << 1 | is_message;
}
