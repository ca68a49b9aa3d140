#include "milter/entrance.h"

#include "milter/socketname.h"
#include "net/listen.h"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whose the socket at PATH is, and who may use it. */
static enum ms_status
settle_path(const char *path, const struct ms_milter_config *config,
    struct ms_error *err)
{
	const struct group *group;

	if (config->group) {
		group = getgrnam(config->group);
		if (!group)
			return ms_error_set(err, MS_E_USAGE,
			    "there is no group '%s'", config->group);
		if (chown(path, (uid_t)-1, group->gr_gid) != 0)
			return ms_error_errno(err, "%s", path);
	}
	return chmod(path, config->mode) == 0 ? MS_OK :
	    ms_error_errno(err, "%s", path);
}

void
ms_entrance_clear(const char *name)
{
	if (ms_socketname_path(name))
		ms_listen_remove(name);
}

enum ms_status
ms_entrance_settle(const char *name, const struct ms_milter_config *config,
    struct ms_error *err)
{
	const char *path = ms_socketname_path(name);

	if (path)
		return settle_path(path, config, err);
	/* libmilter says each edit and the end in a packet of its own, the
	 * second of which would wait for the server to acknowledge the
	 * first one: 40 ms a message. */
	ms_listen_hasten();
	return MS_OK;
}
