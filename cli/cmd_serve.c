#include "command.h"
#include "exit.h"
#include "serve_options.h"

#include <stdio.h>

static void
defaults(void *into)
{
	struct serve_options *options = into;

	*options = serve_options_default;
	options->scan = scan_options_default;
}

static int
run(const struct serve_options *options)
{
	struct serve_plan plan;
	struct ms_error err = { "" };
	int status = EXIT_TROUBLE;

	if (serve_options_plan(&cmd_serve, options, &plan)) {
		if (ms_master_run(&plan.master, &err) == MS_OK) {
			status = EXIT_CLEAN;
		} else {
			char *text = ms_quote_string(err.text);

			(void)fprintf(stderr, "mailscan: %s\n", text);
			g_free(text);
		}
	}
	serve_options_clear(&plan);
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
