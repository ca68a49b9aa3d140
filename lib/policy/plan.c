#include "policy/plan.h"

#include "policy/addressee.h"
#include "policy/articles.h"
#include "policy/excuse.h"

#include <string.h>

/* Most pieces of one address that are looked up. */
enum { PIECES_MAX = 32 };

/* A plan in the making. */
struct making {
	const struct ms_policy *policy;
	const struct ms_policy_query *query;
	struct ms_plan *plan;
	GString *key;
	bool matched;		/* a policy says something */
};

/* What holds for one recipient, or for all. */
struct holding {
	struct ms_settings settings;
	bool matched;
	bool block_names, block_regex;
};

static void G_GNUC_PRINTF(2, 3)
tell(const struct making *m, const char *format, ...)
{
	va_list ap;

	if (!m->plan->path)
		return;
	va_start(ap, format);
	g_ptr_array_add(m->plan->path, g_strdup_vprintf(format, ap));
	va_end(ap);
}

/* What the map says of the key goes over SETTINGS. */
static void
look_up(struct making *m, const char *key, size_t size,
    struct ms_settings *settings)
{
	struct ms_policymap_place place;
	const char *text = ms_policymap_find(m->policy->map, key, size,
	    &place);
	struct ms_settings more;

	if (!text) {
		tell(m, "  %s%.*s: no line", size ? "" : "default",
		    (int)size, key);
		return;
	}
	tell(m, "  %s%.*s: %s:%u: %s", size ? "" : "default", (int)size, key,
	    place.file, place.line, text);
	m->matched = true;
	/* It was checked when the map was read. */
	if (ms_settings_parse(text, &more, NULL) == MS_OK)
		ms_settings_over(settings, &more);
	ms_settings_clear(&more);
}

/* The pieces of the local part of SIZE bytes, which the key begins with:
 * "a@d" and "a-b@d" of "a-b-c@d". */
static void
look_up_pieces(struct making *m, size_t size, struct ms_settings *settings)
{
	GString *piece = g_string_new(NULL);
	unsigned pieces = 0;

	for (size_t i = 1; i < size && pieces < PIECES_MAX; i++) {
		if (!strchr(m->policy->ext_sep, m->key->str[i]))
			continue;
		g_string_truncate(piece, 0);
		g_string_append_len(piece, m->key->str, (gssize)i);
		g_string_append(piece, m->key->str + size);
		look_up(m, piece->str, piece->len, settings);
		pieces++;
	}
	g_string_free(piece, TRUE);
}

/* All that there is about ADDRESS, the most particular last. */
static void
look_up_address(struct making *m, const char *address,
    struct ms_settings *settings)
{
	const char *at;

	ms_addressee_key(m->key, address);
	if (m->key->len == 0)
		return;
	at = strrchr(m->key->str, '@');
	if (at) {
		const size_t local = (size_t)(at - m->key->str);

		look_up(m, at + 1, m->key->len - local - 1, settings);
		look_up_pieces(m, local, settings);
	}
	look_up(m, m->key->str, m->key->len, settings);
}

/* What holds before the recipients are looked at. */
static void
look_up_before(struct making *m, struct ms_settings *settings)
{
	const struct ms_policy *policy = m->policy;
	const char *client = m->query->client;

	ms_settings_copy(settings, &policy->base);
	settings->hits = policy->base.hits;
	settings->passthru = policy->base.passthru;
	tell(m, "everybody");
	look_up(m, "", 0, settings);
	for (guint i = 0; client && i < policy->clients->len; i++) {
		const struct ms_articles_client *one =
		    policy->clients->pdata[i];
		struct ms_subnet address;

		if (!ms_articles_address(client, &address) ||
		    !ms_subnet_holds(&one->subnet, address.family,
		    address.bytes))
			continue;
		tell(m, "client %s: client-policy %s", client, one->text);
		m->matched = true;
		ms_settings_over(settings, &one->settings);
		break;
	}
	if (!m->query->sender)
		return;
	tell(m, "sender %s", *m->query->sender ? m->query->sender : "<>");
	look_up_address(m, m->query->sender, settings);
}

static void
free_check(void *arg)
{
	struct ms_plan_check *check = arg;

	g_free(check->user);
	g_free(check);
}

static void
free_group(void *arg)
{
	struct ms_plan_group *group = arg;

	g_array_unref(group->recipients);
	ms_settings_clear(&group->settings);
	g_free(group->skip);
	g_free(group);
}

/* Is SCANNER wanted by those with SETTINGS? */
static bool
wants(const struct making *m, const struct ms_settings *settings,
    const struct ms_policy_scanner *scanner)
{
	if (scanner->skip_auth && m->query->authenticated)
		return false;
	return scanner->kind == MS_POLICY_SPAM ? settings->spam :
	    scanner->kind == MS_POLICY_SOPHIE ? settings->sophie :
	    settings->clam;
}

static bool
wants_any(const struct making *m, const struct ms_settings *settings)
{
	for (guint i = 0; i < m->policy->scanners->len; i++)
		if (wants(m, settings, &g_array_index(m->policy->scanners,
		    struct ms_policy_scanner, i)))
			return true;
	return false;
}

static struct ms_plan_group *
add_group(struct making *m, const struct holding *holding)
{
	struct ms_plan_group *group = g_new0(struct ms_plan_group, 1);
	const struct ms_settings *s = &holding->settings;

	group->recipients = g_array_new(FALSE, FALSE, sizeof(guint));
	ms_settings_copy(&group->settings, s);
	group->settings.hits = s->hits;
	group->settings.passthru = s->passthru;
	group->block_names = holding->block_names;
	group->block_regex = holding->block_regex;
	if (!holding->matched && m->policy->unmatched_skip)
		group->skip = g_strdup("no policy is about them");
	else if (!s->clam && !wants_any(m, s) &&
	    !(s->attach && *s->attach) && !(s->regex && *s->regex) &&
	    !m->policy->own_others &&
	    !(group->block_names && m->policy->own_names) &&
	    !(group->block_regex && m->policy->own_regex))
		group->skip = g_strdup("their policy wants nothing scanned");
	g_ptr_array_add(m->plan->groups, group);
	return group;
}

static void
add_all(const struct making *m, struct ms_plan_group *group)
{
	for (guint i = 0; i < m->query->recipient_count; i++)
		g_array_append_val(group->recipients, i);
}

/* What holds for recipient I, if before it there is BEFORE. */
static void
hold(struct making *m, const struct ms_settings *before, guint i,
    struct holding *holding)
{
	struct ms_settings *s = &holding->settings;
	const bool matched = m->matched;

	ms_settings_copy(s, before);
	s->hits = before->hits;
	s->passthru = before->passthru;
	tell(m, "recipient %s", m->query->recipients[i]);
	look_up_address(m, m->query->recipients[i], s);
	holding->matched = m->matched;
	holding->block_names = !ms_settings_has(s, MS_SETTINGS_ATTACH);
	holding->block_regex = !ms_settings_has(s, MS_SETTINGS_REGEX);
	m->matched = matched;
}

/* One group of all, of which the last recipient says the last word. */
static void
group_last(struct making *m, struct ms_settings *before)
{
	struct holding holding;

	for (guint i = 0; i < m->query->recipient_count; i++) {
		tell(m, "recipient %s", m->query->recipients[i]);
		look_up_address(m, m->query->recipients[i], before);
	}
	holding = (struct holding){ .settings = *before,
		.matched = m->matched };
	holding.block_names = !ms_settings_has(before, MS_SETTINGS_ATTACH);
	holding.block_regex = !ms_settings_has(before, MS_SETTINGS_REGEX);
	add_all(m, add_group(m, &holding));
}

/* One group of all, as strict as the strictest. */
static void
group_strictest(struct making *m, const struct ms_settings *before)
{
	struct holding all, one;

	hold(m, before, 0, &all);
	for (guint i = 1; i < m->query->recipient_count; i++) {
		hold(m, before, i, &one);
		/* Who is not to be scanned is no reason not to. */
		if (m->policy->unmatched_skip && !all.matched && one.matched) {
			ms_settings_clear(&all.settings);
			all = one;
			continue;
		}
		if (one.matched || !m->policy->unmatched_skip)
			ms_settings_strictest(&all.settings, &one.settings);
		all.matched |= one.matched;
		all.block_names |= one.block_names;
		all.block_regex |= one.block_regex;
		ms_settings_clear(&one.settings);
	}
	add_all(m, add_group(m, &all));
	ms_settings_clear(&all.settings);
}

/* A group for all of whom the same holds. */
static void
group_split(struct making *m, const struct ms_settings *before)
{
	GHashTable *known = g_hash_table_new_full(g_str_hash, g_str_equal,
	    g_free, NULL);

	for (guint i = 0; i < m->query->recipient_count; i++) {
		struct ms_plan_group *group;
		GString *text = g_string_new(NULL);
		struct holding one;

		hold(m, before, i, &one);
		g_string_append_printf(text, "%d ", one.matched ||
		    !m->policy->unmatched_skip);
		ms_settings_print(&one.settings, text);
		group = g_hash_table_lookup(known, text->str);
		if (!group) {
			group = add_group(m, &one);
			(void)g_hash_table_insert(known, g_strdup(text->str),
			    group);
		}
		g_array_append_val(group->recipients, i);
		ms_settings_clear(&one.settings);
		g_string_free(text, TRUE);
	}
	g_hash_table_unref(known);
}

static void
make_groups(struct making *m)
{
	const struct ms_policy_query *query = m->query;
	struct ms_settings before = { .said = 0 };

	look_up_before(m, &before);
	if (query->recipient_count == 0 ||
	    m->policy->conflict == MS_POLICY_LAST)
		group_last(m, &before);
	else if (m->policy->conflict == MS_POLICY_SPLIT && query->can_split)
		group_split(m, &before);
	else
		group_strictest(m, &before);
	ms_settings_clear(&before);
}

/* The user as whom SCANNER is asked, for g_free(); NULL: nobody. */
static char *
user_for(const struct making *m, const struct ms_settings *settings,
    const struct ms_policy_scanner *scanner)
{
	const char *user = ms_settings_has(settings, MS_SETTINGS_USER) ?
	    settings->user : scanner->user;

	if (user && strcmp(user, "rcpt") == 0)
		user = m->query->recipient_count == 1 ?
		    m->query->recipients[0] : NULL;
	return user && *user != '\0' ? g_strdup(user) : NULL;
}

/* Which scanners are asked, and for whom: of several groups the lowest number
 * of hits counts, and ms_plan_apply() looks again. */
static void
make_checks(struct making *m)
{
	struct ms_plan *plan = m->plan;

	for (guint i = 0; i < m->policy->scanners->len; i++) {
		const struct ms_policy_scanner *scanner = &g_array_index(
		    m->policy->scanners, struct ms_policy_scanner, i);
		struct ms_plan_check *check = NULL;

		for (guint k = 0; k < plan->groups->len; k++) {
			const struct ms_plan_group *g = plan->groups->pdata[k];
			const struct ms_settings *s = &g->settings;
			const double hits = ms_settings_has(s,
			    MS_SETTINGS_HITS) ? s->hits : scanner->hits;
			const bool passthru = ms_settings_has(s,
			    MS_SETTINGS_PASSTHRU) ? s->passthru :
			    scanner->passthru;

			if (g->skip || !wants(m, s, scanner))
				continue;
			if (!check) {
				check = g_new0(struct ms_plan_check, 1);
				*check = (struct ms_plan_check){
					scanner->name, hits, passthru,
					user_for(m, s, scanner) };
				g_ptr_array_add(plan->checks, check);
			} else if (hits >= 0 && (check->hits < 0 ||
			    hits < check->hits)) {
				check->hits = hits;
			}
			check->passthru &= passthru;
		}
	}
}

static void
skip_all(struct making *m, const char *why)
{
	m->plan->skip = true;
	m->plan->why = why;
	tell(m, "nothing is scanned: %s", why);
}

static bool
all_are(const struct ms_policy_query *query, const struct ms_whom *whom)
{
	for (size_t i = 0; i < query->recipient_count; i++)
		if (!ms_whom_has(whom, query->recipients[i]))
			return false;
	return query->recipient_count > 0;
}

/* Why nobody's mail in this envelope is scanned; NULL: it is. */
static const char *
why_skip(const struct making *m)
{
	const struct ms_policy *policy = m->policy;
	const struct ms_policy_query *query = m->query;

	if (query->sender && ms_whom_has(policy->allow_from, query->sender))
		return "allow-from has the sender";
	if (all_are(query, policy->allow_to))
		return "allow-to has all recipients";
	if (all_are(query, policy->redirected))
		return "it is for where infected mail is sent";
	if (policy->force_scan)
		return NULL;
	if (ms_logins_has(policy->skip_logins, query->authenticated,
	    query->login))
		return "skip-auth: the client is authenticated";
	if (policy->skip_outgoing && ms_articles_is_own(query->client))
		return "scan-outgoing=no: it comes from this machine";
	if (policy->skip_local && (ms_articles_in(policy->local,
	    query->client) || (policy->local_programs && !query->client)))
		return "scan-local=no: the client is in local-nets";
	return NULL;
}

/* What all groups together need. */
static void
sum_up(struct making *m)
{
	struct ms_plan *plan = m->plan;
	const struct ms_plan_group *first = plan->groups->pdata[0];
	bool any = false;

	for (guint i = 0; i < plan->groups->len; i++) {
		const struct ms_plan_group *g = plan->groups->pdata[i];

		if (g->skip)
			continue;
		any = true;
		plan->engine |= g->settings.clam;
		plan->lenient |= !g->settings.clam;
	}
	plan->lenient |= ms_policy_wants_all(m->policy);
	plan->parts |= m->policy->contents != NULL;
	if (!any && !plan->skip)
		skip_all(m, first->skip);
}

void
ms_plan(const struct ms_policy *policy, const struct ms_policy_query *query,
    bool explain, struct ms_plan *plan)
{
	struct making m = { .policy = policy, .query = query, .plan = plan };
	const char *why;

	*plan = (struct ms_plan){ .policy = policy };
	plan->checks = g_ptr_array_new_with_free_func(free_check);
	plan->groups = g_ptr_array_new_with_free_func(free_group);
	if (explain)
		plan->path = g_ptr_array_new_with_free_func(g_free);
	m.key = g_string_new(NULL);
	make_groups(&m);
	why = why_skip(&m);
	if (all_are(query, policy->blackhole)) {
		plan->blackhole = true;
		plan->why = "blackhole has all recipients";
		tell(&m, "thrown away unscanned: %s", plan->why);
	} else if (why) {
		skip_all(&m, why);
	} else {
		make_checks(&m);
		sum_up(&m);
	}
	g_string_free(m.key, TRUE);
}

/* Are all recipients in WHOM, or none? */
static bool
are_alike(const struct ms_policy_query *query, const struct ms_whom *whom)
{
	for (size_t i = 1; i < query->recipient_count; i++)
		if (ms_whom_has(whom, query->recipients[i]) !=
		    ms_whom_has(whom, query->recipients[0]))
			return false;
	return true;
}

bool
ms_plan_together(const struct ms_policy *policy,
    const struct ms_policy_query *query)
{
	struct ms_policy_query apart = *query;
	struct ms_plan plan;
	bool together;

	if (policy->conflict != MS_POLICY_SPLIT || query->recipient_count < 2)
		return true;
	apart.can_split = true;
	ms_plan(policy, &apart, false, &plan);
	together = plan.groups->len == 1 &&
	    are_alike(query, policy->allow_to) &&
	    are_alike(query, policy->redirected) &&
	    are_alike(query, policy->blackhole);
	ms_plan_clear(&plan);
	return together;
}

void
ms_plan_clear(struct ms_plan *plan)
{
	if (plan->checks)
		g_ptr_array_unref(plan->checks);
	if (plan->groups)
		g_ptr_array_unref(plan->groups);
	if (plan->path)
		g_ptr_array_unref(plan->path);
	*plan = (struct ms_plan){ .policy = NULL };
}

void
ms_plan_blackhole(struct ms_plan *plan)
{
	plan->blackhole = true;
	plan->why = "blackhole-command says so of all recipients";
}

char *
ms_plan_scanners(const struct ms_plan *plan)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < plan->checks->len; i++) {
		const struct ms_plan_check *check = plan->checks->pdata[i];

		g_string_append_printf(out, "%s%s", i > 0 ? ", " : "",
		    check->name);
	}
	/* Rules alone. */
	if (out->len == 0)
		g_string_append(out, "policy");
	return g_string_free(out, FALSE);
}

void
ms_plan_apply(const struct ms_plan *plan, const struct ms_plan_group *group,
    struct ms_facts *facts)
{
	const struct ms_excuse who = { &group->settings, group->block_names,
		group->block_regex };

	ms_excuse(plan->policy, &who, facts);
}
