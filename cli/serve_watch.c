#include "serve_options.h"

#include <string.h>

#define TO(field) offsetof(struct serve_options, field), 0, 0, NULL
#define WITHIN(field, min, max) \
	offsetof(struct serve_options, field), min, max, NULL
#define ONE_OF(field, choices) \
	offsetof(struct serve_options, field), 0, 0, choices

static const struct opt_choice forms[] = {
	{ "text", MS_CHRONICLE_TEXT },
	{ "json", MS_CHRONICLE_JSON },
	{ 0 },
};

const struct opt serve_watch_rows[] = {
	{ "log-to", 0, OPT_STRING, true, "Watching", "WHERE",
	  "stderr (the default), syslog, journal, or the path of a file",
	  TO(log_to) },
	{ "log-format", 0, OPT_CHOICE, true, NULL, "FORMAT",
	  "the log's lines", ONE_OF(log_format, forms) },
	{ "debug", 0, OPT_NUMBER, false, NULL, "LEVEL",
	  "0: only errors, 1: warnings, 2: notices, 3: messages, 4: "
	  "everything", WITHIN(debug, 0, 4) },
	{ 0 },
};

bool
serve_watch_plan(const struct command *cmd,
    const struct serve_options *options, struct serve_plan *plan)
{
	struct ms_error err;

	plan->log = (struct ms_chronicle_config){
		.form = (enum ms_chronicle_form)options->log_format,
		.level = (enum ms_logentry_level)options->debug,
		.to = options->log_to,
	};
	if (options->log_to && strcmp(options->log_to, "stderr") == 0)
		plan->log.to = NULL;
	if (!options->log_to ||
	    ms_chronicle_check(options->log_to, &err) == MS_OK)
		return true;
	(void)option_error(cmd, "--log-to: %s", err.text);
	return false;
}
