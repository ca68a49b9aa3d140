#include "sense.h"

#include "actions.h"
#include "audit.h"
#include "command.h"
#include "config.h"
#include "door.h"
#include "milter_sense.h"
#include "mtaconf.h"
#include "program.h"
#include "scan_options.h"
#include "serve_options.h"
#include "serve_sense.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is looked at: a scan as it would be with one profile, or none. */
struct look {
	const struct ms_conf *conf;
	const char *profile;	/* NULL: none */
	struct command cmd;	/* that for scans, under the name of it */
	const struct scan_options *options;
};

/* Does the profile itself say it, if there is one? What the common part says
 * is judged without a profile, once. */
static bool
is_here(const struct look *look, const char *key)
{
	const struct ms_conf_setting *setting = config_find(look->conf,
	    &cmd_scan, look->profile, key);

	return setting && (setting->title != NULL) == (look->profile != NULL);
}

static void G_GNUC_PRINTF(2, 3)
warn(const struct look *look, const char *format, ...)
{
	va_list ap;
	char *text, *quoted;

	va_start(ap, format);
	text = g_strdup_vprintf(format, ap);
	va_end(ap);
	quoted = ms_quote_string(text);
	(void)fprintf(stderr, "mailscan: %s: warning: %s\n", look->cmd.name,
	    quoted);
	g_free(quoted);
	g_free(text);
}

/* Paths that are read by a job at night had better be there, and mean the same
 * wherever it starts. */
static void
look_at_path(const struct look *look, const char *key, const char *path)
{
	struct stat st;

	if (strcmp(path, "-") == 0)
		warn(look, "%s: - is standard input, which a job has not", key);
	else if (!g_path_is_absolute(path))
		warn(look, "%s: %s depends on where mailscan is started", key,
		    path);
	else if (stat(path, &st) != 0)
		warn(look, "%s: %s is not there", key, path);
}

static void
look_at_paths(const struct look *look)
{
	const struct scan_options *o = look->options;

	for (const char *const *p = o->paths; is_here(look, "paths") && p &&
	    *p; p++)
		look_at_path(look, "paths", *p);
	if (is_here(look, "database") && o->database)
		look_at_path(look, "database", o->database);
	if (is_here(look, "tempdir") && o->tempdir)
		look_at_path(look, "tempdir", o->tempdir);
	if (is_here(look, "password-file") && o->password_file)
		look_at_path(look, "password-file", o->password_file);
}

static bool
says_nothing(const struct scan_options *o)
{
	return o->quiet && !o->log && !o->reports && !o->mail_report;
}

static void
look_at_mail(const struct look *look)
{
	const struct scan_options *o = look->options;

	if (o->mail_report && (is_here(look, "mail-report") ||
	    is_here(look, "sendmail")) && access(o->sendmail, X_OK) != 0)
		warn(look, "mail-report: %s cannot be run", o->sendmail);
}

/* Settings of which one makes another one pointless. */
static void
look_at_pairs(const struct look *look)
{
	const struct scan_options *o = look->options;
	const struct {
		bool wrong;
		const char *key, *other;	/* either is said here */
		const char *why;
	} rows[] = {
		{ o->paths && o->file_lists, "paths", "file-list",
		  "paths is not used where there is a file-list" },
		{ o->max_filesize > o->max_scansize, "max-filesize",
		  "max-scansize", "max-filesize is more than max-scansize, "
		  "which ends a message first" },
		{ o->in_process, "in-process", "in-process", "in-process is "
		  "for debuggers: mail is parsed without a sandbox" },
		{ o->in_process && o->require_sandbox, "in-process",
		  "require-sandbox", "there is no sandbox with in-process" },
		{ says_nothing(o), "quiet", "quiet", "quiet, and neither a "
		  "report nor a log: only the exit status will tell" },
		{ o->engine == ENGINE_NONE, "engine", "engine", "nothing is "
		  "looked for with engine = none" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].wrong && (is_here(look, rows[i].key) ||
		    is_here(look, rows[i].other)))
			warn(look, "%s", rows[i].why);
}

/* A profile that says nothing is one that somebody forgot to write. */
static void
look_at_profile(const struct look *look)
{
	const GPtrArray *settings = ms_conf_settings(look->conf);

	for (guint i = 0; i < settings->len; i++) {
		const struct ms_conf_setting *s = settings->pdata[i];

		if (s->title && strcmp(s->title, look->profile) == 0)
			return;
	}
	warn(look, "nothing is in it");
}

/* Everything about LOOK, whose options are what it comes to. */
static bool
look_at_all(const struct look *look)
{
	struct ms_act_config actions;
	bool good = scan_options_check(&look->cmd, look->options) &&
	    actions_check(&look->cmd, look->options, &actions) &&
	    audit_check(&look->cmd, look->options);

	look_at_paths(look);
	look_at_mail(look);
	look_at_pairs(look);
	if (look->profile)
		look_at_profile(look);
	return good;
}

static bool
look_at(const struct ms_conf *conf, const char *profile)
{
	struct scan_options options = scan_options_default;
	struct look look = { .conf = conf, .profile = profile,
		.cmd = cmd_scan, .options = &options };
	GPtrArray *rows = option_rows(&cmd_scan);
	char **origins = g_new0(char *, rows->len + 1);
	char *name = profile ? g_strdup_printf("profile %s", profile) : NULL;
	bool good;

	if (name)
		look.cmd.name = name;
	good = option_settle(&cmd_scan, conf, profile, false, &options,
	    origins) && look_at_all(&look);
	option_free(&cmd_scan, &options);
	for (guint i = 0; i < rows->len; i++)
		g_free(origins[i]);
	g_free(origins);
	g_ptr_array_unref(rows);
	g_free(name);
	return good;
}

/* Fill OPTIONS, of CMD, for option_free(), which is to be called in any
 * case. */
static bool
settle(const struct ms_conf *conf, const struct command *cmd, void *options)
{
	GPtrArray *rows = option_rows(cmd);
	char **origins = g_new0(char *, rows->len + 1);
	bool good;

	cmd->defaults(options);
	good = option_settle(cmd, conf, NULL, false, options, origins);
	for (guint i = 0; i < rows->len; i++)
		g_free(origins[i]);
	g_free(origins);
	g_ptr_array_unref(rows);
	return good;
}

/* What services are asked for. */
struct services {
	struct ground_scene scene;
	const char *mta;
	GPtrArray *sockets;	/* paths of scan sockets that there will be */
	bool any;		/* there are services in it */
};

/* A path, without the word that may stand before it. */
static const char *
bare(const char *socket)
{
	return g_str_has_prefix(socket, "unix:") ? socket + strlen("unix:") :
	    socket;
}

/* CMD, a service, would begin with it, or it is said why it would not. */
static bool
look_at_service(struct services *s, const struct command *cmd)
{
	struct serve_options *options = g_malloc0(sizeof *options);
	struct serve_plan *plan = g_malloc0(sizeof *plan);
	bool good = settle(s->scene.conf, cmd, options);

	s->any = true;
	if (good) {
		good = serve_options_plan(cmd, options, plan);
		good = serve_sense(cmd, options, good ? plan : NULL,
		    &s->scene) && good;
		if (options->scan_socket)
			g_ptr_array_add(s->sockets, g_strdup(bare(
			    options->scan_socket)));
		serve_options_clear(plan);
	}
	option_free(cmd, options);
	g_free(plan);
	g_free(options);
	return good;
}

/* Who asks at SOCKET had better find a service there that is in the same
 * file, if any is. CHROOT: from where it is seen, or NULL. */
static void
look_at_asking(const struct services *s, const struct command *cmd,
    const char *socket, const char *chroot)
{
	char *path = chroot ? g_build_filename(chroot, bare(socket), NULL) :
	    g_strdup(bare(socket));

	if (s->any && s->sockets->len == 0)
		option_warning(cmd, "--scan-socket: nobody will be at %s: say "
		    "scan-socket = \"%s\" in the section serve", path, path);
	else if (s->any && !g_ptr_array_find_with_equal_func(s->sockets, path,
	    g_str_equal, NULL))
		option_warning(cmd, "--scan-socket: nobody will be at %s: the "
		    "service is at %s", path,
		    (const char *)s->sockets->pdata[0]);
	g_free(path);
}

/* The same of a filter for mail servers. */
static bool
look_at_milter(const struct services *s)
{
	struct milter_options options;
	struct milter_plan plan;
	struct ms_error err = { "" };
	bool good = settle(s->scene.conf, &cmd_milter, &options);

	if (good) {
		good = milter_options_plan(&cmd_milter, &options, &plan);
		good = milter_sense(&cmd_milter, &options, good ? &plan : NULL,
		    &s->scene) && good;
		milter_options_clear(&plan);
		look_at_asking(s, &cmd_milter, options.service,
		    options.chroot);
	}
	if (good && s->mta &&
	    mtaconf_check(s->mta, options.listen, &err) != MS_OK)
		option_warning(&cmd_milter, "--listen: %s", err.text);
	option_free(&cmd_milter, &options);
	return good;
}

/* The string in OPTIONS, those of CMD, that its option NAME has; or NULL. */
static const char *
find_string(const struct command *cmd, const void *options, const char *name)
{
	GPtrArray *rows = option_rows(cmd);
	const char *found = NULL;

	for (guint i = 0; i < rows->len && !found; i++) {
		const struct opt *row = rows->pdata[i];

		if (row->type == OPT_STRING && strcmp(row->name, name) == 0)
			found = *(const char *const *)(const void *)
			    ((const unsigned char *)options + row->to);
	}
	g_ptr_array_unref(rows);
	return found;
}

/* Likewise of filter and queue. */
static bool
look_at_door(const struct services *s, const struct command *cmd)
{
	struct door_options *options = g_malloc0(cmd->size);
	bool good = settle(s->scene.conf, cmd, options) &&
	    door_check(cmd, options);
	const char *next = good ? find_string(cmd, options, "next") : NULL;
	char *fault = next ? program_fault(next) : NULL;
	struct ground ground;

	if (good) {
		ground_open(&ground, cmd, NULL, NULL, &s->scene);
		ground_directory(&ground, "tempdir",
		    options->serve.scan.tempdir);
		if (fault)
			ground_fault(&ground, "--next: %s: %s; it is to get "
			    "mail that goes on", next, fault);
		good = ground_close(&ground);
		if (!options->standalone)
			look_at_asking(s, cmd, options->serve.scan_socket,
			    NULL);
	}
	g_free(fault);
	option_free(cmd, options);
	g_free(options);
	return good;
}

static bool
look_at_services(struct services *s)
{
	const struct command *const services[] = { &cmd_serve, &cmd_pool };
	const struct command *const doors[] = { &cmd_filter, &cmd_queue };
	bool good = true;

	for (size_t i = 0; i < G_N_ELEMENTS(services); i++)
		if (config_has_section(s->scene.conf, services[i]))
			good = look_at_service(s, services[i]) && good;
	if (s->mta || config_has_section(s->scene.conf, &cmd_milter))
		good = look_at_milter(s) && good;
	for (size_t i = 0; i < G_N_ELEMENTS(doors); i++)
		if (config_has_section(s->scene.conf, doors[i]))
			good = look_at_door(s, doors[i]) && good;
	return good;
}

bool
sense_check(const struct ms_conf *conf, const char *mta, bool elsewhere)
{
	const char **profiles = ms_conf_titles(conf, "profile");
	struct services services = { { conf, elsewhere }, mta,
		g_ptr_array_new_with_free_func(g_free), false };
	bool good = look_at(conf, NULL);

	good = look_at_services(&services) && good;
	for (const char **p = profiles; *p; p++)
		good = look_at(conf, *p) && good;
	g_ptr_array_unref(services.sockets);
	g_free(profiles);
	return good;
}
