#include "serve_options.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Options for how the server talks to both sides. */

#define TO(field) offsetof(struct serve_options, field), 0, 0, NULL
#define WITHIN(field, min, max) \
	offsetof(struct serve_options, field), min, max, NULL
#define ONE_OF(field, choices) \
	offsetof(struct serve_options, field), 0, 0, choices

#define TLS_CONNECT (MS_PROXY_TLS_REQUIRE + 1)

static const struct opt_choice tls_modes[] = {
	{ "off", MS_PROXY_TLS_OFF },
	{ "may", MS_PROXY_TLS_MAY },
	{ "require", MS_PROXY_TLS_REQUIRE },
	{ 0 },
};

static const struct opt_choice upstream_tls_modes[] = {
	{ "off", MS_PROXY_TLS_OFF },
	{ "may", MS_PROXY_TLS_MAY },
	{ "require", MS_PROXY_TLS_REQUIRE },
	{ "connect", TLS_CONNECT },
	{ 0 },
};

static const struct opt_choice protocols[] = {
	{ "smtp", false },
	{ "lmtp", true },
	{ 0 },
};

const struct opt serve_talks_rows[] = {
	{ "protocol", 0, OPT_CHOICE, true, "Talks", "NAME",
	  "smtp, or lmtp, on both sides", ONE_OF(lmtp, protocols) },
	{ "tls", 0, OPT_CHOICE, true, NULL, "WHEN",
	  "STARTTLS of clients (default: may, where there is a certificate)",
	  ONE_OF(tls, tls_modes) },
	{ "tls-cert", 0, OPT_STRING, true, NULL, "FILE",
	  "the server's certificate, and those up to the one all know",
	  TO(certificate) },
	{ "tls-key", 0, OPT_STRING, true, NULL, "FILE",
	  "its key, if that is not in the same file", TO(key) },
	{ "listen-smtps", 0, OPT_LIST, false, NULL, "ADDRESS",
	  "where clients connect to who begin with TLS", TO(listen_smtps) },
	{ "upstream-tls", 0, OPT_CHOICE, true, NULL, "WHEN",
	  "STARTTLS to the next hop; connect: TLS from the start",
	  ONE_OF(upstream_tls, upstream_tls_modes) },
	{ "upstream-ca", 0, OPT_STRING, false, NULL, "FILE",
	  "check the next hop's certificate against those in FILE",
	  TO(upstream_ca) },
	{ "upstream-name", 0, OPT_STRING, false, NULL, "NAME",
	  "whose it is to be (default: the host of --upstream)",
	  TO(upstream_name) },
	{ "keepalive", 0, OPT_NUMBER, false, NULL, "SECONDS",
	  "send NOOP to the next hop so often while a message comes and is "
	  "scanned; 0: never", WITHIN(keepalive_s, 0, 3600) },
	{ "min-rate", 0, OPT_SIZE, false, NULL, "SIZE",
	  "fewest bytes a second of a message; 0: any",
	  WITHIN(min_rate, 0, (int64_t)1 << 30) },
	{ 0 },
};

/* Only root may read PATH, and we are not root any more. */
static bool
is_out_of_reach(const char *path)
{
	return path && access(path, R_OK) != 0 && errno == EACCES;
}

/* Have what was read while there were the rights for that, if the files are
 * the same; WHY they could not be read again is said. */
static bool
keep_certificate(const struct serve_options *options, struct serve_plan *plan,
    const char *why)
{
	const struct serve_plan *before = plan->before;

	if (!before || !before->tls ||
	    g_strcmp0(before->certificate, options->certificate) != 0 ||
	    g_strcmp0(before->key, options->key) != 0 ||
	    (!is_out_of_reach(options->certificate) &&
	    !is_out_of_reach(options->key)))
		return false;
	ms_chronicle_tell(MS_LOGENTRY_WARNING, NULL, "the certificate stays "
	    "as it was: %s", why);
	plan->tls = ms_tls_share(before->tls);
	return true;
}

static bool
plan_clients(const struct command *cmd, const struct serve_options *options,
    struct serve_plan *plan)
{
	struct ms_visit_config *visit = &plan->master.front.visit;
	const struct ms_tls_config config = {
		.server = true,
		.certificate = options->certificate,
		.key = options->key,
	};
	struct ms_error err;
	int mode = options->tls;

	if (mode == SERVE_TLS_UNSAID)
		mode = options->certificate ? MS_PROXY_TLS_MAY :
		    MS_PROXY_TLS_OFF;
	if (!options->certificate &&
	    (mode != MS_PROXY_TLS_OFF || options->listen_smtps)) {
		(void)option_error(cmd, "%s: there is no --tls-cert",
		    mode != MS_PROXY_TLS_OFF ? "--tls" : "--listen-smtps");
		return false;
	}
	if (options->key && !options->certificate) {
		(void)option_error(cmd, "--tls-key: there is no --tls-cert");
		return false;
	}
	for (const char *const *a = options->listen_smtps; a && *a; a++)
		if (ms_doors_check(*a, &err) != MS_OK) {
			(void)option_error(cmd, "--listen-smtps: %s",
			    err.text);
			return false;
		}
	plan->master.listen_secured = options->listen_smtps;
	visit->proxy.client_tls = (enum ms_proxy_tls)mode;
	plan->certificate = options->certificate;
	plan->key = options->key;
	if (!options->certificate ||
	    ms_tls_new(&config, &plan->tls, &err) == MS_OK ||
	    keep_certificate(options, plan, err.text))
		return true;
	(void)option_error(cmd, "--%s: %s", options->key &&
	    g_str_has_prefix(err.text, options->key) ? "tls-key" : "tls-cert",
	    err.text);
	return false;
}

/* Is there a host in each of TARGETS? */
static bool
have_hosts(const char *const *targets)
{
	for (; targets && *targets; targets++)
		if (g_str_has_prefix(*targets, "unix:") ||
		    g_str_has_prefix(*targets, "client:") ||
		    strcmp(*targets, "original-dst") == 0)
			return false;
	return true;
}

static bool
plan_upstream(const struct command *cmd, const struct serve_options *options,
    struct serve_plan *plan)
{
	struct ms_visit_config *visit = &plan->master.front.visit;
	const struct ms_tls_config config = {
		.ca_file = options->upstream_ca,
		.verify = options->upstream_ca != NULL,
	};
	struct ms_error err;

	if (options->upstream_tls == MS_PROXY_TLS_OFF) {
		if (!options->upstream_ca)
			return true;
		(void)option_error(cmd, "--upstream-ca: there is no "
		    "--upstream-tls");
		return false;
	}
	visit->proxy.hop_tls = options->upstream_tls == TLS_CONNECT ?
	    MS_PROXY_TLS_OFF : (enum ms_proxy_tls)options->upstream_tls;
	visit->upstream_name = options->upstream_name;
	if (options->upstream_ca && !options->upstream_name &&
	    !have_hosts(options->upstream)) {
		(void)option_error(cmd, "--upstream-ca: say whose certificate "
		    "it is to be (--upstream-name)");
		return false;
	}
	if (ms_tls_new(&config, &plan->upstream_tls, &err) == MS_OK)
		return true;
	(void)option_error(cmd, "--upstream-ca: %s", err.text);
	return false;
}

bool
serve_talks_plan(const struct command *cmd,
    const struct serve_options *options, struct serve_plan *plan)
{
	struct ms_visit_config *visit = &plan->master.front.visit;

	visit->proxy.lmtp = options->lmtp;
	if (!plan_clients(cmd, options, plan) ||
	    !plan_upstream(cmd, options, plan))
		return false;
	visit->tls = plan->tls;
	visit->upstream_tls = plan->upstream_tls;
	if (options->upstream_tls == TLS_CONNECT)
		plan->master.front.hops.tls = plan->upstream_tls;
	plan->master.front.hops.tls_name = options->upstream_name;
	return true;
}

void
serve_talks_clear(struct serve_plan *plan)
{
	ms_tls_free(plan->tls);
	ms_tls_free(plan->upstream_tls);
}
