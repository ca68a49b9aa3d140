#include "policy_options.h"

#include <string.h>

#define TO(field) offsetof(struct policy_options, field), 0, 0, NULL
#define WITHIN(field, min, max) \
	offsetof(struct policy_options, field), min, max, NULL
#define ONE_OF(field, choices) \
	offsetof(struct policy_options, field), 0, 0, choices

static const struct opt_choice conflicts[] = {
	{ "strictest", MS_POLICY_STRICTEST },
	{ "last", MS_POLICY_LAST },
	{ "split", MS_POLICY_SPLIT },
	{ 0 },
};

static const struct opt_choice whoever[] = {
	{ "yes", 0 },
	{ 0 },
};

static const struct opt_choice forged[] = {
	{ "yes", 0 },
	{ "name", 0 },
	{ "no", 0 },
	{ 0 },
};

static const struct opt_choice unmatched[] = {
	{ "scan", POLICY_SCAN },
	{ "skip", POLICY_SKIP },
	{ 0 },
};

const struct opt policy_options_rules[] = {
	{ "policy-map", 0, OPT_LIST, true, "Policy", "FILE",
	  "what holds for addresses and domains (mailscan-policy(5))",
	  TO(maps) },
	{ "policy-rule", 0, OPT_LIST, false, NULL, "LINE",
	  "a line as they have it, which comes before theirs", TO(lines) },
	{ "client-policy", 0, OPT_LIST, false, NULL, "RULE",
	  "what holds for clients: \"NETWORK NAME=VALUE,...\"", TO(clients) },
	{ "policy-ext-sep", 0, OPT_STRING, false, NULL, "CHARS",
	  "what separates the pieces of user-list-owner@example.com "
	  "(default: -)", TO(ext_sep) },
	{ "policy-conflict", 0, OPT_CHOICE, false, NULL, "WHAT",
	  "if recipients of a message want different things: the strictest, "
	  "what the last one wants, or each its own",
	  ONE_OF(conflict, conflicts) },
	{ "unmatched", 0, OPT_CHOICE, false, NULL, "WHAT",
	  "scan mail that no line is about (the default), or skip it",
	  ONE_OF(unmatched, unmatched) },
	{ "allow-signature", 0, OPT_LIST, false, NULL, "GLOB",
	  "names of findings that do not count", TO(allow_signatures) },
	{ "allow-sha256", 0, OPT_STRING, false, NULL, "FILE",
	  "digests of contents in which no finding counts",
	  TO(allow_sha256) },
	{ 0 },
};

const struct opt policy_options_people[] = {
	{ "allow-from", 0, OPT_LIST, false, "Clients and addresses",
	  "ADDRESS", "senders whose mail is not scanned", TO(allow_from) },
	{ "allow-to", 0, OPT_LIST, false, NULL, "ADDRESS",
	  "mail is not scanned if all its recipients are here",
	  TO(allow_to) },
	{ "allow-list", 0, OPT_LIST, false, NULL, "FILE",
	  "both, as a file of clamav-milter has them", TO(allow_lists) },
	{ "local-nets", 0, OPT_LIST, false, NULL, "NETWORK",
	  "where local clients are (default: private)", TO(local_nets) },
	{ "scan-local", 0, OPT_FLAG, false, NULL, NULL,
	  "scan mail of clients there (the default)", TO(scan_local) },
	{ "scan-outgoing", 0, OPT_FLAG, false, NULL, NULL,
	  "scan mail from this machine (the default)", TO(scan_outgoing) },
	{ "skip-auth", 0, OPT_LIST, false, NULL, "WHOM",
	  "do not scan mail of clients that are authenticated: yes, no, or as "
	  "whom (tom, re:^t, posix:^t, file:PATH)",
	  offsetof(struct policy_options, skip_auth), 0, 0, whoever },
	{ "force-scan", 0, OPT_FLAG, false, NULL, NULL,
	  "scan, whatever the last three say", TO(force_scan) },
	{ "block-client-time", 0, OPT_NUMBER, false, NULL, "SECONDS",
	  "how long a client is refused that sent a virus; 0: it is not",
	  WITHIN(block_client_s, 0, 86400) },
	{ "block-client-exempt", 0, OPT_LIST, false, NULL, "NETWORK",
	  "clients that are not, as those in --local-nets", TO(block_exempt) },
	{ "reject-forged-local", 0, OPT_STRING, false, NULL, "WHAT",
	  "refuse clients elsewhere that say they are this server, or of "
	  "--local-domains: yes, no, or name, for those that DNS calls so",
	  offsetof(struct policy_options, reject_forged), 0, 0, forged },
	{ "local-domains", 0, OPT_LIST, false, NULL, "DOMAIN",
	  "domains that only local clients send from", TO(local_domains) },
	{ "blackhole", 0, OPT_LIST, false, NULL, "ADDRESS",
	  "mail is thrown away if all its recipients are here",
	  TO(blackhole) },
	{ "block-address-chars", 0, OPT_STRING, false, NULL, "CHARS",
	  "refuse recipients with any of them", TO(address_chars) },
	{ 0 },
};

static bool
check_forged(const struct command *cmd, const char *text)
{
	for (const struct opt_choice *c = forged; text && c->name; c++)
		if (strcmp(c->name, text) == 0)
			return true;
	if (text)
		(void)option_error(cmd, "--reject-forged-local: want yes, no "
		    "or name, not %s", text);
	return !text;
}

bool
policy_options_open(const struct command *cmd,
    const struct policy_options *options, struct ms_policy_config *config,
    struct ms_policy **policy)
{
	struct ms_error err = { "" };

	if (!check_forged(cmd, options->reject_forged))
		return false;
	config->maps = options->maps;
	config->lines = options->lines;
	config->clients = options->clients;
	config->ext_sep = options->ext_sep;
	config->conflict = (enum ms_policy_conflict)options->conflict;
	config->unmatched_skip = options->unmatched == POLICY_SKIP;
	config->allow_from = options->allow_from;
	config->allow_to = options->allow_to;
	config->allow_lists = options->allow_lists;
	config->allow_signatures = options->allow_signatures;
	config->allow_sha256 = options->allow_sha256;
	config->local_nets = options->local_nets;
	config->skip_local = !options->scan_local;
	config->skip_outgoing = !options->scan_outgoing;
	config->skip_auth = options->skip_auth;
	config->force_scan = options->force_scan;
	config->reject_forged_local = options->reject_forged &&
	    strcmp(options->reject_forged, "no") != 0;
	config->forged_by_name = g_strcmp0(options->reject_forged, "name") ==
	    0;
	config->local_domains = options->local_domains;
	config->blackhole = options->blackhole;
	config->block_address_chars = options->address_chars;
	config->block_exempt = options->block_exempt;
	if (ms_policy_open(config, policy, &err) == MS_OK)
		return true;
	(void)option_error(cmd, "%s", err.text);
	return false;
}
