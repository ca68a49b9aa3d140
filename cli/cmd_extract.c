#include "command.h"
#include "exit.h"
#include "run.h"

#include <inttypes.h>
#include <stdio.h>

struct extract_options {
	struct scan_options scan;	/* first: its rows are ours, too */
	const char *directory;
	const char *const *types;
	bool infected_only;
};

#define TO(field) offsetof(struct extract_options, field), 0, 0, NULL

static const struct opt rows[] = {
	{ "directory", 'd', OPT_STRING, true, "Output", "DIR",
	  "write to DIR, which is empty or made", TO(directory) },
	{ "type", 0, OPT_LIST, true, NULL, "GLOB",
	  "only what is, or is said to be, such as image/*",
	  TO(types) },
	{ "infected-only", 0, OPT_FLAG, true, NULL, NULL,
	  "scan, and write only what has a finding", TO(infected_only) },
	{ "database", 0, OPT_STRING, false, NULL, "PATH",
	  "signature database for that: a directory or a file",
	  TO(scan.database) },
	{ "quiet", 0, OPT_FLAG, true, NULL, NULL,
	  "print errors only", TO(scan.quiet) },
	{ "verbose", 'v', OPT_FLAG, false, NULL, NULL,
	  "also say what was passed over and why", TO(scan.verbose) },
	{ 0 },
};

static const struct opt *const tables[] = {
	rows, scan_options_input, scan_options_passwords, scan_options_limits,
	scan_options_workers, NULL
};

struct extract {
	struct extract_options options;
	struct run run;
	struct ms_outdir *dir;
};

static enum ms_status
on_blob(void *arg, const struct ms_blob *blob, int fd, struct ms_error *err)
{
	const struct extract *extract = arg;

	return ms_outdir_put(extract->dir, blob, fd, err);
}

/* The index in the directory; on standard output only what went wrong, and
 * what was found. */
static bool
open_outputs(struct extract *extract)
{
	const struct ms_report_options index = { .parts = true,
		.tree = true, .files = true };
	const struct ms_report_options text = { .only_not_ok = true,
		.skipped = extract->options.scan.verbose };
	const struct ms_report_engine engine = run_engine(&extract->run);
	struct outputs *outputs;
	struct ms_error err;
	FILE *stream;

	if (ms_outdir_index(extract->dir, &stream, &err) != MS_OK) {
		run_complain(&extract->run, &err);
		return false;
	}
	outputs = outputs_new(&extract->options.scan, 0);
	outputs_add(outputs, ms_report_new("jsonl", stream, &index, &engine),
	    stream, MS_OUTDIR_INDEX);
	if (!extract->options.scan.quiet)
		outputs_add(outputs, ms_report_new("text", stdout, &text,
		    &engine), NULL, NULL);
	extract->run.outputs = outputs;
	return true;
}

/* Everything that can be wrong before the first message. */
static bool
open_run(struct extract *extract, int count, char **paths)
{
	struct extract_options *options = &extract->options;
	struct ms_pipeline_config pipeline;
	struct ms_error err = { "" };

	if (!options->directory) {
		(void)option_error(&cmd_extract, "no directory given "
		    "(--directory=DIR)");
		return false;
	}
	if (!run_check(&extract->run, count, paths))
		return false;
	if (ms_outdir_open(options->directory, &extract->dir, &err) !=
	    MS_OK) {
		run_complain(&extract->run, &err);
		return false;
	}
	options->scan.engine = options->infected_only ? ENGINE_CLAMAV :
	    ENGINE_NONE;
	scan_options_pipeline(&options->scan, &pipeline);
	pipeline.tree = true;
	pipeline.pick = (struct ms_pick){ true, options->infected_only,
		options->types };
	pipeline.blob = on_blob;
	pipeline.blob_arg = extract;
	return run_open(&extract->run, &pipeline, count, paths) &&
	    open_outputs(extract);
}

static void
finish(struct extract *extract)
{
	struct run *run = &extract->run;
	struct ms_error err = { "" };

	if (ms_outdir_sync(extract->dir, &err) != MS_OK)
		run_complain(run, &err);
	/* A file without a line in the index is nobody's, and what is
	 * encrypted was not extracted. */
	if (run->parts_omitted > 0 ||
	    run->totals.verdicts[MS_VERDICT_ENCRYPTED] > 0)
		run->failed = true;
	if (!extract->options.scan.quiet)
		(void)printf("Files: %" PRIu64 "\nBytes: %" PRIu64
		    "\nMessages: %" PRIu64 "\n",
		    ms_outdir_files(extract->dir),
		    ms_outdir_bytes(extract->dir), run->totals.messages);
}

static void
defaults(void *into)
{
	struct extract_options *options = into;

	*options = (struct extract_options){ .scan = scan_options_default };
	options->scan.parts = true;
	options->scan.progress = PROGRESS_NEVER;
}

int
cmd_extract_run(int argc, char **argv)
{
	struct extract state = { .dir = NULL };
	int64_t began = ms_clock_ms();
	int status = EXIT_TROUBLE;
	int count;

	state.run = (struct run){ .cmd = &cmd_extract,
		.options = &state.options.scan };
	defaults(&state.options);
	count = option_parse(&cmd_extract, argc, argv, &state.options,
	    &status);
	if (count >= 0) {
		char **paths = argv + 1;

		count = scan_options_paths(&state.options.scan, count, &paths);
		run_catch_signals();
		if (open_run(&state, count, paths)) {
			run_loop(&state.run, began);
			finish(&state);
			status = run_status(&state.run);
		}
	}
	run_close(&state.run);
	ms_outdir_close(state.dir);
	option_free(&cmd_extract, &state.options);
	return status;
}

const struct command cmd_extract = {
	.name = "extract",
	.synopsis = "[options] --directory=DIR PATH ...",
	.summary = "Write the contents of messages to files",
	.options = tables,
	.config = true,
	.size = sizeof(struct extract_options),
	.defaults = defaults,
};
