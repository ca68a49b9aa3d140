#include "serve_options.h"

#include <string.h>

/* Options for whom the server talks to: who may say what of others, and which
 * next hops there are. */

#define TO(field) offsetof(struct serve_options, field), 0, 0, NULL

/* Bytes of a banner: a reply has room for 512. */
#define BANNER_MAX 200

/* How often names are looked up. */
#define LOOK_UP_MS 60000

static const char *const upstream_default[] = { "127.0.0.1:10025", NULL };

/* What sockets are when they are opened. */
const struct opt serve_peers_sockets[] = {
	{ "transparent", 0, OPT_FLAG, false, NULL, NULL,
	  "listen for connections to others, as TPROXY hands them over",
	  TO(transparent) },
	{ 0 },
};

const struct opt serve_peers_rows[] = {
	{ "upstream", 0, OPT_LIST, true, "Next hops", "ADDRESS",
	  "the next hop: HOST:PORT, [IPV6]:PORT, unix:PATH, client:PORT or "
	  "original-dst; several are tried in turn (default: "
	  "127.0.0.1:10025)", TO(upstream) },
	{ "sink", 0, OPT_FLAG, false, NULL, NULL,
	  "there is no next hop: take all mail, and throw it away",
	  TO(sink) },
	{ "xclient", 0, OPT_FLAG, false, NULL, NULL,
	  "tell the next hop who the client is, if it offers XCLIENT",
	  TO(xclient) },
	{ "trust-xclient", 0, OPT_LIST, false, "Trust", "NETWORK",
	  "clients that may say with XCLIENT who they are",
	  TO(trust_xclient) },
	{ "trust-xforward", 0, OPT_LIST, false, NULL, "NETWORK",
	  "clients that may say with XFORWARD where mail comes from",
	  TO(trust_xforward) },
	{ "trust-proxy", 0, OPT_LIST, false, NULL, "NETWORK",
	  "balancers, which begin with the PROXY protocol (version 1 or 2)",
	  TO(trust_proxy) },
	{ "banner", 0, OPT_STRING, false, "Commands", "TEXT",
	  "behind the name in the greeting (default: ESMTP, or LMTP)",
	  TO(banner) },
	{ "hide", 0, OPT_LIST, false, NULL, "KEYWORD",
	  "do not offer what the next hop offers in its reply to EHLO",
	  TO(hide) },
	{ "pass-unknown", 0, OPT_FLAG, false, NULL, NULL,
	  "offer also what is not known here", TO(pass_unknown) },
	{ "refuse", 0, OPT_LIST, false, NULL, "VERB",
	  "do not pass on vrfy, expn, etrn or auth", TO(refuse) },
	{ 0 },
};

static bool
plan_networks(const struct command *cmd, const char *name,
    const char *const *texts, struct ms_networks *networks)
{
	struct ms_network *list;
	struct ms_error err;
	size_t count = 0;

	while (texts && texts[count])
		count++;
	list = g_new0(struct ms_network, count + 1);
	*networks = (struct ms_networks){ list, count };
	for (size_t i = 0; i < count; i++) {
		if (ms_network_parse(texts[i], &list[i], &err) == MS_OK)
			continue;
		(void)option_error(cmd, "--%s: %s", name, err.text);
		return false;
	}
	return true;
}

static bool
plan_trust(const struct command *cmd, const struct serve_options *options,
    struct serve_plan *plan)
{
	struct ms_front_config *front = &plan->master.front;

	return plan_networks(cmd, "trust-xclient", options->trust_xclient,
	    &front->visit.trust_xclient) &&
	    plan_networks(cmd, "trust-xforward", options->trust_xforward,
	    &front->visit.trust_xforward) &&
	    plan_networks(cmd, "trust-proxy", options->trust_proxy,
	    &front->balancers);
}

static bool
plan_hops(const struct command *cmd, const struct serve_options *options,
    struct serve_plan *plan)
{
	struct ms_hops_config *hops = &plan->master.front.hops;
	struct ms_error err;

	plan->master.transparent = options->transparent;
	hops->connect_ms = options->connect_timeout_s * 1000;
	hops->lmtp = options->lmtp;
	if (options->sink && options->upstream) {
		(void)option_error(cmd, "--sink: there is --upstream as well");
		return false;
	}
	if (options->sink)
		return true;
	hops->targets = options->upstream ? options->upstream :
	    upstream_default;
	for (const char *const *text = hops->targets; *text; text++)
		if (ms_upstream_check(*text, &err) != MS_OK) {
			(void)option_error(cmd, "--upstream: %s", err.text);
			return false;
		}
	plan->names = ms_upstream_names(hops->targets);
	plan->master.lookup = (struct ms_lookup_config){ plan->names,
		LOOK_UP_MS };
	return true;
}

static bool
is_of(const char *text, const char *more)
{
	for (; *text != '\0'; text++)
		if (!g_ascii_isalnum(*text) && !strchr(more, *text))
			return false;
	return true;
}

static bool
plan_verbs(const struct command *cmd, const struct serve_options *options,
    unsigned *refuse)
{
	static const struct {
		const char *name;
		enum ms_verb verb;
	} verbs[] = { { "vrfy", MS_VERB_VRFY }, { "expn", MS_VERB_EXPN },
		{ "etrn", MS_VERB_ETRN }, { "auth", MS_VERB_AUTH } };

	for (const char *const *word = options->refuse; word && *word;
	    word++) {
		size_t i = 0;

		while (i < G_N_ELEMENTS(verbs) &&
		    g_ascii_strcasecmp(*word, verbs[i].name) != 0)
			i++;
		if (i == G_N_ELEMENTS(verbs)) {
			(void)option_error(cmd, "--refuse=%s: want vrfy, "
			    "expn, etrn or auth", *word);
			return false;
		}
		*refuse |= 1U << verbs[i].verb;
	}
	return true;
}

static bool
plan_words(const struct command *cmd, const struct serve_options *options,
    struct serve_plan *plan)
{
	struct ms_proxy_config *proxy = &plan->master.front.visit.proxy;

	for (const char *const *word = options->hide; word && *word; word++)
		if (**word == '\0' || !is_of(*word, "-")) {
			(void)option_error(cmd, "--hide=%s: want a keyword",
			    *word);
			return false;
		}
	for (const char *p = options->banner; p && *p != '\0'; p++)
		if (!g_ascii_isprint(*p) || p - options->banner >= BANNER_MAX) {
			(void)option_error(cmd, "--banner: want some words of "
			    "ASCII");
			return false;
		}
	proxy->hide = options->hide;
	proxy->banner = options->banner;
	proxy->pass_unknown = options->pass_unknown;
	proxy->xclient = options->xclient;
	return plan_verbs(cmd, options, &proxy->refuse);
}

bool
serve_peers_plan(const struct command *cmd,
    const struct serve_options *options, struct serve_plan *plan)
{
	return plan_trust(cmd, options, plan) &&
	    plan_hops(cmd, options, plan) && plan_words(cmd, options, plan);
}

void
serve_peers_clear(struct serve_plan *plan)
{
	struct ms_front_config *front = &plan->master.front;

	g_free((struct ms_network *)front->visit.trust_xclient.list);
	g_free((struct ms_network *)front->visit.trust_xforward.list);
	g_free((struct ms_network *)front->balancers.list);
	g_strfreev(plan->names);
}
