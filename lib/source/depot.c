#include "source/depot.h"

#include "message/maildir.h"
#include "source/cyrus.h"

#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>

static bool
is_directory(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode);
}

static bool
exists(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Are all the NAMES, NULL-ended, directories? */
static bool
has_all(int dir, const char *const *names)
{
	while (*names && is_directory(dir, *names))
		names++;
	return !*names;
}

static bool
is_one_of(const char *name, const char *const *names)
{
	while (*names && strcmp(name, *names) != 0)
		names++;
	return *names != NULL;
}

static bool
is_number(const char *name)
{
	return *name != '\0' && name[strspn(name, "0123456789")] == '\0';
}

static bool
is_dbox(int dir)
{
	/* A directory of messages, the files that mailboxes share, and what
	 * both are in. */
	return exists(dir, "dovecot.map.index.log") ||
	    (exists(dir, "dovecot.index.log") && !is_directory(dir, "cur")) ||
	    (exists(dir, "dovecot.list.index.log") &&
	    is_directory(dir, "mailboxes"));
}

enum ms_depot
ms_depot_kind(const struct ms_source_config *config, int dir)
{
	static const char *const postfix[] = {
		"active", "incoming", "deferred", "hold", NULL
	};
	static const char *const exim[] = { "input", "msglog", NULL };
	static const char *const qmail[] = {
		"mess", "info", "local", "remote", NULL
	};
	static const char *const mess[] = {
		"../../mess", "../../info", "../../local", "../../remote", NULL
	};
	enum ms_source_format format = config->format;
	bool any = format == MS_SOURCE_AUTO;

	if ((any || format == MS_SOURCE_POSTFIX) && has_all(dir, postfix))
		return MS_DEPOT_POSTFIX;
	if ((any || format == MS_SOURCE_EXIM) && has_all(dir, exim))
		return MS_DEPOT_EXIM;
	if ((any || format == MS_SOURCE_QMAIL) && has_all(dir, qmail))
		return MS_DEPOT_QMAIL;
	if ((any || format == MS_SOURCE_QMAIL) && has_all(dir, mess))
		return MS_DEPOT_QMAIL_MESS;
	if (format == MS_SOURCE_CYRUS || (any && ms_cyrus_is(dir)))
		return MS_DEPOT_CYRUS;
	if ((any || format == MS_SOURCE_DBOX) && is_dbox(dir))
		return MS_DEPOT_DBOX;
	return MS_DEPOT_NONE;
}

const char *
ms_depot_format(enum ms_depot depot, const char *name)
{
	if (depot == MS_DEPOT_QMAIL_MESS && is_number(name))
		return "qmail";
	if (depot == MS_DEPOT_CYRUS && ms_cyrus_is_message(name))
		return "cyrus";
	return NULL;
}

bool
ms_depot_ignores(enum ms_depot depot, int dir, const char *name)
{
	static const char *const queues[] = {
		"active", "corrupt", "deferred", "hold", "incoming",
		"maildrop", NULL
	};
	/* Queues with names of their own may be here, too. */
	static const char *const no_mail[] = {
		"db", "log", "msglog", "scan", NULL
	};

	switch (depot) {
	case MS_DEPOT_POSTFIX:
		return !is_one_of(name, queues);
	case MS_DEPOT_EXIM:
		return is_one_of(name, no_mail) || !is_directory(dir, name);
	case MS_DEPOT_QMAIL:
		return strcmp(name, "mess") != 0;
	case MS_DEPOT_CYRUS:
		return strncmp(name, "cyrus.", 6) == 0;
	case MS_DEPOT_DBOX:
		return ms_maildir_is_control(name);
	default:
		return false;
	}
}
