#include "serve_options.h"

#include "value.h"

#include <stdlib.h>
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
	{ "scan-socket-mode", 0, OPT_STRING, false, NULL, "MODE",
	  "of that socket, octal (default: 0660)", TO(scan_mode) },
	{ "scan-socket-group", 0, OPT_STRING, false, NULL, "NAME",
	  "the group that it belongs to (default: that of --user)",
	  TO(scan_group) },
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

bool
serve_watch_mode(const char *text, unsigned *mode)
{
	const size_t size = strlen(text);

	*mode = (unsigned)strtoul(text, NULL, 8);
	return size > 0 && size <= 4 && strspn(text, "01234567") == size &&
	    *mode <= 0777;
}

static bool
plan_scan_socket(const struct command *cmd,
    const struct serve_options *options, struct serve_plan *plan)
{
	const char *path = options->scan_socket;
	struct ms_error err;

	if (!path)
		return true;
	plan->scan_socket = value_socket(path);
	if (ms_endpoint_check_listen(plan->scan_socket, &err) != MS_OK) {
		(void)option_error(cmd, "--scan-socket: %s", err.text);
		return false;
	}
	if (options->scan_mode && (!serve_watch_mode(options->scan_mode,
	    &plan->master.scan_mode) || plan->master.scan_mode == 0)) {
		(void)option_error(cmd, "--scan-socket-mode: %s: want an "
		    "octal number from 1 to 0777", options->scan_mode);
		return false;
	}
	plan->master.scan_owner = (struct ms_listen_owner){ options->user,
		options->group, options->scan_group };
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
		.name = cmd->name,
		.to = options->log_to,
	};
	if (options->log_to && strcmp(options->log_to, "stderr") == 0)
		plan->log.to = NULL;
	plan->master.front.record = options->record;
	plan->master.front.record_limit = (uint64_t)options->record_limit;
	return check_log(cmd, options->log_to) &&
	    plan_metrics(cmd, options, plan) &&
	    plan_scan_socket(cmd, options, plan);
}
