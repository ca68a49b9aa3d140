#include "serve_sense.h"

#include <string.h>

/* What is listened on. */
struct listener {
	const char *name;	/* of the option */
	const char *const *texts;
	bool monitors;		/* never open to other machines, and no hop */
};

/* What would be wrong with a socket at OWN, and the option that is to be
 * mended; or NULL. */
static const char *
find_fault(const struct listener *listener, const struct ms_endpoint *own,
    const struct serve_plan *plan, const char **name)
{
	const char *const *targets = plan->master.front.hops.targets;

	*name = listener->name;
	if (!ms_network_is_local(own) && listener->monitors)
		return "can be reached from other machines: name an address "
		    "of this one, such as 127.0.0.1:9100";
	if (!ms_network_is_local(own) && !plan->master.beyond)
		return "can be reached from other machines: say who may come "
		    "(--allow-clients)";
	if (listener->monitors || !targets ||
	    !ms_upstream_is_self(targets, own))
		return NULL;
	/* That one was said, and the other may be a default. */
	*name = "upstream";
	return "is to be listened on, and is the next hop as well: mail would "
	    "go round; say where it goes on to";
}

static bool
look_at_listener(const struct command *cmd, const struct listener *listener,
    const char *text, const struct serve_plan *plan)
{
	const char *wrong = NULL, *name = NULL;
	GArray *list;

	if (g_str_has_prefix(text, "fd:") || ms_endpoint_is_name(text) ||
	    ms_endpoint_resolve(text, true, &list, NULL) != MS_OK)
		return true;
	for (guint i = 0; i < list->len && !wrong; i++)
		wrong = find_fault(listener, &g_array_index(list,
		    struct ms_endpoint, i), plan, &name);
	g_array_unref(list);
	if (wrong)
		(void)option_error(cmd, "--%s: %s %s", name, text, wrong);
	return !wrong;
}

static bool
look_at_listeners(const struct command *cmd, const struct serve_plan *plan)
{
	const struct listener listeners[] = {
		{ "listen", plan->master.listen, false },
		{ "listen-smtps", plan->master.listen_secured, false },
		{ "metrics", plan->master.monitors, true },
	};
	bool good = true;

	for (size_t i = 0; i < G_N_ELEMENTS(listeners); i++)
		for (const char *const *t = listeners[i].texts; t && *t; t++)
			good = look_at_listener(cmd, &listeners[i], *t,
			    plan) && good;
	return good;
}

/* Is it for want of rights that the database cannot be loaded? That has been
 * said. */
static bool
look_at_rights(struct ground *ground, const struct scan_options *scan)
{
	char *denied = ground->here ? ms_database_denied(scan->database ?
	    scan->database : ms_database_default()) : NULL;

	if (!denied)
		return false;
	/* It may be one of those that are not loaded. */
	ground->mild = scan->official_only;
	ground_fault(ground, "%s%s, or name another place%s", scan->database ?
	    "--database: " : "", denied, scan->database ? "" :
	    " (--database)");
	ground->mild = false;
	g_free(denied);
	return true;
}

static void
look_at_database(struct ground *ground, const struct scan_options *scan)
{
	struct ms_database *database = NULL;
	struct ms_error err = { "" };
	const char *path = scan->database;

	if (scan->engine != ENGINE_CLAMAV || look_at_rights(ground, scan))
		return;
	if (ms_database_open(path ? path : ms_database_default(), &database,
	    &err) == MS_OK && database->newest < 0)
		(void)ms_error_set(&err, MS_E_ENGINE, "%s: no signatures are "
		    "in it", database->path);
	ms_database_free(database);
	if (err.text[0] == '\0')
		return;
	/* Where it is by itself it may come later. */
	if (path)
		ground_fault(ground, "--database: %s: let freshclam fetch "
		    "signatures, or name another place", err.text);
	else
		option_warning(ground->cmd, "%s: let freshclam fetch "
		    "signatures, or say where they are (--database)",
		    err.text);
}

static void
look_at_quarantine(struct ground *ground, const char *path)
{
	struct ms_quarantine *quarantine = NULL;
	struct ms_error err;

	if (!path || !g_file_test(path, G_FILE_TEST_EXISTS))
		ground_made(ground, "quarantine", path);
	else if (ms_quarantine_open(path, false, &quarantine, &err) != MS_OK &&
	    ground->here)
		ground_fault(ground, "--%s", err.text);
	ms_quarantine_close(quarantine);
}

static void
read_again(struct ground *ground, const char *name,
    const char *const *paths)
{
	for (; paths && *paths; paths++)
		ground_again(ground, name, *paths);
}

/* The same of what a policy names in other words. */
static void
read_lists_again(struct ground *ground,
    const struct policy_options *options)
{
	for (const char *const *p = options->allow_lists; p && *p; p++)
		ground_again(ground, "allow-list", ms_whom_path(*p));
	for (const char *const *p = options->skip_auth; p && *p; p++)
		ground_again(ground, "skip-auth", ms_logins_path(*p));
}

/* All that is known. */
struct outfit {
	const struct serve_options *options;
	const struct serve_plan *plan;	/* NULL: none */
};

static void
look_at_programs(struct ground *ground, const struct outfit *outfit)
{
	const struct serve_plan *plan = outfit->plan;

	if (!plan)
		return;
	if (plan->event && !outfit->options->compat_shell)
		ground_program(ground, "on-event-command", plan->event[0]);
	if (plan->hole)
		ground_program(ground, "blackhole-command", plan->hole[0]);
	ground_program(ground, "sendmail",
	    plan->master.runner.mailer.sendmail);
}

/* What is opened when the rights of root are gone. */
static void
look_as_user(struct ground *ground, const void *arg)
{
	const struct outfit *outfit = arg;
	const struct serve_options *options = outfit->options;
	const struct scan_options *scan = &options->scan;

	serve_sense_again(ground, options);
	look_at_database(ground, scan);
	look_at_quarantine(ground, options->quarantine);
	ground_directory(ground, "tempdir", scan->tempdir);
	ground->mild = true;
	ground_directory(ground, "record", options->record);
	ground->mild = false;
	look_at_programs(ground, outfit);
	read_again(ground, "policy-map", scan->policy.maps);
	read_lists_again(ground, &scan->policy);
	read_again(ground, "block-name-file", scan->block_name_files);
	ground_again(ground, "allow-sha256", scan->policy.allow_sha256);
	ground_again(ground, "password-file", scan->password_file);
	ground_again(ground, "sign-file", options->sign_file);
	ground_again(ground, "notify-template", options->notify_template);
	ground_again(ground, "notify-template-headers",
	    options->notify_template_headers);
}

/* What is opened by whoever starts it. */
static void
look_at_start(struct ground *ground, const struct serve_options *options,
    const struct serve_plan *plan)
{
	serve_sense_start(ground, options);
	ground_group(ground, "scan-socket-group", options->scan_group);
	if (plan && plan->scan_socket)
		ground_file(ground, "scan-socket", plan->scan_socket +
		    strlen("unix:"));
	ground_sockets(ground, "listen", options->listen);
	ground_sockets(ground, "listen-smtps", options->listen_smtps);
	ground_sockets(ground, "metrics", options->metrics);
}

void
serve_sense_start(struct ground *ground, const struct serve_options *options)
{
	ground_file(ground, "pidfile", options->pidfile);
	if (options->log_to && *options->log_to == '/')
		ground_file(ground, "log-to", options->log_to);
}

void
serve_sense_again(struct ground *ground, const struct serve_options *options)
{
	ground_conf_again(ground);
	if (options->log_to && *options->log_to == '/')
		ground_log_again(ground, "log-to", options->log_to);
}

/* Who names a quarantine wants something in it. */
static void
look_at_use(const struct command *cmd, const struct serve_options *options,
    const struct serve_plan *plan)
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
    const struct serve_plan *plan, const struct ground_scene *scene)
{
	const struct outfit outfit = { options, plan };
	const bool heard = !plan || look_at_listeners(cmd, plan);
	struct ground ground;

	ground_open(&ground, cmd, options->user, options->group, scene);
	look_at_start(&ground, options, plan);
	ground_look(&ground, look_as_user, &outfit);
	if (plan)
		look_at_use(cmd, options, plan);
	return ground_close(&ground) && heard;
}
