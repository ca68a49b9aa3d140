#include "scan/pick.h"

#include "base/glob.h"

#include <glib.h>

#include <string.h>

/* Two names of 127 characters at most. */
#define TYPE_MAX 255

static bool
matches(const char *glob, const char *type)
{
	char *lower = g_ascii_strdown(glob, -1);
	bool match = type && strnlen(type, TYPE_MAX + 1) <= TYPE_MAX &&
	    ms_glob(lower, type);

	g_free(lower);
	return match;
}

bool
ms_pick_wants(const struct ms_pick *pick, const char *declared,
    const char *detected, bool found)
{
	if (!pick->any || (pick->found_only && !found))
		return false;
	for (const char *const *glob = pick->types; glob && *glob; glob++)
		if (matches(*glob, declared) || matches(*glob, detected))
			return true;
	return !pick->types;
}
