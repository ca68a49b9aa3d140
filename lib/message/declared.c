#include "message/declared.h"

#include <gmime/gmime.h>

char *
ms_declared_type(GMimeObject *object)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	char *name = type ? g_mime_content_type_get_mime_type(type) :
	    g_strdup("text/plain");
	char *lower = g_ascii_strdown(name, -1);

	g_free(name);
	return lower;
}

const char *
ms_declared_parameter(GMimeObject *object, const char *name)
{
	return g_mime_object_get_content_type(object) ?
	    g_mime_object_get_content_type_parameter(object, name) : NULL;
}

bool
ms_declared_inline(GMimeObject *object)
{
	const char *how = g_mime_object_get_header(object,
	    "Content-Disposition");

	return (!how || g_ascii_strcasecmp(how, "inline") == 0) &&
	    !g_mime_object_get_header(object, "Content-Description") &&
	    !g_mime_object_get_header(object, "Content-Location");
}
