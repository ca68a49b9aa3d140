#include "serve_options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Options for what the service is to the system; they count at the start. */

/* The first descriptor that systemd hands over, and the most it may. */
#define FIRST_FD 3
#define FDS_MAX 1000

#define TO(field) offsetof(struct serve_options, field), 0, 0, NULL

const struct opt serve_service_rows[] = {
	{ "user", 0, OPT_STRING, true, "Service", "NAME",
	  "whose rights to have once all is opened that root is needed for",
	  TO(user) },
	{ "group", 0, OPT_STRING, false, NULL, "NAME",
	  "in place of the user's own", TO(group) },
	{ "pidfile", 0, OPT_STRING, true, NULL, "FILE",
	  "where the number of the process is", TO(pidfile) },
	{ "daemon", 0, OPT_FLAG, true, NULL, NULL,
	  "go on in the background, once it has begun", TO(daemon) },
	{ 0 },
};

/* The number in the variable NAME, from 1 to MAX; 0: there is none. */
static guint64
number_of(const char *name, guint64 max)
{
	const char *text = getenv(name);
	guint64 n;

	return text && g_ascii_string_to_unsigned(text, 10, 1, max, &n,
	    NULL) ? n : 0;
}

/* Is what the service manager has set meant for this process? */
static bool
is_ours(const char *name, bool must)
{
	return getenv(name) ? number_of(name, G_MAXINT) == (guint64)getpid() :
	    !must;
}

/* Listen to the sockets that it has opened, if nothing else was said. */
static void
take_sockets(const struct serve_options *options, struct serve_plan *plan)
{
	const guint64 count = is_ours("LISTEN_PID", true) ?
	    number_of("LISTEN_FDS", FDS_MAX) : 0;

	if (options->pool || options->listen || options->listen_smtps ||
	    count == 0)
		return;
	plan->inherited = g_new0(char *, count + 1);
	for (guint64 i = 0; i < count; i++)
		plan->inherited[i] = g_strdup_printf("fd:%" G_GUINT64_FORMAT,
		    FIRST_FD + i);
	plan->master.listen = (const char *const *)plan->inherited;
}

bool
serve_service_plan(const struct command *cmd,
    const struct serve_options *options, struct serve_plan *plan)
{
	struct ms_service_config *service = &plan->master.service;

	if (options->group && !options->user) {
		(void)option_error(cmd, "--group: there is no --user");
		return false;
	}
	if (options->daemon && !options->log_to && isatty(STDERR_FILENO)) {
		(void)option_error(cmd, "--daemon: say where the log goes "
		    "(--log-to)");
		return false;
	}
	take_sockets(options, plan);
	service->user = options->user;
	service->group = options->group;
	service->pidfile = options->pidfile;
	service->loud = plan->log.to == NULL || *plan->log.to == '/';
	service->manager = getenv("NOTIFY_SOCKET");
	if (service->manager && *service->manager == '\0')
		service->manager = NULL;
	if (is_ours("WATCHDOG_PID", false))
		service->watchdog_ms = (int64_t)(number_of("WATCHDOG_USEC",
		    G_MAXINT64) / 1000);
	return true;
}

void
serve_service_clear(struct serve_plan *plan)
{
	g_strfreev(plan->inherited);
}
