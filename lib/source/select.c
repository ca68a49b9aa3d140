#include "source/select.h"

#include <fnmatch.h>
#include <string.h>

static bool
matches(const char *const *globs, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	for (; globs && *globs; globs++)
		if (fnmatch(*globs, path, 0) == 0 ||
		    fnmatch(*globs, name, 0) == 0)
			return true;
	return false;
}

bool
ms_select_file(const struct ms_source_config *config, const char *path)
{
	if (config->include && *config->include &&
	    !matches(config->include, path))
		return false;
	return !matches(config->exclude, path);
}

bool
ms_select_directory(const struct ms_source_config *config, const char *path)
{
	return !matches(config->exclude, path);
}

bool
ms_select_has_time(const struct ms_source_config *config)
{
	return config->since != INT64_MIN || config->until != INT64_MAX;
}

bool
ms_select_time(const struct ms_source_config *config, int64_t seconds)
{
	if (seconds == -1)
		return true;
	return seconds >= config->since && seconds < config->until;
}
