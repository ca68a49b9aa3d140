#include "policy/excuse.h"

#include "base/glob.h"
#include "policy/articles.h"
#include "scan/lineage.h"
#include "scan/namings.h"

#include <string.h>

/* Does one of the globs in SIGNATURES mean NAME? They need not have what the
 * engine appends to names of signatures that are not the makers'. */
static bool
is_allowed(char *const *signatures, const char *name)
{
	char *lower = g_ascii_strdown(name, -1);
	char *bare = g_strdup(lower);
	bool allowed = false;

	if (g_str_has_suffix(bare, ".unofficial"))
		bare[strlen(bare) - strlen(".unofficial")] = '\0';
	for (; !allowed && signatures && *signatures; signatures++)
		allowed = ms_glob(*signatures, lower) ||
		    ms_glob(*signatures, bare);
	g_free(bare);
	g_free(lower);
	return allowed;
}

/* Is the part that is numbered ID, or something around it, allowed? */
static bool
is_within(const struct ms_policy *policy, const struct ms_lineage *lineage,
    uint32_t id)
{
	const struct ms_part *part = ms_lineage_part(lineage, id);

	while (part && !(ms_facts_has_bytes(part) &&
	    g_hash_table_contains(policy->contents, &part->sha256)))
		part = ms_lineage_above(lineage, part);
	return part != NULL;
}

/* Did a scanner of KIND find it? */
static bool
is_of(const struct ms_policy *policy, const struct ms_finding *finding,
    enum ms_policy_kind kind)
{
	for (guint i = 0; i < policy->scanners->len; i++) {
		const struct ms_policy_scanner *one = &g_array_index(
		    policy->scanners, struct ms_policy_scanner, i);

		if (one->kind == kind && strcmp(one->name, finding->engine) ==
		    0)
			return true;
	}
	return false;
}

/* The hits that are told in a finding: "hits 12.3 of 5.0"; < 0: none are. */
static double
hits_of(const char *name)
{
	static const char word[] = "hits ";

	return g_str_has_prefix(name, word) ?
	    g_ascii_strtod(name + strlen(word), NULL) : -1;
}

/* Is the name RULE in LIST? */
static bool
has_name(char *const *list, const char *rule)
{
	bool has = false;

	for (; !has && list && *list; list++) {
		char *folded = ms_namings_fold(*list);

		has = strcmp(folded, rule) == 0;
		g_free(folded);
	}
	return has;
}

/* Is the expression that is called RULE? */
static bool
has_regex(char *const *list, const char *rule)
{
	const size_t size = strlen(rule);

	for (; list && *list; list++)
		if (g_str_has_prefix(*list, rule) &&
		    ((*list)[size] == '\0' || (*list)[size] == '='))
			return true;
	return false;
}

/* Is the rule that was broken one of theirs? */
static bool
is_theirs(const struct ms_policy *policy, const struct ms_excuse *who,
    const char *rule)
{
	static const char name[] = "name:", regex[] = "regex:";
	const bool own = g_hash_table_contains(policy->own, rule);

	if (g_str_has_prefix(rule, name))
		return (own && who->block_names) ||
		    has_name(who->settings->attach, rule + strlen(name));
	if (g_str_has_prefix(rule, regex))
		return (own && who->block_regex) ||
		    has_regex(who->settings->regex, rule + strlen(regex));
	return true;
}

/* Does FINDING count for WHO? */
static bool
counts(const struct ms_policy *policy, const struct ms_excuse *who,
    const struct ms_finding *finding)
{
	const struct ms_settings *s = who->settings;
	const double hits = hits_of(finding->name);
	bool wanted = s->clam;

	if (finding->kind == MS_FINDING_BLOCKED)
		return is_theirs(policy, who, finding->name);
	if (finding->kind == MS_FINDING_SPAM)
		return s->spam && !(ms_settings_has(s, MS_SETTINGS_HITS) &&
		    hits >= 0 && hits < s->hits);
	if (is_of(policy, finding, MS_POLICY_SOPHIE))
		wanted = s->sophie;
	return wanted && (strcmp(finding->name, MS_FACTS_MORE) == 0 ||
	    !is_allowed(policy->signatures, finding->name));
}

bool
ms_excuse_is_engines(const struct ms_policy *policy, const struct ms_gap *gap)
{
	for (guint i = 0; i < policy->scanners->len; i++) {
		const struct ms_policy_scanner *one = &g_array_index(
		    policy->scanners, struct ms_policy_scanner, i);

		if (g_str_has_prefix(gap->detail, one->name) &&
		    gap->detail[strlen(one->name)] == ':')
			return false;
	}
	return gap->reason == MS_REASON_ENGINE_FAILED;
}

void
ms_excuse(const struct ms_policy *policy, const struct ms_excuse *who,
    struct ms_facts *facts)
{
	struct ms_lineage *lineage = policy->contents ?
	    ms_lineage_new(facts) : NULL;

	for (guint i = facts->findings->len; i-- > 0;) {
		const struct ms_finding *f = facts->findings->pdata[i];

		if (!counts(policy, who, f) || (lineage &&
		    f->kind != MS_FINDING_SPAM &&
		    is_within(policy, lineage, f->within)))
			(void)g_ptr_array_remove_index(facts->findings, i);
	}
	for (guint i = facts->gaps->len; i-- > 0;) {
		const struct ms_gap *gap = facts->gaps->pdata[i];

		if (!who->settings->clam && ms_excuse_is_engines(policy,
		    gap)) {
			(void)g_ptr_array_remove_index(facts->gaps, i);
			continue;
		}
		if (lineage && (gap->reason == MS_REASON_ENCRYPTED ||
		    gap->reason == MS_REASON_MALFORMED ||
		    gap->reason == MS_REASON_UNSUPPORTED) &&
		    is_within(policy, lineage, gap->within))
			(void)g_ptr_array_remove_index(facts->gaps, i);
	}
	ms_lineage_free(lineage);
}
