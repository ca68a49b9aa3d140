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

const struct opt serve_log_rows[] = {
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

const struct opt serve_watch_rows[] = {
	{ "metrics", 0, OPT_LIST, true, NULL, "ADDRESS",
	  "where monitors ask for /metrics and /healthz, by HTTP; of this "
	  "machine only", TO(metrics) },
	{ "scan-socket", 0, OPT_STRING, false, NULL, "PATH",
	  "the socket over which local programs have messages scanned",
	  TO(scan_socket) },
	{ "record", 0, OPT_STRING, false, NULL, "DIR",
	  "write what each client and the server say into a transcript there",
	  TO(record) },
	{ "record-limit", 0, OPT_SIZE, false, NULL, "SIZE",
	  "most bytes of all transcripts there",
	  WITHIN(record_limit, 4096, (int64_t)1 << 50) },
	{ 0 },
};

static bool
check_log(const struct command *cmd, const char *to)
{
	struct ms_error err;

	if (!to || ms_chronicle_check(to, &err) == MS_OK)
		return true;
	(void)option_error(cmd, "--log-to: %s", err.text);
	return false;
}

static bool
plan_metrics(const struct command *cmd, const struct serve_options *options,
    struct serve_plan *plan)
{
	struct ms_error err;

	for (const char *const *a = options->metrics; a && *a; a++)
		if (ms_endpoint_check_listen(*a, &err) != MS_OK) {
			(void)option_error(cmd, "--metrics: %s", err.text);
			return false;
		}
	plan->master.monitors = options->metrics;
	return true;
}

static bool
plan_scan_socket(const struct command *cmd, const char *path,
    struct serve_plan *plan)
{
	struct ms_error err;

	if (!path)
		return true;
	plan->scan_socket = g_str_has_prefix(path, "unix:") ? g_strdup(path) :
	    g_strconcat("unix:", path, NULL);
	if (ms_endpoint_check_listen(plan->scan_socket, &err) != MS_OK) {
		(void)option_error(cmd, "--scan-socket: %s", err.text);
		return false;
	}
	plan->scan_sockets[0] = plan->scan_socket;
	plan->master.scan_sockets = plan->scan_sockets;
	return true;
}

bool
serve_watch_plan(const struct command *cmd,
    const struct serve_options *options, struct serve_plan *plan)
{
	plan->log = (struct ms_chronicle_config){
		.form = (enum ms_chronicle_form)options->log_format,
		.level = (enum ms_logentry_level)options->debug,
		.to = options->log_to,
	};
	if (options->log_to && strcmp(options->log_to, "stderr") == 0)
		plan->log.to = NULL;
	plan->master.front.record = options->record;
	plan->master.front.record_limit = (uint64_t)options->record_limit;
	return check_log(cmd, options->log_to) &&
	    plan_metrics(cmd, options, plan) &&
	    plan_scan_socket(cmd, options->scan_socket, plan);
}
