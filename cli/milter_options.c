#include "milter_options.h"

#include "value.h"

#include <string.h>

/* Messages up to these are kept on the heap, and in memory. */
#define HEAP_MAX ((size_t)64 << 10)
#define MEMFD_MAX ((size_t)1 << 20)

#define TO(field) offsetof(struct milter_options, field), 0, 0, NULL
#define WITHIN(field, min, max) \
	offsetof(struct milter_options, field), min, max, NULL
#define ONE_OF(field, choices) \
	offsetof(struct milter_options, field), 0, 0, choices

static const struct opt_choice errors[] = {
	{ "defer", MS_ACTION_DEFER },
	{ "reject", MS_ACTION_REJECT },
	{ "pass", MS_ACTION_PASS },
	{ 0 },
};

enum { AFTER_DEFER, AFTER_SCAN };

static const struct opt_choice afters[] = {
	{ "defer", AFTER_DEFER },
	{ "scan", AFTER_SCAN },
	{ 0 },
};

static const struct opt rows_socket[] = {
	{ "listen", 0, OPT_STRING, true, "Filter", "ADDRESS",
	  "where the mail server connects to: unix:PATH, inet:PORT@HOST or "
	  "inet6:PORT@HOST (default: unix:/run/mailscan/milter.sock)",
	  TO(listen) },
	{ "socket-mode", 0, OPT_STRING, true, NULL, "MODE",
	  "of a unix socket, octal (default: 0660)", TO(socket_mode) },
	{ "socket-group", 0, OPT_STRING, true, NULL, "NAME",
	  "the group that a unix socket belongs to", TO(socket_group) },
	{ "mta-timeout", 0, OPT_NUMBER, false, NULL, "SECONDS",
	  "how long a mail server may be silent",
	  WITHIN(mta_timeout_s, 1, 86400) },
	{ "chroot", 0, OPT_STRING, false, NULL, "DIR",
	  "a directory that becomes the root, once the socket is there; with "
	  "--user", TO(chroot) },
	{ 0 },
};

static const struct opt rows_terms[] = {
	{ "scan-socket", 0, OPT_STRING, true, "Scanning", "PATH",
	  "the local scan socket of the service (default: "
	  "/run/mailscan/scan.sock)", TO(service) },
	{ "on-error", 0, OPT_CHOICE, true, NULL, "ACTION",
	  "what to do with mail about which the service says nothing: defer, "
	  "reject or pass", ONE_OF(on_error, errors) },
	{ "max-scans", 0, OPT_NUMBER, false, NULL, "N",
	  "messages that the service is asked about at once, others wait; 0: "
	  "no limit", WITHIN(max_scans, 0, 10000) },
	{ "max-scan-wait", 0, OPT_NUMBER, false, NULL, "SECONDS",
	  "how long a message may wait for that; 0: not at all",
	  WITHIN(max_scan_wait_s, 0, 3600) },
	{ "after-wait", 0, OPT_CHOICE, false, NULL, "WHAT",
	  "what to do with a message after that: defer it, or scan it all the "
	  "same", ONE_OF(after_wait, afters) },
	{ "answer-timeout", 0, OPT_NUMBER, false, NULL, "SECONDS",
	  "most time for an answer of the service",
	  WITHIN(answer_timeout_s, 1, 86400) },
	{ 0 },
};

static const struct opt rows_process[] = {
	{ "tempdir", 0, OPT_STRING, false, NULL, "DIR",
	  "where large messages are kept (default: TMPDIR, or /tmp)",
	  TO(serve.scan.tempdir) },
	{ "grace", 0, OPT_NUMBER, false, NULL, "SECONDS",
	  "time for messages on their way when the filter ends",
	  WITHIN(grace_s, 0, 3600) },
	{ 0 },
};

const struct opt *const milter_options_tables[] = { rows_socket, rows_terms,
	rows_process, serve_log_rows, serve_service_rows, NULL };

bool
milter_options_may_change(const struct opt *rows)
{
	return rows == rows_terms;
}

const struct milter_options milter_options_default = {
	.listen = "unix:/run/mailscan/milter.sock",
	.socket_mode = "0660",
	.service = "/run/mailscan/scan.sock",
	.on_error = MS_ACTION_DEFER,
	.max_scans = 64,
	.max_scan_wait_s = 300,
	.answer_timeout_s = 1800,
	.mta_timeout_s = 7200,
	.grace_s = 30,
	.serve.debug = MS_LOGENTRY_INFO,
};

static bool
plan_socket(const struct command *cmd, const struct milter_options *options,
    struct milter_plan *plan)
{
	struct ms_milter_config *milter = &plan->filter.milter;
	struct ms_error err;
	char *name = ms_socketname(options->listen, &err);
	const bool good = name != NULL;

	g_free(name);
	if (!good) {
		(void)option_error(cmd, "--listen: %s", err.text);
		return false;
	}
	if (!serve_watch_mode(options->socket_mode, &milter->mode)) {
		(void)option_error(cmd, "--socket-mode: %s: want an octal "
		    "number up to 0777", options->socket_mode);
		return false;
	}
	if (options->chroot && !options->serve.user) {
		(void)option_error(cmd, "--chroot: there is no --user");
		return false;
	}
	if (options->chroot && !g_path_is_absolute(options->chroot)) {
		(void)option_error(cmd, "--chroot: want a path from the root");
		return false;
	}
	milter->listen = options->listen;
	milter->group = options->socket_group;
	milter->silence_s = (unsigned)options->mta_timeout_s;
	plan->filter.chroot = options->chroot;
	return true;
}

static bool
plan_terms(const struct command *cmd, const struct milter_options *options,
    struct milter_plan *plan)
{
	struct ms_error err;

	plan->service = value_socket(options->service);
	if (ms_endpoint_check(plan->service, &err) != MS_OK) {
		(void)option_error(cmd, "--scan-socket: %s", err.text);
		return false;
	}
	plan->filter.terms = (struct ms_milter_terms){
		.service = plan->service,
		.at_once = (unsigned)options->max_scans,
		.wait_ms = options->max_scan_wait_s * 1000,
		.anyway = options->after_wait == AFTER_SCAN,
		.answer_ms = options->answer_timeout_s * 1000,
		.on_error = (enum ms_action)options->on_error,
		.spool = { HEAP_MAX, MEMFD_MAX,
		    scan_options_tempdir(&options->serve.scan) },
	};
	plan->filter.grace_ms = options->grace_s * 1000;
	return true;
}

bool
milter_options_plan(const struct command *cmd,
    const struct milter_options *options, struct milter_plan *plan)
{
	*plan = (struct milter_plan){ .service = NULL };
	if (!serve_watch_plan(cmd, &options->serve, &plan->serve) ||
	    !serve_service_plan(cmd, &options->serve, &plan->serve) ||
	    !plan_socket(cmd, options, plan) ||
	    !plan_terms(cmd, options, plan))
		return false;
	plan->filter.service = plan->serve.master.service;
	return true;
}

void
milter_options_clear(struct milter_plan *plan)
{
	g_free(plan->service);
	serve_service_clear(&plan->serve);
	plan->service = NULL;
}
