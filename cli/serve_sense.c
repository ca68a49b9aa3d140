#include "serve_sense.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>

/* Would a socket at TEXT be open to other machines, or be the next hop? */
static bool
look_at_listener(const struct command *cmd, const char *name,
    const char *text, const struct serve_plan *plan)
{
	const char *const *targets = plan->master.front.hops.targets;
	const char *wrong = NULL;
	GArray *list;

	if (g_str_has_prefix(text, "fd:") || ms_endpoint_is_name(text) ||
	    ms_endpoint_resolve(text, true, &list, NULL) != MS_OK)
		return true;
	for (guint i = 0; i < list->len && !wrong; i++) {
		const struct ms_endpoint *own = &g_array_index(list,
		    struct ms_endpoint, i);

		if (!plan->master.beyond && !ms_network_is_local(own))
			wrong = "can be reached from other machines: say who "
			    "may come (--allow-clients)";
		else if (targets && ms_upstream_is_self(targets, own))
			wrong = "is to be listened on, and is the next hop as "
			    "well";
	}
	g_array_unref(list);
	if (wrong)
		(void)option_error(cmd, "--%s: %s %s", name, text, wrong);
	return !wrong;
}

static bool
look_at_listeners(const struct command *cmd, const char *name,
    const char *const *texts, const struct serve_plan *plan)
{
	bool good = true;

	for (; texts && *texts; texts++)
		good = look_at_listener(cmd, name, *texts, plan) && good;
	return good;
}

static void
look_for_directory(const struct command *cmd, const char *name,
    const char *path)
{
	if (path && !g_file_test(path, G_FILE_TEST_IS_DIR))
		option_warning(cmd, "--%s: there is no directory %s", name,
		    path);
}

/* Where PATH is to be made. */
static void
look_for_parent(const struct command *cmd, const char *name, const char *path)
{
	char *parent;

	if (!path)
		return;
	parent = g_path_get_dirname(path);
	look_for_directory(cmd, name, parent);
	g_free(parent);
}

static void
look_for_sockets(const struct command *cmd, const char *name,
    const char *const *texts)
{
	for (; texts && *texts; texts++)
		if (g_str_has_prefix(*texts, "unix:"))
			look_for_parent(cmd, name, *texts + strlen("unix:"));
}

static void
look_for_places(const struct command *cmd, const struct serve_options *options)
{
	const char *database = options->scan.database;

	if (database && !g_file_test(database, G_FILE_TEST_EXISTS))
		option_warning(cmd, "--database: %s is not there", database);
	look_for_directory(cmd, "tempdir", options->scan.tempdir);
	look_for_directory(cmd, "record", options->record);
	look_for_parent(cmd, "quarantine", options->quarantine);
	look_for_parent(cmd, "pidfile", options->pidfile);
	look_for_parent(cmd, "scan-socket", options->scan_socket);
	if (options->log_to && *options->log_to == '/')
		look_for_parent(cmd, "log-to", options->log_to);
	look_for_sockets(cmd, "listen", options->listen);
	look_for_sockets(cmd, "listen-smtps", options->listen_smtps);
	look_for_sockets(cmd, "metrics", options->metrics);
}

static void
look_for_people(const struct command *cmd, const struct serve_options *options)
{
	if (options->user && !getpwnam(options->user))
		option_warning(cmd, "--user: there is no user %s",
		    options->user);
	if (options->group && !getgrnam(options->group))
		option_warning(cmd, "--group: there is no group %s",
		    options->group);
}

/* Who names a quarantine wants something in it. */
static void
look_at_quarantine(const struct command *cmd,
    const struct serve_options *options, const struct serve_plan *plan)
{
	bool used = options->scan_socket != NULL;

	for (int i = 0; i < MS_OCCASIONS; i++)
		used |= plan->rules.on[i].quarantine;
	if (options->quarantine && !used)
		option_warning(cmd, "--quarantine: nothing that was found is "
		    "kept in it: no on-... says quarantine (such as "
		    "on-infected = quarantine+reject)");
}

bool
serve_sense(const struct command *cmd, const struct serve_options *options,
    const struct serve_plan *plan)
{
	const bool plain = look_at_listeners(cmd, "listen",
	    plan->master.listen, plan);
	const bool secured = look_at_listeners(cmd, "listen-smtps",
	    plan->master.listen_secured, plan);

	look_for_places(cmd, options);
	look_for_people(cmd, options);
	look_at_quarantine(cmd, options, plan);
	return plain && secured;
}
