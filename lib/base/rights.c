#include "base/rights.h"

#include <errno.h>
#include <glib.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

/* TEXT as the number of a user or a group. */
static bool
read_number(const char *text, unsigned *number)
{
	guint64 value;

	/* -1 means nobody in particular to the system. */
	if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT32 - 1, &value,
	    NULL))
		return false;
	*number = (unsigned)value;
	return true;
}

static const struct passwd *
find_user(const char *user)
{
	const struct passwd *found = getpwnam(user);
	unsigned number;

	return !found && read_number(user, &number) ? getpwuid(number) : found;
}

static bool
find_group(const char *group, gid_t *gid)
{
	const struct group *found = getgrnam(group);
	unsigned number;

	if (!found && !read_number(group, &number))
		return false;
	*gid = found ? found->gr_gid : number;
	return true;
}

/* Groups first: who is not root any more cannot change them, and beneath DIR
 * nobody says who is in which. */
static enum ms_status
change(const char *name, uid_t uid, gid_t gid, const char *dir,
    struct ms_error *err)
{
	if (initgroups(name, gid) != 0)
		return ms_error_errno(err, "cannot become %s", name);
	if (dir && (chroot(dir) != 0 || chdir("/") != 0))
		return ms_error_errno(err, "cannot make %s the root", dir);
	if (setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
		return ms_error_errno(err, "cannot become %s", name);
	if (uid != 0 && (setuid(0) == 0 || geteuid() != uid ||
	    getegid() != gid))
		return ms_error_set(err, MS_E_IO, "the rights of root stay");
	return MS_OK;
}

/* As ms_rights_find(); *NAME, for g_free(), is what the system calls USER. */
static enum ms_status
find(const char *user, const char *group, char **name, uid_t *uid,
    gid_t *gid, struct ms_error *err)
{
	const struct passwd *entry;

	*name = NULL;
	*uid = (uid_t)-1;
	*gid = (gid_t)-1;
	errno = 0;
	entry = user ? find_user(user) : NULL;
	if (user && !entry)
		return ms_error_set(err, MS_E_USAGE, "there is no user '%s'%s"
		    "%s", user, errno ? ": " : "", errno ? g_strerror(errno) :
		    "");
	if (entry) {
		*uid = entry->pw_uid;
		*gid = entry->pw_gid;
	}
	if (group && !find_group(group, gid))
		return ms_error_set(err, MS_E_USAGE, "there is no group '%s'",
		    group);
	*name = entry ? g_strdup(entry->pw_name) : NULL;
	return MS_OK;
}

enum ms_status
ms_rights_find(const char *user, const char *group, uid_t *uid, gid_t *gid,
    struct ms_error *err)
{
	char *name;
	const enum ms_status status = find(user, group, &name, uid, gid, err);

	g_free(name);
	return status;
}

static enum ms_status
take(const char *user, const char *group, const char *dir,
    struct ms_error *err)
{
	uid_t uid;
	gid_t gid;
	char *name;
	enum ms_status status = find(user, group, &name, &uid, &gid, err);

	if (status == MS_OK && ms_rights_are_all())
		status = change(name, uid, gid, dir, err);
	else if (status == MS_OK && geteuid() != uid)
		status = ms_error_set(err, MS_E_USAGE, "only root can become "
		    "'%s'", user);
	g_free(name);
	return status;
}

enum ms_status
ms_rights_take(const char *user, const char *group, struct ms_error *err)
{
	return take(user, group, NULL, err);
}

enum ms_status
ms_rights_confine(const char *dir, const char *user, const char *group,
    struct ms_error *err)
{
	if (!ms_rights_are_all())
		return ms_error_set(err, MS_E_USAGE, "only root can make %s "
		    "the root", dir);
	return take(user, group, dir, err);
}

bool
ms_rights_are_all(void)
{
	return geteuid() == 0;
}

char *
ms_rights_name(uid_t uid)
{
	const struct passwd *entry = getpwuid(uid);

	return entry ? g_strdup(entry->pw_name) :
	    g_strdup_printf("%lu", (unsigned long)uid);
}

char *
ms_rights_barrier(const char *path, int mode)
{
	if (access(path, mode) == 0 || errno != EACCES)
		return NULL;
	for (const char *p = path; *p && (p = strchr(p + 1, '/')); ) {
		char *above = g_strndup(path, (gsize)(p - path));

		if (access(above, X_OK) != 0 && errno == EACCES)
			return above;
		g_free(above);
	}
	return g_strdup(path);
}
