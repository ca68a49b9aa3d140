#include "ground.h"

#include <errno.h>
#include <grp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Here all is gone after a start of the system. */
static const char *const fleeting[] = { "/run/", "/var/run/" };

static bool
is_fleeting(const char *path)
{
	for (size_t i = 0; i < G_N_ELEMENTS(fleeting); i++)
		if (g_str_has_prefix(path, fleeting[i]))
			return true;
	return false;
}

void
ground_fault(struct ground *ground, const char *format, ...)
{
	va_list ap;
	char *text;

	va_start(ap, format);
	text = g_strdup_vprintf(format, ap);
	va_end(ap);
	if (ground->here && !ground->mild) {
		(void)option_error(ground->cmd, "%s", text);
		ground->good = false;
	} else {
		option_warning(ground->cmd, "%s", text);
	}
	g_free(text);
}

void
ground_group(struct ground *ground, const char *name, const char *group)
{
	struct ms_error err;
	uid_t uid;
	gid_t gid;

	if (!group || ms_rights_find(NULL, group, &uid, &gid, &err) == MS_OK)
		return;
	ground_fault(ground, "--%s: %s: make one (addgroup --system %s)",
	    name, err.text, group);
	ground->known = false;
}

void
ground_open(struct ground *ground, const struct command *cmd,
    const char *user, const char *group, const struct ground_scene *scene)
{
	struct ms_error err;
	uid_t uid;
	gid_t gid;

	*ground = (struct ground){ .cmd = cmd, .conf = scene->conf,
		.user = user, .group = group,
		.here = !scene->elsewhere && ms_rights_are_all(),
		.known = true, .good = true,
		.common = g_hash_table_new_full(g_str_hash, g_str_equal,
		    g_free, NULL) };
	if (user && ms_rights_find(user, NULL, &uid, &gid, &err) != MS_OK) {
		ground_fault(ground, "--user: %s: make one (adduser --system "
		    "--group %s)", err.text, user);
		ground->known = false;
	}
	ground_group(ground, "group", group);
}

bool
ground_close(struct ground *ground)
{
	g_hash_table_unref(ground->common);
	return ground->good;
}

/* What to look at in a process of its own. */
struct look {
	struct ground *ground;
	void (*look)(struct ground *ground, const void *arg);
	const void *arg;
};

static int
look_as_user(void *arg, int socket)
{
	const struct look *look = arg;
	struct ground *ground = look->ground;
	struct ms_error err;

	(void)socket;
	if (ms_rights_take(ground->user, ground->group, &err) == MS_OK)
		look->look(ground, look->arg);
	else
		ground_fault(ground, "--user: %s", err.text);
	return ground->good ? 0 : 1;
}

void
ground_look(struct ground *ground,
    void (*look)(struct ground *ground, const void *arg), const void *arg)
{
	struct look own = { ground, look, arg };
	const struct ms_child child = { .body = look_as_user, .arg = &own,
		.log = -1 };
	struct ms_error err;
	int socket, pid, status = 0;

	if (!ground->here || !ground->user || !ground->known) {
		look(ground, arg);
		return;
	}
	if (ms_child_start(&child, &socket, &pid, &err) != MS_OK) {
		ground_fault(ground, "%s", err.text);
		return;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	ground->good &= status == 0;
	(void)close(socket);
}

/* Is there a PATH, and does it mean the same wherever the service starts? */
static bool
is_named(const struct ground *ground, const char *name, const char *path)
{
	if (path && !g_path_is_absolute(path))
		option_warning(ground->cmd, "--%s: %s depends on where "
		    "mailscan is started", name, path);
	return path != NULL;
}

/* Who looks. */
static const char *
who(const struct ground *ground)
{
	return ground->user ? ground->user : "root";
}

/* How who() gets the right MODE, BITS to chmod, to what is at PATH, for
 * g_free(); what is in the way may be above it. */
static char *
remedy(const struct ground *ground, const char *path, int mode,
    const char *bits)
{
	char *barrier = ms_rights_barrier(path, mode), *text;
	const struct group *group = NULL;
	struct ms_error err;
	bool above;
	uid_t uid;
	gid_t gid;

	if (!barrier)
		return g_strdup("or name another one");
	above = strcmp(barrier, path) != 0;
	if (ms_rights_find(ground->user, ground->group, &uid, &gid, &err) ==
	    MS_OK)
		group = getgrgid(gid);
	text = g_strdup_printf("chgrp %s %s; chmod %s %s%s", group ?
	    group->gr_name : who(ground), barrier, above ? "g+x" : bits,
	    barrier, above ? ", or keep it elsewhere" : "");
	g_free(barrier);
	return text;
}

/* There is no directory PATH, which is the service's OWN, or for others to look
 * at as well. The same one may be said to be both. */
static void
tell_missing(struct ground *ground, const char *name, const char *path,
    bool own)
{
	char *full = g_canonicalize_filename(path, NULL);
	const char *mode = own && !g_hash_table_contains(ground->common,
	    full) ? "0700" : "0755";

	if (own)
		g_free(full);
	else
		(void)g_hash_table_add(ground->common, full);
	if (is_fleeting(path))
		option_warning(ground->cmd, "--%s: there is no directory %s: "
		    "have it made at each start of the system "
		    "(tmpfiles.d(5)), or of the service "
		    "(RuntimeDirectory=)", name, path);
	else if (ground->user)
		ground_fault(ground, "--%s: there is no directory %s: make "
		    "it (install -d -o %s -m %s %s)", name, path,
		    ground->user, mode, path);
	else
		ground_fault(ground, "--%s: there is no directory %s: make "
		    "it (install -d -m %s %s)", name, path, mode, path);
}

/* Is PATH a directory in which files can be made? Only root can tell. */
static bool
check_directory(struct ground *ground, const char *name, const char *path,
    bool own)
{
	struct stat st;
	const int failure = stat(path, &st) == 0 ? 0 : errno;

	if (failure == ENOENT || failure == ENOTDIR)
		tell_missing(ground, name, path, own);
	else if (failure == 0 && !S_ISDIR(st.st_mode))
		ground_fault(ground, "--%s: %s is no directory: name another "
		    "one", name, path);
	else if (ground->here && access(path, W_OK | X_OK) != 0)
		ground_fault(ground, "--%s: %s cannot write to %s: %s (chown "
		    "%s %s), or name another one", name, who(ground), path,
		    g_strerror(errno), who(ground), path);
	else
		return true;
	return false;
}

void
ground_directory(struct ground *ground, const char *name, const char *path)
{
	if (is_named(ground, name, path))
		(void)check_directory(ground, name, path, true);
}

void
ground_file(struct ground *ground, const char *name, const char *path)
{
	char *parent;

	if (!is_named(ground, name, path))
		return;
	parent = g_path_get_dirname(path);
	if (check_directory(ground, name, parent, false) &&
	    g_file_test(path, G_FILE_TEST_IS_DIR))
		ground_fault(ground, "--%s: %s is a directory: name a file in "
		    "it", name, path);
	g_free(parent);
}

void
ground_made(struct ground *ground, const char *name, const char *path)
{
	char *parent;

	if (!is_named(ground, name, path))
		return;
	parent = g_path_get_dirname(path);
	if (ground->here && g_file_test(parent, G_FILE_TEST_IS_DIR) &&
	    access(parent, W_OK | X_OK) != 0)
		ground_fault(ground, "--%s: %s cannot make %s: %s: make it "
		    "for that user (install -d -o %s -m 0700 %s)", name,
		    who(ground), path, g_strerror(errno), who(ground), path);
	else
		(void)check_directory(ground, name, parent, false);
	g_free(parent);
}

void
ground_sockets(struct ground *ground, const char *name,
    const char *const *texts)
{
	for (; texts && *texts; texts++)
		if (g_str_has_prefix(*texts, "unix:"))
			ground_file(ground, name, *texts + strlen("unix:"));
}

/* Will somebody use PATH who is not the one that starts the service, and can it
 * be told what that one may? */
static bool
is_anothers(const struct ground *ground, const char *path)
{
	return path && ground->here && ground->user;
}

/* PREFIX: what is said before it. */
static void
check_readable(struct ground *ground, const char *prefix, const char *path)
{
	const int failure = access(path, R_OK) == 0 ? 0 : errno;
	char *text;

	if (failure == 0)
		return;
	text = remedy(ground, path, R_OK, "g+r");
	ground_fault(ground, "%s%s cannot read %s: %s: that is read at the "
	    "start, but no reload (SIGHUP) will be done (%s)", prefix,
	    who(ground), path, g_strerror(failure), text);
	g_free(text);
}

void
ground_again(struct ground *ground, const char *name, const char *path)
{
	char *prefix;

	if (!is_named(ground, name, path) || !is_anothers(ground, path))
		return;
	prefix = g_strdup_printf("--%s: ", name);
	check_readable(ground, prefix, path);
	g_free(prefix);
}

void
ground_conf_again(struct ground *ground)
{
	const char *path;

	for (guint i = 0; (path = ms_conf_file(ground->conf, i)); i++)
		if (is_anothers(ground, path))
			check_readable(ground, "", path);
}

void
ground_log_again(const struct ground *ground, const char *name,
    const char *path)
{
	char *dir;

	if (!is_anothers(ground, path))
		return;
	dir = g_path_get_dirname(path);
	if (access(dir, W_OK | X_OK) != 0 && errno == EACCES)
		option_warning(ground->cmd, "--%s: %s cannot write to %s: once "
		    "the log has another name no new one will be made "
		    "(SIGUSR1): have a directory that belongs to %s, or "
		    "rotate it with copytruncate", name, who(ground), dir,
		    who(ground));
	g_free(dir);
}

void
ground_program(struct ground *ground, const char *name, const char *path)
{
	char *text;

	if (!is_anothers(ground, path) || access(path, X_OK) == 0)
		return;
	text = remedy(ground, path, X_OK, "g+rx");
	ground_fault(ground, "--%s: %s cannot run %s: %s (%s)", name,
	    who(ground), path, g_strerror(EACCES), text);
	g_free(text);
}
