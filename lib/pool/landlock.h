#ifndef MS_LANDLOCK_H
#define MS_LANDLOCK_H

#include "base/error.h"

#include <stdbool.h>

/*
 * Landlock (landlock(7)): what this process may do to files from now on, by
 * the directories they are in, as far as the kernel can withhold it.
 */

/* What may be done in a directory, and below it. */
enum ms_landlock_use {
	MS_LANDLOCK_FILES,	/* make, read, write and remove regular files */
	MS_LANDLOCK_TREES,	/* likewise, and directories */
	MS_LANDLOCK_KEEP,	/* likewise, and move from one to another */
	MS_LANDLOCK_READ	/* read, if it is there at all */
};

struct ms_landlock_rule {
	const char *dir;
	enum ms_landlock_use use;
};

/* The version of what the kernel has; 0 or less: nothing. */
long ms_landlock_abi(void);

/*
 * Allow what RULES, which end with a NULL directory, name, and no other file.
 * Without NET no TCP, either. MS_OK if there is no Landlock, too.
 */
enum ms_status ms_landlock_enter(const struct ms_landlock_rule *rules,
    bool net, struct ms_error *err);

#endif
