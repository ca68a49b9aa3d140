#include "command.h"
#include "exit.h"
#include "report_input.h"
#include "report_words.h"

#include <stdio.h>
#include <string.h>

#define TO(field) offsetof(struct report_options, field), 0, 0, NULL

static const struct opt rows[] = {
	{ "to", 0, OPT_LIST, true, "Output", "FORMAT[:FILE]",
	  "the format to write, to FILE or standard output; repeatable",
	  TO(scan.reports) },
	{ "infected", 'i', OPT_FLAG, true, NULL, NULL,
	  "list only messages with a finding", TO(scan.only_found) },
	{ "suppress-ok-results", 'o', OPT_FLAG, true, NULL, NULL,
	  "list all but clean messages", TO(scan.only_not_ok) },
	{ "summary", 0, OPT_FLAG, false, NULL, NULL,
	  "end a text report with a summary (the default)",
	  TO(scan.summary) },
	{ "verbose", 'v', OPT_FLAG, false, NULL, NULL,
	  "also say in a text report what was passed over",
	  TO(scan.verbose) },
	{ "json", 0, OPT_FLAG, true, NULL, NULL,
	  "diff: print JSON lines", TO(json) },
	{ "tempdir", 0, OPT_STRING, false, NULL, "DIR",
	  "where temporary files go (default: TMPDIR, or /tmp)",
	  TO(scan.tempdir) },
	{ 0 },
};
static const struct opt *const tables[] = { rows, NULL };

/* What can be done with reports. */
static const struct {
	const char *word;
	int min, max;		/* files; 0: any number */
	int (*run)(const struct command *cmd,
	    const struct report_options *options, int count, char **files);
} words[] = {
	{ "convert", 1, 1, report_convert },
	{ "merge", 1, 0, report_merge },
	{ "diff", 2, 2, report_diff },
	{ "from-state", 1, 1, report_state },
};

static int
run(const struct command *cmd, const void *options, int count,
    char **operands)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (count == 0 || strcmp(words[i].word, operands[0]) != 0)
			continue;
		if (count - 1 < words[i].min ||
		    (words[i].max > 0 && count - 1 > words[i].max))
			return option_error(cmd, "%s: want %s", operands[0],
			    words[i].min == 2 ? "two files, the older one "
			    "first" : words[i].max == 1 ? "one file" :
			    "files");
		return words[i].run(cmd, options, count - 1, operands + 1);
	}
	return option_no_word(cmd, operands[0]);
}

static void
defaults(void *into)
{
	struct report_options *options = into;

	*options = (struct report_options){ .scan = scan_options_default };
	options->scan.progress = PROGRESS_NEVER;
}

int
cmd_report_run(int argc, char **argv)
{
	return option_run(&cmd_report, argc, argv, run);
}

const struct command cmd_report = {
	.name = "report",
	.synopsis = "[options] convert | merge | diff | from-state FILE ...",
	.summary = "Convert, merge and compare reports, or make one of a state",
	.options = tables,
	.words = "convert merge diff from-state",
	.config = true,
	.section = "mailscan-report",
	.size = sizeof(struct report_options),
	.defaults = defaults,
};
