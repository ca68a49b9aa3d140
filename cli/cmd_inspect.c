#include "command.h"
#include "exit.h"
#include "run.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

struct inspect_options {
	struct scan_options scan;	/* first: its rows are ours, too */
	bool json;
};

static const struct opt rows[] = {
	{ "json", 0, OPT_FLAG, true, "Output", NULL,
	  "print a line of JSON for each message",
	  offsetof(struct inspect_options, json), 0, 0, NULL },
	{ "verbose", 'v', OPT_FLAG, true, NULL, NULL,
	  "also digests, and what was passed over",
	  offsetof(struct inspect_options, scan.verbose), 0, 0, NULL },
	{ 0 },
};

static const struct opt *const tables[] = {
	rows, scan_options_input, scan_options_passwords, scan_options_limits,
	scan_options_workers, NULL
};

/* Can the user's terminal show lines drawn in UTF-8? The program's own locale
 * says nothing on that. */
static bool
has_utf8(void)
{
	locale_t user = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool answer = false;

	if (user == (locale_t)0)
		return false;
	answer = strcmp(nl_langinfo_l(CODESET, user), "UTF-8") == 0;
	freelocale(user);
	return answer;
}

static bool
open_run(struct run *run, const struct inspect_options *options, int count,
    char **paths)
{
	const struct ms_report_options report = {
		.parts = true,
		.skipped = options->scan.verbose,
		.tree = true,
		.digests = options->scan.verbose,
		.utf8 = has_utf8(),
	};
	struct ms_pipeline_config pipeline;
	struct ms_report_engine engine;

	scan_options_pipeline(&options->scan, &pipeline);
	pipeline.tree = true;
	if (!run_check(run, count, paths) ||
	    !run_open(run, &pipeline, count, paths))
		return false;
	engine = run_engine(run);
	run->outputs = outputs_new(&options->scan, 0);
	outputs_add(run->outputs, ms_report_new(options->json ? "jsonl" :
	    "tree", stdout, &report, &engine), NULL, NULL);
	return true;
}

static void
defaults(void *into)
{
	struct inspect_options *options = into;

	*options = (struct inspect_options){ .scan = scan_options_default };
	options->scan.engine = ENGINE_NONE;
	options->scan.parts = true;
	options->scan.progress = PROGRESS_NEVER;
}

int
cmd_inspect_run(int argc, char **argv)
{
	struct inspect_options options;
	struct run run = { .cmd = &cmd_inspect, .options = &options.scan };
	int64_t began = ms_clock_ms();
	int status = EXIT_TROUBLE;
	int count;

	defaults(&options);
	count = option_parse(&cmd_inspect, argc, argv, &options, &status);
	if (count >= 0) {
		char **paths = argv + 1;

		count = scan_options_paths(&options.scan, count, &paths);
		run_catch_signals();
		if (open_run(&run, &options, count, paths)) {
			run_loop(&run, began);
			status = run_status(&run);
		}
	}
	run_close(&run);
	option_free(&cmd_inspect, &options);
	return status;
}

const struct command cmd_inspect = {
	.name = "inspect",
	.synopsis = "[options] PATH ...",
	.summary = "Show what messages are made of, without scanning them",
	.options = tables,
	.config = true,
	.size = sizeof(struct inspect_options),
	.defaults = defaults,
};
