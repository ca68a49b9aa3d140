#include "background.h"
#include "command.h"
#include "exit.h"
#include "serve_options.h"
#include "value.h"

#include <fcntl.h>
#include <unistd.h>

/* What was said at one time, on the command line and in the file. */
struct edition {
	struct serve_options options;
	struct serve_plan plan;
};

/* How it is asked again. The lists of STARTED and LOGGING may be gone; what is
 * compared with them has none. */
struct service {
	const struct command *cmd;
	int argc;
	char **argv;		/* as they were */
	struct serve_options started;	/* what it began with */
	struct serve_options logging;	/* what the log is by */
	GPtrArray *editions;	/* of struct edition: the last one, and others
				 * that are still used */
};

static void
defaults(void *into)
{
	struct serve_options *options = into;

	*options = serve_options_default;
	options->scan = scan_options_default;
}

static void
pool_defaults(void *into)
{
	struct serve_options *options = into;

	defaults(into);
	options->pool = true;
	options->scan_socket = MS_COUNTER_USUAL;
}

static void
free_edition(gpointer data)
{
	struct edition *edition = data;

	serve_options_clear(&edition->plan);
	option_free(&cmd_serve, &edition->options);
	g_free(edition);
}

/* NULL: it was explained, or helped; *STATUS is what to exit with. */
static struct edition *
read_edition(const struct service *service, int *status)
{
	const GPtrArray *before = service->editions;
	struct edition *edition = g_new0(struct edition, 1);
	int count;
	bool good;

	service->cmd->defaults(&edition->options);
	count = background_read(service->cmd, service->argc, service->argv,
	    &edition->options, status);
	good = count == 0;
	if (count < 0) {
		g_free(edition);
		return NULL;
	}
	if (good) {
		edition->plan.before = before->len == 0 ? NULL :
		    &((struct edition *)before->pdata[before->len - 1])->plan;
		good = serve_options_plan(service->cmd, &edition->options,
		    &edition->plan);
		*status = EXIT_TROUBLE;
	}
	if (good)
		return edition;
	free_edition(edition);
	return NULL;
}

/* Say which of ROWS have other values in NEW than in OLD. */
static bool
differ(const struct opt *rows, const struct serve_options *old,
    const struct serve_options *new, const char *remark)
{
	bool any = false;

	for (; rows->name; rows++) {
		if (value_equal(rows, old, new))
			continue;
		any = true;
		ms_chronicle_say("%s has changed%s", rows->name, remark);
	}
	return any;
}

/* The log is to be as NEW says. */
static void
relog(struct service *service, const struct edition *new)
{
	struct ms_error err;

	if (ms_chronicle_open(&new->plan.log, &err) == MS_OK)
		service->logging = new->options;
	else
		ms_chronicle_tell(MS_LOGENTRY_WARNING, NULL, "%s; the log goes "
		    "on where it was", err.text);
}

/* What is in force of ROWS, while OLD is. */
static const struct serve_options *
in_force(const struct service *service, const struct opt *rows,
    const struct edition *old)
{
	if (serve_options_when(rows) == SERVE_AT_START)
		return &service->started;
	return rows == serve_log_rows ? &service->logging : &old->options;
}

/* Say of all rows what has changed, and take what the log is to be. Has
 * anything changed that is the scanner's? */
static bool
compare(struct service *service, const struct edition *old,
    const struct edition *new)
{
	bool scanner = serve_options_files_differ(&old->plan, &new->plan);

	for (const struct opt *const *t = serve_options_tables; *t; t++) {
		const enum serve_when when = serve_options_when(*t);
		const bool any = differ(*t, in_force(service, *t, old),
		    &new->options, when == SERVE_AT_START ?
		    ": that takes a restart" : "");

		scanner |= any && when == SERVE_SCANNER;
		if (any && *t == serve_log_rows)
			relog(service, new);
	}
	return scanner;
}

static const struct ms_master_config *
on_reload(void *arg, bool *scanner, struct ms_error *err)
{
	struct service *service = arg;
	const struct edition *old = service->editions->pdata[
	    service->editions->len - 1];
	GString *text = g_string_new(NULL);
	struct edition *new;
	int status;

	option_errors_to(text);
	new = read_edition(service, &status);
	option_errors_to(NULL);
	if (new) {
		*scanner = compare(service, old, new);
		g_ptr_array_add(service->editions, new);
	} else {
		(void)ms_error_set(err, MS_E_USAGE, "%s", g_strchomp(
		    text->str));
	}
	(void)g_string_free(text, TRUE);
	return new ? &new->plan.master : NULL;
}

static void
on_release(void *arg, const struct ms_master_config *config)
{
	struct service *service = arg;

	for (guint i = 0; i < service->editions->len; i++) {
		struct edition *edition = service->editions->pdata[i];

		if (&edition->plan.master == config) {
			g_ptr_array_remove_index(service->editions, i);
			return;
		}
	}
}

/* In this process, with the first edition. */
static int
run(void *arg)
{
	struct service *service = arg;
	struct edition *first = service->editions->pdata[0];
	static const struct ms_master_events events = { on_reload,
		on_release };
	const bool elsewhere = first->plan.log.to != NULL;
	int before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	struct ms_error err = { "" };
	int status = EXIT_TROUBLE;
	bool open;

	service->started = service->logging = first->options;
	first->plan.master.service.terminal = &before;
	open = ms_chronicle_open(&first->plan.log, &err) == MS_OK;
	if (open && ms_master_run(&first->plan.master, &events, service,
	    &err) == MS_OK)
		status = EXIT_CLEAN;
	else
		background_complain(service->cmd, open && elsewhere, before,
		    err.text);
	if (before >= 0)
		(void)close(before);
	return status;
}

static int
start(const struct command *cmd, int argc, char **argv)
{
	struct service service = { .cmd = cmd, .argc = argc, .argv = argv };
	struct edition *first;
	int status;

	service.editions = g_ptr_array_new_with_free_func(free_edition);
	first = read_edition(&service, &status);
	if (first) {
		g_ptr_array_add(service.editions, first);
		status = background_begin(cmd, first->options.daemon,
		    &first->plan.master.service, run, &service);
	}
	g_ptr_array_unref(service.editions);
	return status;
}

int
cmd_serve_run(int argc, char **argv)
{
	return start(&cmd_serve, argc, argv);
}

int
cmd_pool_run(int argc, char **argv)
{
	return start(&cmd_pool, argc, argv);
}

const struct command cmd_serve = {
	.name = "serve",
	.synopsis = "[options]",
	.summary = "Scan mail on its way from one SMTP server to the next",
	.options = serve_options_tables,
	.config = true,
	.size = sizeof(struct serve_options),
	.defaults = defaults,
};

const struct command cmd_pool = {
	.name = "pool",
	.synopsis = "[options]",
	.summary = "Keep an engine ready for filter, queue and milter",
	.options = serve_options_pool,
	.config = true,
	.size = sizeof(struct serve_options),
	.defaults = pool_defaults,
};
