#include "scan/partpath.h"

#include <glib.h>

#include <string.h>

char *
ms_partpath(const char *outer, const char *name)
{
	char *path = *outer != '\0' ? g_strdup_printf("%s/%.*s", outer,
	    MS_PARTPATH_MAX, name) : g_strndup(name, MS_PARTPATH_MAX);

	if (strlen(path) > MS_PARTPATH_MAX)
		path[MS_PARTPATH_MAX] = '\0';
	return path;
}

char *
ms_partpath_member(const char *outer, const char *stored)
{
	const char *base = strrchr(outer, '/');
	const char *dot;
	char *name, *path;

	base = base ? base + 1 : outer;
	dot = strrchr(base, '.');
	if (strcmp(stored, "data") != 0 || !dot || dot == base)
		return ms_partpath(outer, stored);
	name = g_strndup(base, (gsize)(dot - base));
	path = ms_partpath(outer, name);
	g_free(name);
	return path;
}
