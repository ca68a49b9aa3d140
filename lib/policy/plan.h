#ifndef MS_PLAN_H
#define MS_PLAN_H

#include "policy/policy.h"
#include "scan/facts.h"

/*
 * What a policy means for one message: made before it is scanned, and used
 * when the facts are known: ms_plan_apply() for each of the groups, then
 * ms_verdict_of() and ms_decide() with the group's rules. Pure.
 */

/* A scanner that is asked. */
struct ms_plan_check {
	const char *name;	/* of struct ms_policy_scanner; a loan */
	double hits;		/* < 0: it says itself */
	bool passthru;
	char *user;		/* or NULL */
};

/* Recipients for whom the same holds. */
struct ms_plan_group {
	GArray *recipients;	/* of guint: which of the query's; none if
				 * those are not known */
	struct ms_settings settings;	/* settings.rules is to be decided
					 * with */
	bool block_names;	/* block-name holds: they have no attach= of
				 * their own, or not all */
	bool block_regex;	/* likewise block-regex, and regex= */
	char *skip;		/* why nothing is scanned for them; NULL: it
				 * is */
};

struct ms_plan {
	const struct ms_policy *policy;
	bool blackhole;		/* say yes, and throw it away unscanned */
	bool skip;		/* nothing is scanned for anybody */
	const char *why;	/* of both; else NULL */
	bool engine;		/* somebody wants it */
	bool lenient;		/* malware that was found may not count for
				 * somebody */
	bool parts;		/* ms_plan_apply() needs facts.parts */
	GPtrArray *checks;	/* of struct ms_plan_check * */
	GPtrArray *groups;	/* of struct ms_plan_group *; one at least */
	GPtrArray *path;	/* of char *: how it came to that; or NULL */
};

/* Make PLAN, with its path if EXPLAIN; for ms_plan_clear(). The policy
 * outlives it, the query need not. */
void ms_plan(const struct ms_policy *policy,
    const struct ms_policy_query *query, bool explain, struct ms_plan *plan);
void ms_plan_clear(struct ms_plan *plan);

/* The administrator's command says of all recipients that what they get is to
 * be thrown away. */
void ms_plan_blackhole(struct ms_plan *plan);

/* May the recipients of QUERY share a message? Not if each is to have its own
 * (MS_POLICY_SPLIT), and not the same holds for all. */
bool ms_plan_together(const struct ms_policy *policy,
    const struct ms_policy_query *query);

/* Who looks at a message, for a person: "spam, other", for g_free(). For a plan
 * without the engine, whose version the scanner tells. */
char *ms_plan_scanners(const struct ms_plan *plan);

/* Take from FACTS what does not count for GROUP: allowed signatures and
 * contents, findings of what it does not want. */
void ms_plan_apply(const struct ms_plan *plan,
    const struct ms_plan_group *group, struct ms_facts *facts);

#endif
