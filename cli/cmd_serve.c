#include "command.h"
#include "exit.h"
#include "serve_options.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static void
defaults(void *into)
{
	struct serve_options *options = into;

	*options = serve_options_default;
	options->scan = scan_options_default;
}

/* To the log, and, if that is elsewhere, to whoever has started it. */
static void
complain(const struct serve_plan *plan, int before, const char *text)
{
	char *quoted = ms_quote_string(text);

	if (plan->log.to)
		(void)dprintf(before, "mailscan: %s\n", quoted);
	ms_chronicle_tell(MS_LOGENTRY_ERROR, NULL, "%s", text);
	g_free(quoted);
}

static int
run(const struct serve_options *options)
{
	const int before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	struct serve_plan plan;
	struct ms_error err = { "" };
	int status = EXIT_TROUBLE;

	if (serve_options_plan(&cmd_serve, options, &plan)) {
		if (ms_chronicle_open(&plan.log, &err) == MS_OK &&
		    ms_master_run(&plan.master, &err) == MS_OK) {
			status = EXIT_CLEAN;
		} else {
			complain(&plan, before, err.text);
		}
	}
	serve_options_clear(&plan);
	if (before >= 0)
		(void)close(before);
	return status;
}

static int
serve(int argc, char **argv)
{
	struct serve_options options;
	int status, count;

	defaults(&options);
	count = option_parse(&cmd_serve, argc, argv, &options, &status);
	if (count < 0)
		return status;
	if (count > 0)
		status = option_error(&cmd_serve, "%s: there are no operands",
		    argv[1]);
	else
		status = run(&options);
	option_free(&cmd_serve, &options);
	return status;
}

const struct command cmd_serve = {
	.name = "serve",
	.synopsis = "[options]",
	.summary = "Scan mail on its way from one SMTP server to the next",
	.options = serve_options_tables,
	.run = serve,
	.config = true,
	.size = sizeof(struct serve_options),
	.defaults = defaults,
};
