#ifndef MS_SELECT_H
#define MS_SELECT_H

#include "source/source.h"

#include <stdbool.h>

/* Which paths and which times the configuration asks for. Globs are matched
 * with the whole path ('*' matches '/', too) and with its last name. */

/* Is the file at PATH to be read? */
bool ms_select_file(const struct ms_source_config *config, const char *path);

/* Is the directory at PATH to be entered? Only exclude counts. */
bool ms_select_directory(const struct ms_source_config *config,
    const char *path);

/* Are there bounds in time at all? */
bool ms_select_has_time(const struct ms_source_config *config);

/* Does SECONDS lie within? What has no time (-1) does. */
bool ms_select_time(const struct ms_source_config *config, int64_t seconds);

#endif
