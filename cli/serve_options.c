#include "serve_options.h"

#include "block_options.h"
#include "passwords.h"
#include "scanner_options.h"

#include <string.h>
#include <unistd.h>

/* Messages up to these are kept on the heap, and in memory; all of them
 * together may have so much of that. */
#define HEAP_MAX ((size_t)64 << 10)
#define MEMFD_MAX ((size_t)2 << 20)
#define MEMFD_ALL ((uint64_t)64 << 20)

#define TO(field) offsetof(struct serve_options, field), 0, 0, NULL
#define WITHIN(field, min, max) \
	offsetof(struct serve_options, field), min, max, NULL
#define ONE_OF(field, choices) \
	offsetof(struct serve_options, field), 0, 0, choices

static const char *const listen_default[] = { "127.0.0.1:10026", NULL };

static const struct opt_choice newlines[] = {
	{ "reject", MS_PROXY_REJECT },
	{ "normalise", MS_PROXY_NORMALISE },
	{ 0 },
};

static const struct opt rows_server[] = {
	{ "listen", 0, OPT_LIST, true, "Server", "ADDRESS",
	  "where clients connect to: HOST:PORT, [IPV6]:PORT or unix:PATH "
	  "(default: 127.0.0.1:10026)", TO(listen) },
	{ "allow-clients", 0, OPT_LIST, true, NULL, "NETWORK",
	  "who may connect, as 192.0.2.0/24", TO(allow_clients) },
	{ "bare-newline", 0, OPT_CHOICE, false, NULL, "WHAT",
	  "refuse messages with CR, LF or NUL that stand alone, or mend them",
	  ONE_OF(bare_newline, newlines) },
	{ 0 },
};

const struct opt serve_options_name[] = {
	{ "hostname", 0, OPT_STRING, true, "Name", "NAME",
	  "what the server calls itself (default: this machine's name)",
	  TO(hostname) },
	{ 0 },
};

static const struct opt rows_bounds[] = {
	{ "max-connections", 0, OPT_NUMBER, false, "Connections", "N",
	  "clients at once", WITHIN(max_connections, 1, 100000) },
	{ "max-client-connections", 0, OPT_NUMBER, false, NULL, "N",
	  "of them with the same address; 0: no other limit",
	  WITHIN(max_client_connections, 0, 100000) },
	{ "max-message-size", 0, OPT_SIZE, false, NULL, "SIZE",
	  "most bytes of a message that is taken",
	  WITHIN(max_message_size, 1, (int64_t)64 << 30) },
	{ "connect-timeout", 0, OPT_NUMBER, false, NULL, "SECONDS",
	  "most time for a connection to a next hop",
	  WITHIN(connect_timeout_s, 1, 3600) },
	{ "upstream-timeout", 0, OPT_NUMBER, false, NULL, "SECONDS",
	  "most time for a reply of the next hop",
	  WITHIN(upstream_timeout_s, 1, 86400) },
	{ "client-timeout", 0, OPT_NUMBER, false, NULL, "SECONDS",
	  "how long a client may be silent",
	  WITHIN(client_timeout_s, 1, 86400) },
	{ 0 },
};

static const struct opt rows_turns[] = {
	{ "max-scans", 0, OPT_NUMBER, false, "Turns", "N",
	  "messages that are with the scanner at once, others wait; 0: two "
	  "for each worker", WITHIN(max_scans, 0, 10000) },
	{ "scan-wait", 0, OPT_NUMBER, false, NULL, "SECONDS",
	  "how long a message may wait for its turn",
	  WITHIN(scan_wait_s, 1, 3600) },
	{ "grace", 0, OPT_NUMBER, false, NULL, "SECONDS",
	  "time for messages on their way when the server ends",
	  WITHIN(grace_s, 0, 3600) },
	{ 0 },
};

static const struct opt rows_workers[] = {
	{ "db-check-interval", 0, OPT_NUMBER, true, "Workers", "SECONDS",
	  "how often it is looked whether the database has changed; 0: never",
	  WITHIN(database_s, 0, 86400) },
	{ "jobs", 'j', OPT_NUMBER, true, NULL, "N",
	  "messages at once; 0: one for each processor",
	  WITHIN(scan.jobs, 0, 256) },
	{ "tempdir", 0, OPT_STRING, false, NULL, "DIR",
	  "where temporary files go (default: TMPDIR, or /tmp and memory)",
	  TO(scan.tempdir) },
	{ "require-sandbox", 0, OPT_FLAG, false, NULL, NULL,
	  "do not run where the kernel has no seccomp and Landlock",
	  TO(scan.require_sandbox) },
	{ 0 },
};

const struct opt *const serve_options_tables[] = {
	rows_server, serve_peers_sockets, serve_options_name,
	serve_peers_rows, serve_talks_rows, serve_actions_rows,
	policy_options_rules, policy_options_people, serve_notices_rows,
	serve_notices_program, serve_notices_limits,
	serve_log_rows, serve_watch_rows, rows_bounds, rows_turns,
	scan_options_engine, scan_options_passwords, block_options_rows,
	scanner_options_rows, scan_options_limits, rows_workers,
	serve_service_rows, NULL
};

/* Of whom mail servers have it. */
static const struct opt rows_pool[] = {
	{ "allow-clients", 0, OPT_LIST, false, "Clients", "NETWORK",
	  "whose mail a milter takes, as 192.0.2.0/24", TO(allow_clients) },
	{ 0 },
};

const struct opt *const serve_options_pool[] = {
	serve_log_rows, rows_pool,
	serve_watch_rows, serve_options_name, serve_actions_rows,
	policy_options_rules, policy_options_people, serve_notices_rows,
	serve_notices_program, serve_notices_limits,
	rows_turns,
	scan_options_engine, scan_options_passwords, block_options_rows,
	scanner_options_rows, scan_options_limits, rows_workers,
	serve_service_rows, NULL
};

enum serve_when
serve_options_when(const struct opt *rows)
{
	const struct opt *const scanner[] = { scan_options_engine,
		scan_options_passwords, block_options_rows,
		scanner_options_rows,
		scan_options_limits, rows_workers };

	for (size_t i = 0; i < G_N_ELEMENTS(scanner); i++)
		if (rows == scanner[i])
			return SERVE_SCANNER;
	return rows == serve_service_rows || rows == serve_peers_sockets ?
	    SERVE_AT_START : SERVE_FRONT;
}

const struct serve_options serve_options_default = {
	.tls = SERVE_TLS_UNSAID,
	.record_limit = (int64_t)1 << 30,
	.max_connections = 1000,
	.connect_timeout_s = 30,
	.upstream_timeout_s = 600,
	.client_timeout_s = 300,
	.min_rate = 256,
	.scan_wait_s = 60,
	.header = MS_MARKING_USUAL,
	.status_header = true,
	.event_timeout_s = 60,
	.hole_timeout_s = 10,
	.postmaster = "postmaster",
	.notify_limit = 60,
	.sendmail = "/usr/sbin/sendmail",
	.database_s = 60,
	.grace_s = 30,
	.max_message_size = (uint64_t)100 << 20,
	.debug = MS_LOGENTRY_INFO,
};

static bool
plan_clients(const struct command *cmd, const struct serve_options *options,
    struct serve_plan *plan)
{
	struct ms_front_config *front = &plan->master.front;
	struct ms_error err;

	if (!options->allow_clients || options->pool)
		return true;
	plan->allowed = g_array_new(FALSE, FALSE, sizeof(struct ms_network));
	for (const char *const *a = options->allow_clients; *a; a++) {
		struct ms_network network;

		if (ms_network_parse(*a, &network, &err) != MS_OK) {
			(void)option_error(cmd, "--allow-clients: %s",
			    err.text);
			return false;
		}
		g_array_append_val(plan->allowed, network);
	}
	front->allowed = (const struct ms_network *)(const void *)
	    plan->allowed->data;
	front->allowed_count = plan->allowed->len;
	plan->master.beyond = true;
	return true;
}

static bool
plan_hostname(const struct command *cmd, const struct serve_options *options,
    struct serve_plan *plan)
{
	char name[256] = "";

	if (options->hostname)
		plan->hostname = g_strdup(options->hostname);
	else if (gethostname(name, sizeof name - 1) == 0)
		plan->hostname = g_strdup(name);
	if (plan->hostname && plan->hostname[strspn(plan->hostname,
	    G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS ".-_:[]")] != '\0')
		g_clear_pointer(&plan->hostname, g_free);
	if (plan->hostname && *plan->hostname != '\0')
		return true;
	(void)option_error(cmd, "--hostname: want the name of a host");
	return false;
}

static bool
plan_addresses(const struct command *cmd, const struct serve_options *options,
    struct serve_plan *plan)
{
	static const char *const none[] = { NULL };
	struct ms_error err;

	plan->master.listen = options->pool ? none : options->listen ?
	    options->listen : listen_default;
	for (const char *const *a = plan->master.listen; *a; a++)
		if (ms_doors_check(*a, &err) != MS_OK) {
			(void)option_error(cmd, "--listen: %s", err.text);
			return false;
		}
	return true;
}

static bool
plan_scanner(const struct command *cmd, const struct serve_options *options,
    struct serve_plan *plan)
{
	struct ms_scanner_config *scanner = &plan->master.scanner;
	const struct ms_rulebook_config more = ms_policy_blocked(plan->policy);
	struct ms_error err;

	if (options->scan.engine == ENGINE_NONE) {
		(void)option_error(cmd, "--engine=none looks for nothing, and "
		    "mail would pass as if it were clean");
		return false;
	}
	if (ms_policy_wants_all(plan->policy) &&
	    options->scan.engine == ENGINE_CLAMD) {
		(void)option_error(cmd, "--allow-signature, --allow-sha256 and "
		    "other choices for phishing, macros, PUA or unofficial "
		    "signatures than --on-infected are not for "
		    "--engine=clamd, which says only the first thing that it "
		    "finds");
		return false;
	}
	if (!scan_options_check_engine(cmd, &options->scan))
		return false;
	if (options->scan.password_file &&
	    passwords_read(options->scan.password_file, &plan->passwords,
	    &err) != MS_OK) {
		(void)option_error(cmd, "--password-file: %s", err.text);
		return false;
	}
	if (!block_options_rules(cmd, &options->scan, &more, &plan->blocked))
		return false;
	scan_options_pipeline(&options->scan, &scanner->pipeline);
	scanner->pipeline.rules = plan->blocked;
	scanner->pipeline.checks = plan->others.checks;
	scanner->pipeline.check_count = plan->others.count;
	/* What is allowed must not hide what stands behind it. */
	scanner->pipeline.all_matches |= ms_policy_wants_all(plan->policy);
	scanner->pipeline.parts = ms_policy_wants_parts(plan->policy);
	scanner->pipeline.join = false;
	scanner->pipeline.unordered = true;
	scanner->pipeline.passwords = (const char *const *)plan->passwords;
	scanner->spool = (struct ms_spool_config){ HEAP_MAX,
		(size_t)32 << 20, NULL };
	scanner->age_max_days = options->scan.fail_if_older_days;
	return true;
}

static void
plan_front(const struct serve_options *options, struct serve_plan *plan)
{
	struct ms_front_config *front = &plan->master.front;

	front->connections_max = (unsigned)options->max_connections;
	front->per_client_max = (unsigned)options->max_client_connections;
	plan->master.database_ms = options->database_s * 1000;
	front->grace_ms = options->grace_s * 1000;
	/* Some are copied while others are scanned; and each may be tried
	 * twice. */
	front->inquiry = (struct ms_inquiry_config){
		.at_once = options->max_scans > 0 ?
		    (unsigned)options->max_scans :
		    2 * plan->master.scanner.pipeline.workers,
		.wait_ms = options->scan_wait_s * 1000,
		.scan_ms = 4 * options->scan.max_scantime_ms + 30000,
		.parts = ms_policy_wants_parts(plan->policy),
	};
	front->visit.proxy.hostname = plan->hostname;
	front->visit.proxy.newlines =
	    (enum ms_proxy_newlines)options->bare_newline;
	front->visit.proxy.size_max = options->max_message_size;
	front->visit.pace = (struct ms_pace_config){
		.hop_ms = options->upstream_timeout_s * 1000,
		.client_ms = options->client_timeout_s * 1000,
		.rate = options->min_rate,
	};
	front->visit.keepalive_ms = options->keepalive_s * 1000;
	front->visit.cargo.cases.policy = plan->policy;
	front->ban_ms = options->scan.policy.block_client_s * 1000;
	front->visit.cargo.spool = (struct ms_spool_config){ HEAP_MAX,
		MEMFD_MAX, scan_options_tempdir(&options->scan) };
	front->memory_max = MEMFD_ALL;
	front->visit.cargo.cases.policy = plan->policy;
	front->visit.cargo.cases.ruling = (struct ms_ruling_config){
		&plan->rules, options->reject_reply, options->defer_reply,
		options->subject_tag, plan->hostname,
		{ options->header, options->status_header,
		(enum ms_marking_words)options->status_words },
		(const char *const *)plan->fields, options->drop_message_id };
	front->visit.cargo.cases.signing = (struct ms_signing_config){
		plan->signature, front->visit.cargo.spool, NULL };
	plan->master.runner.mailer.notices.host = plan->hostname;
	if (!options->trust_authserv)
		plan->master.runner.mailer.notices.trusted = plan->hostname;
}

bool
serve_options_policy(const struct command *cmd,
    const struct serve_options *options, struct serve_plan *plan)
{
	struct ms_policy_config config = { .rules = &plan->rules,
		.keeps = options->quarantine != NULL };
	struct ms_rulebook *own = NULL;
	bool good;

	scanner_options_clear(&plan->others);
	if (!scanner_options_plan(cmd, options->scan.scanners,
	    &plan->others) || !serve_actions_rules(cmd, options, plan) ||
	    !plan_hostname(cmd, options, plan) ||
	    !block_options_rules(cmd, &options->scan, NULL, &own))
		return false;
	config.hostname = plan->hostname;
	/* Doors of serve ask when somebody connects. */
	config.allow_clients = options->pool ? options->allow_clients : NULL;
	config.blocked = own;
	config.scanners = plan->others.scanners;
	config.scanner_count = plan->others.count;
	good = policy_options_open(cmd, &options->scan.policy, &config,
	    &plan->policy);
	ms_rulebook_free(own);
	return good;
}

/* Can what was said of recipients who want different things be done? */
static bool
check_conflict(const struct command *cmd, const struct serve_options *options)
{
	if (options->scan.policy.conflict != MS_POLICY_SPLIT ||
	    (!options->pool && !options->scan_socket))
		return true;
	(void)option_error(cmd, "--policy-conflict: split: filter, queue and "
	    "milter have one answer for all recipients: say strictest or "
	    "last; only a serve without --scan-socket can split");
	return false;
}

bool
serve_options_plan(const struct command *cmd,
    const struct serve_options *options, struct serve_plan *plan)
{
	*plan = (struct serve_plan){ .before = plan->before };
	if (!check_conflict(cmd, options) ||
	    !serve_options_policy(cmd, options, plan) ||
	    !serve_watch_plan(cmd, options, plan) ||
	    !serve_actions_plan(cmd, options, plan) ||
	    !serve_notices_plan(cmd, options, plan) ||
	    !plan_clients(cmd, options, plan) ||
	    !plan_scanner(cmd, options, plan) ||
	    !plan_addresses(cmd, options, plan) ||
	    (!options->pool && (!serve_peers_plan(cmd, options, plan) ||
	    !serve_talks_plan(cmd, options, plan))) ||
	    !serve_service_plan(cmd, options, plan))
		return false;
	plan_front(options, plan);
	return true;
}

void
serve_options_clear(struct serve_plan *plan)
{
	g_free(plan->scan_socket);
	serve_actions_clear(plan);
	serve_notices_clear(plan);
	if (plan->allowed)
		g_array_unref(plan->allowed);
	g_free(plan->hostname);
	ms_policy_free(plan->policy);
	passwords_free(plan->passwords);
	ms_rulebook_free(plan->blocked);
	scanner_options_clear(&plan->others);
	serve_peers_clear(plan);
	serve_talks_clear(plan);
	serve_service_clear(plan);
}

/* Other rules may stand in a file of the same name. */
static bool
rules_differ(const struct ms_rulebook *a, const struct ms_rulebook *b)
{
	struct ms_digest one, other;

	if (!a || !b)
		return a != b;
	one = ms_rulebook_digest(a);
	other = ms_rulebook_digest(b);
	return !ms_hash_equal(&one, &other);
}

bool
serve_options_files_differ(const struct serve_plan *a,
    const struct serve_plan *b)
{
	static char *none[] = { NULL };

	return rules_differ(a->blocked, b->blocked) ||
	    ms_policy_wants_all(a->policy) != ms_policy_wants_all(b->policy) ||
	    ms_policy_wants_parts(a->policy) !=
	    ms_policy_wants_parts(b->policy) ||
	    !g_strv_equal(
	    (const char *const *)(a->passwords ? a->passwords : none),
	    (const char *const *)(b->passwords ? b->passwords : none));
}
