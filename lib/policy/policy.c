#include "policy/policy.h"

#include "policy/articles.h"
#include "policy/digests.h"

#include <string.h>

enum { RULES_MAX = 10000 };

/* What "private" is: what the classic milter took for the LAN, and what IPv6
 * has for it. */
static const char *const private_nets[] = { "10.0.0.0/8", "172.16.0.0/12",
	"192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10" };

/* Is what a policy says of actions possible here? */
static enum ms_status
check_rules(struct ms_policy *policy, const struct ms_settings *settings,
    struct ms_error *err)
{
	for (int i = 0; i < MS_OCCASIONS; i++) {
		const struct ms_choice *choice = &settings->rules.on[i];
		const char *name = ms_decide_occasion_name(
		    (enum ms_occasion)i);

		if (!ms_settings_has(settings, MS_SETTINGS_ON + i))
			continue;
		if (choice->quarantine && !policy->keeps)
			return ms_error_set(err, MS_E_FORMAT, "on_%s: there "
			    "is no quarantine to keep it in", name);
		if (choice->address && (!strchr(choice->address, '@') ||
		    strpbrk(choice->address, " \t<>\r\n")))
			return ms_error_set(err, MS_E_FORMAT, "on_%s: \"%s\" "
			    "is no address", name, choice->address);
	}
	return MS_OK;
}

/* Note TEXT, of which PREFIX says what it is, in LIST. */
static enum ms_status
note(struct ms_policy *policy, GPtrArray *list, const char *prefix,
    const char *text, struct ms_error *err)
{
	char *key = g_strconcat(prefix, text, NULL);

	/* Not added again, which would free the one that LIST has. */
	if (g_hash_table_contains(policy->known, key)) {
		g_free(key);
		return MS_OK;
	}
	(void)g_hash_table_add(policy->known, key);
	if (list->len >= RULES_MAX)
		return ms_error_set(err, MS_E_FORMAT, "more than %d names or "
		    "expressions in all", RULES_MAX);
	g_ptr_array_add(list, key + strlen(prefix));
	return MS_OK;
}

/* What a policy blocks: is it right, and is it noted? */
static enum ms_status
note_blocked(struct ms_policy *policy, const struct ms_settings *settings,
    struct ms_error *err)
{
	const struct ms_rulebook_config config = {
		.names = (const char *const *)settings->attach,
		.regexes = (const char *const *)settings->regex,
	};
	struct ms_rulebook *book = NULL;
	enum ms_status status;
	char **p;

	if (!settings->attach && !settings->regex)
		return MS_OK;
	status = ms_rulebook_new(&config, &book, err);
	ms_rulebook_free(book);
	for (p = settings->attach; status == MS_OK && p && *p; p++)
		status = note(policy, policy->names, "n", *p, err);
	for (p = settings->regex; status == MS_OK && p && *p; p++)
		status = note(policy, policy->regexes, "r", *p, err);
	return status == MS_OK ? MS_OK : MS_E_FORMAT;
}

static enum ms_status
check_settings(struct ms_policy *policy, const struct ms_settings *settings,
    struct ms_error *err)
{
	enum ms_status status = check_rules(policy, settings, err);

	ms_articles_note(policy, settings);
	return status == MS_OK ? note_blocked(policy, settings, err) : status;
}

/* Of a policy map, a ms_policymap_check. */
static enum ms_status
check_text(void *arg, const char *text, struct ms_error *err)
{
	struct ms_settings settings;
	enum ms_status status = ms_settings_parse(text, &settings, err);

	if (status == MS_OK)
		status = check_settings(arg, &settings, err);
	ms_settings_clear(&settings);
	return status;
}

static enum ms_status
add_maps(struct ms_policy *policy, const struct ms_policy_config *config,
    struct ms_error *err)
{
	const char *const *p;
	enum ms_status status = MS_OK;

	for (p = config->lines; status == MS_OK && p && *p; p++)
		status = ms_policymap_add(policy->map, "policy", *p,
		    strlen(*p), err);
	for (p = config->maps; status == MS_OK && p && *p; p++)
		status = ms_policymap_read(policy->map, *p, err);
	if (status == MS_E_IO)
		ms_error_context(err, "policy-map");
	ms_policymap_seal(policy->map);
	return status;
}

static void
free_client(void *arg)
{
	struct ms_articles_client *client = arg;

	ms_settings_clear(&client->settings);
	g_free(client->text);
	g_free(client);
}

static gint
compare_clients(gconstpointer a, gconstpointer b)
{
	const struct ms_articles_client *const *x = a, *const *y = b;

	return (int)(*y)->subnet.bits - (int)(*x)->subnet.bits;
}

static enum ms_status
add_client(struct ms_policy *policy, const char *text, struct ms_error *err)
{
	struct ms_articles_client *client =
	    g_new0(struct ms_articles_client, 1);
	const size_t size = strcspn(text, " \t");
	char *net = g_strndup(text, size);
	enum ms_status status;

	client->text = g_strdup(text);
	g_ptr_array_add(policy->clients, client);
	status = ms_subnet_parse(net, &client->subnet, err);
	if (status == MS_OK)
		status = ms_settings_parse(text + size, &client->settings,
		    err);
	if (status == MS_OK)
		status = check_settings(policy, &client->settings, err);
	if (status != MS_OK)
		ms_error_context(err, "client-policy");
	g_free(net);
	return status == MS_OK ? MS_OK : MS_E_FORMAT;
}

static enum ms_status
add_clients(struct ms_policy *policy, const char *const *list,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;

	for (; status == MS_OK && list && *list; list++)
		status = add_client(policy, *list, err);
	g_ptr_array_sort(policy->clients, compare_clients);
	return status;
}

static enum ms_status
add_subnet(GArray *subnets, const char *text, struct ms_error *err)
{
	struct ms_subnet subnet;
	enum ms_status status = ms_subnet_parse(text, &subnet, err);

	if (status == MS_OK)
		g_array_append_val(subnets, subnet);
	return status == MS_OK ? MS_OK : MS_E_FORMAT;
}

/* The networks of LIST, in which "private" is some of them. */
static enum ms_status
add_subnets(GArray *subnets, const char *const *list, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	for (; status == MS_OK && list && *list; list++) {
		if (strcmp(*list, "private") != 0) {
			status = add_subnet(subnets, *list, err);
			continue;
		}
		for (size_t i = 0; i < G_N_ELEMENTS(private_nets); i++)
			(void)add_subnet(subnets, private_nets[i], err);
	}
	return status;
}

/* Likewise what is local, in which "local" is what has no address. */
static enum ms_status
add_local(struct ms_policy *policy, const char *const *list,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;

	for (; status == MS_OK && *list; list++) {
		const char *const one[] = { *list, NULL };

		if (strcmp(*list, "local") == 0)
			policy->local_programs = true;
		else
			status = add_subnets(policy->local, one, err);
	}
	return status;
}

static void
set_scanners(struct ms_policy *policy, const struct ms_policy_config *config)
{
	struct ms_settings *base = &policy->base;

	for (size_t i = 0; i < config->scanner_count; i++) {
		struct ms_policy_scanner one = config->scanners[i];

		if (one.kind == MS_POLICY_SPAM && !base->spam) {
			base->spam = true;
			base->hits = one.hits;
			base->passthru = one.passthru;
		}
		base->sophie |= one.kind == MS_POLICY_SOPHIE;
		one.name = g_strdup(one.name);
		one.user = g_strdup(one.user);
		g_array_append_val(policy->scanners, one);
	}
}

/* What holds for those of whom no policy says anything. */
static void
set_base(struct ms_policy *policy, const struct ms_policy_config *config)
{
	struct ms_settings *base = &policy->base;
	struct ms_settings rules = { .said = 0 };

	rules.clam = true;
	rules.hits = -1;
	if (config->rules)
		rules.rules = *config->rules;
	else
		ms_decide_init(&rules.rules);
	rules.said = 1u << MS_SETTINGS_CLAM | 1u << MS_SETTINGS_SPAM |
	    1u << MS_SETTINGS_SOPHIE;
	for (int i = 0; i < MS_OCCASIONS; i++) {
		const char *address = rules.rules.on[i].address;

		rules.said |= 1u << (MS_SETTINGS_ON + i);
		if (address)
			(void)ms_whom_add(policy->redirected, address, NULL);
	}
	ms_settings_copy(base, &rules);
	base->hits = -1;
	ms_articles_note(policy, base);
	set_scanners(policy, config);
}

static void
set_flags(struct ms_policy *policy, const struct ms_policy_config *config)
{
	policy->ext_sep = g_strdup(config->ext_sep ? config->ext_sep : "-");
	policy->conflict = config->conflict;
	policy->unmatched_skip = config->unmatched_skip;
	policy->keeps = config->keeps;
	for (size_t i = 0; i < ms_rulebook_count(config->blocked); i++) {
		const char *name = ms_rulebook_name(config->blocked, i);

		if (g_str_has_prefix(name, "name:"))
			policy->own_names = true;
		else if (g_str_has_prefix(name, "regex:"))
			policy->own_regex = true;
		else
			policy->own_others = true;
		(void)g_hash_table_add(policy->own, g_strdup(name));
	}
	policy->skip_local = config->skip_local;
	policy->skip_outgoing = config->skip_outgoing;
	policy->force_scan = config->force_scan;
	policy->reject_forged = config->reject_forged_local;
	policy->forged_by_name = config->forged_by_name;
	policy->hostname = g_strdup(config->hostname);
	policy->address_chars = g_strdup(config->block_address_chars);
	if (config->allow_signatures && *config->allow_signatures) {
		policy->signatures = g_strdupv((char **)(uintptr_t)
		    config->allow_signatures);
		for (char **s = policy->signatures; *s; s++)
			for (char *p = *s; *p != '\0'; p++)
				*p = g_ascii_tolower(*p);
	}
}

static struct ms_policy *
make(void)
{
	struct ms_policy *policy = g_new0(struct ms_policy, 1);

	policy->map = ms_policymap_new(check_text, policy);
	policy->clients = g_ptr_array_new_with_free_func(free_client);
	policy->own = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
	    NULL);
	policy->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
	    NULL);
	policy->names = g_ptr_array_new();
	policy->regexes = g_ptr_array_new();
	policy->scanners = g_array_new(FALSE, FALSE,
	    sizeof(struct ms_policy_scanner));
	policy->allow_from = ms_whom_new();
	policy->allow_to = ms_whom_new();
	policy->redirected = ms_whom_new();
	policy->blackhole = ms_whom_new();
	policy->local_domains = ms_whom_new();
	policy->local = g_array_new(FALSE, FALSE, sizeof(struct ms_subnet));
	policy->exempt = g_array_new(FALSE, FALSE, sizeof(struct ms_subnet));
	policy->allowed = g_array_new(FALSE, FALSE, sizeof(struct ms_subnet));
	return policy;
}

static enum ms_status
fill_lists(struct ms_policy *policy, const struct ms_policy_config *config,
    struct ms_error *err)
{
	static const char *const usual[] = { "private", NULL };
	const struct {
		struct ms_whom *whom;
		const char *const *list;
		const char *name;
	} rows[] = {
		{ policy->allow_from, config->allow_from, "allow-from" },
		{ policy->allow_to, config->allow_to, "allow-to" },
		{ policy->blackhole, config->blackhole, "blackhole" },
		{ policy->local_domains, config->local_domains,
		  "local-domains" },
	};
	enum ms_status status = MS_OK;

	for (size_t i = 0; status == MS_OK && i < G_N_ELEMENTS(rows); i++) {
		status = ms_whom_add_all(rows[i].whom, rows[i].list, err);
		if (status != MS_OK)
			ms_error_context(err, "%s", rows[i].name);
	}
	for (const char *const *p = config->allow_lists; status == MS_OK &&
	    p && *p; p++)
		status = ms_whom_read(*p, policy->allow_from,
		    policy->allow_to, err);
	if (status == MS_E_IO)
		ms_error_context(err, "allow-list");
	if (status != MS_OK)
		return status;
	status = add_local(policy, config->local_nets ? config->local_nets :
	    usual, err);
	if (status != MS_OK)
		ms_error_context(err, "local-nets");
	else if ((status = add_subnets(policy->exempt, config->block_exempt,
	    err)) != MS_OK)
		ms_error_context(err, "block-client-exempt");
	else if ((status = add_subnets(policy->allowed, config->allow_clients,
	    err)) != MS_OK)
		ms_error_context(err, "allow-clients");
	return status;
}

enum ms_status
ms_policy_open(const struct ms_policy_config *config,
    struct ms_policy **policy, struct ms_error *err)
{
	struct ms_policy *made = make();
	enum ms_status status;

	set_flags(made, config);
	set_base(made, config);
	status = fill_lists(made, config, err);
	if (status == MS_OK)
		status = add_maps(made, config, err);
	if (status == MS_OK)
		status = add_clients(made, config->clients, err);
	if (status == MS_OK && config->allow_sha256)
		status = ms_digests(config->allow_sha256, &made->contents, err);
	if (status == MS_OK) {
		status = ms_logins_new(config->skip_auth, &made->skip_logins,
		    err);
		if (status != MS_OK)
			ms_error_context(err, "skip-auth");
	}
	g_ptr_array_add(made->names, NULL);
	g_ptr_array_add(made->regexes, NULL);
	*policy = made;
	if (status != MS_OK) {
		ms_policy_free(made);
		*policy = NULL;
	}
	return status;
}

void
ms_policy_free(struct ms_policy *policy)
{
	if (!policy)
		return;
	ms_policymap_free(policy->map);
	g_ptr_array_unref(policy->clients);
	g_ptr_array_unref(policy->names);
	g_ptr_array_unref(policy->regexes);
	g_hash_table_unref(policy->known);
	g_hash_table_unref(policy->own);
	for (guint i = 0; i < policy->scanners->len; i++) {
		struct ms_policy_scanner *one = &g_array_index(
		    policy->scanners, struct ms_policy_scanner, i);

		g_free((char *)(uintptr_t)one->name);
		g_free((char *)(uintptr_t)one->user);
	}
	g_array_unref(policy->scanners);
	ms_settings_clear(&policy->base);
	ms_logins_free(policy->skip_logins);
	ms_whom_free(policy->allow_from);
	ms_whom_free(policy->allow_to);
	ms_whom_free(policy->redirected);
	ms_whom_free(policy->blackhole);
	ms_whom_free(policy->local_domains);
	g_strfreev(policy->signatures);
	if (policy->contents)
		g_hash_table_unref(policy->contents);
	g_array_unref(policy->local);
	g_array_unref(policy->exempt);
	g_array_unref(policy->allowed);
	g_free(policy->ext_sep);
	g_free(policy->hostname);
	g_free(policy->address_chars);
	g_free(policy);
}

bool
ms_policy_wants_all(const struct ms_policy *policy)
{
	return policy->signatures != NULL || policy->contents != NULL ||
	    (policy->has_classes && policy->grades);
}

bool
ms_policy_wants_parts(const struct ms_policy *policy)
{
	return policy->contents != NULL;
}

struct ms_rulebook_config
ms_policy_blocked(const struct ms_policy *policy)
{
	return (struct ms_rulebook_config){
		.names = (const char *const *)policy->names->pdata,
		.regexes = (const char *const *)policy->regexes->pdata,
	};
}

/* Does the client speak for itself, from elsewhere? */
static bool
is_foreign(const struct ms_policy *policy,
    const struct ms_policy_query *query)
{
	return (policy->forged_by_name || !query->authenticated) &&
	    !ms_articles_is_own(query->client) &&
	    !ms_articles_in(policy->local, query->client);
}

/* Is NAME, which a client has or says, one of ours? */
static bool
is_ours(const struct ms_policy *policy, const char *name)
{
	char *lower;
	bool ours;

	if (!name || *name == '\0')
		return false;
	if (policy->hostname && g_ascii_strcasecmp(name, policy->hostname) ==
	    0)
		return true;
	lower = g_strconcat("@", name, NULL);
	ours = ms_whom_has(policy->local_domains, lower);
	g_free(lower);
	return ours;
}

char *
ms_policy_client(const struct ms_policy *policy,
    const struct ms_policy_query *query)
{
	if (policy->allowed->len > 0 && !ms_articles_is_own(query->client) &&
	    !ms_articles_in(policy->allowed, query->client))
		return g_strdup("451 4.7.1 You are not served here");
	if (!policy->reject_forged || !is_foreign(policy, query) ||
	    (!is_ours(policy, query->client_name) &&
	    (policy->forged_by_name || !is_ours(policy, query->helo))))
		return NULL;
	return g_strdup("550 5.7.1 You have claimed to be me, but you are "
	    "not");
}

char *
ms_policy_sender(const struct ms_policy *policy,
    const struct ms_policy_query *query)
{
	if (!policy->reject_forged || policy->forged_by_name ||
	    !query->sender ||
	    *query->sender == '\0' || !is_foreign(policy, query) ||
	    !ms_whom_has(policy->local_domains, query->sender))
		return NULL;
	return g_strdup("550 5.7.1 You have claimed to be one of us, but you "
	    "are not");
}

char *
ms_policy_recipient(const struct ms_policy *policy, const char *recipient)
{
	if (!policy->address_chars ||
	    !strpbrk(recipient, policy->address_chars))
		return NULL;
	return g_strdup("554 5.7.1 Suspicious recipient address blocked");
}

bool
ms_policy_minds_senders(const struct ms_policy *policy)
{
	return policy->reject_forged || policy->allowed->len > 0;
}

bool
ms_policy_minds_recipients(const struct ms_policy *policy)
{
	return policy->address_chars != NULL;
}

bool
ms_policy_is_exempt(const struct ms_policy *policy, const char *client)
{
	return ms_articles_is_own(client) ||
	    ms_articles_in(policy->local, client) ||
	    ms_articles_in(policy->exempt, client);
}
