#ifndef MS_DECIDE_H
#define MS_DECIDE_H

#include "base/error.h"
#include "scan/facts.h"
#include "scan/verdict.h"

#include <stdbool.h>

/*
 * From the facts of a message to what is done with it, for every door that
 * mail passes through. Pure: nothing is done here.
 */

/* In the order of strictness: of several the last one wins. A deferral stands
 * above a delivery, so that a message whose worker died is never delivered
 * because of another fact, and below what needs no second look. */
enum ms_action {
	MS_ACTION_PASS,		/* deliver it */
	MS_ACTION_TAG,		/* deliver it, marked */
	MS_ACTION_DEFER,	/* 4xx: the client tries again */
	MS_ACTION_REDIRECT,	/* deliver it to another address */
	MS_ACTION_QUARANTINE,	/* keep it there, and deliver it to nobody */
	MS_ACTION_HOLD,		/* the mail server keeps it, as a milter can ask
				 * it to; no other door has that */
	MS_ACTION_DROP,		/* say yes, and deliver it to nobody */
	MS_ACTION_REJECT,	/* 5xx */
	MS_ACTIONS
};

/* What the administrator wants for one kind of fact. */
struct ms_choice {
	enum ms_action action;
	bool quarantine;	/* and keep a copy; always with
				 * MS_ACTION_QUARANTINE */
	char *address;		/* of REDIRECT; else NULL */
	bool inherited;		/* nothing was chosen: what stands above it
				 * in the list of rules holds */
};

/* What a choice may be made for; the names are on-infected and so on. */
enum ms_occasion {
	MS_ON_INFECTED,
	MS_ON_BLOCKED,
	MS_ON_SPAM,
	MS_ON_ERROR,
	MS_ON_ENCRYPTED,
	MS_ON_INCOMPLETE,
	/* these three: as INCOMPLETE, unless chosen */
	MS_ON_LIMIT,
	MS_ON_MALFORMED,
	MS_ON_UNSUPPORTED,
	/* and these, by the signature's name: as INFECTED, unless chosen */
	MS_ON_PHISHING,
	MS_ON_MACRO,
	MS_ON_PUA,
	MS_ON_UNOFFICIAL,
	MS_OCCASIONS
};

struct ms_rules {
	struct ms_choice on[MS_OCCASIONS];
};

struct ms_decision {
	enum ms_action action;
	bool quarantine;
	const char *address;	/* a loan from the rules */
	enum ms_verdict verdict;
	/* the fact that decided: one or none of them; loans from the facts */
	const struct ms_finding *finding;
	const struct ms_gap *gap;
};

/* The defaults: infected, blocked and spam are rejected, errors deferred, what
 * was not examined is tagged. */
void ms_decide_init(struct ms_rules *rules);
void ms_decide_clear(struct ms_rules *rules);

/*
 * Choose TEXT for OCCASION: pass, tag, defer, redirect:ADDRESS, quarantine,
 * drop, reject, or "quarantine+" and one of them.
 *
 * MS_OK
 * MS_E_USAGE  that is no choice; ERR says what may be chosen
 */
enum ms_status ms_decide_choose(struct ms_rules *rules,
    enum ms_occasion occasion, const char *text, struct ms_error *err);

/*
 * What to do with a message of which FACTS are known. Each fact has its
 * choice, and the strictest wins; of equal ones the first. A copy is kept if
 * any of them wants that. SKIPPED messages and clean ones pass.
 */
void ms_decide(const struct ms_rules *rules, const struct ms_facts *facts,
    enum ms_verdict verdict, struct ms_decision *decision);

/* What a finding is an occasion for: of what its name tells it is, the first
 * for which RULES have a choice. libclamav's names: "Heuristics.Phishing.*" and
 * "*Phish*" are PHISHING, "*.Macro*" and "*ContainsMacros*" MACRO, "PUA.*" PUA,
 * "*.UNOFFICIAL" UNOFFICIAL. */
enum ms_occasion ms_decide_occasion(const struct ms_rules *rules,
    const struct ms_finding *finding);

/* What was chosen for OCCASION, or for the one above it; a loan. */
const struct ms_choice *ms_decide_choice(const struct ms_rules *rules,
    enum ms_occasion occasion);

/* Is it phishing, as its name says? */
bool ms_decide_is_phishing(const struct ms_finding *finding);

/* "infected", "limit", ...: with "on-" before it, the name of the setting. */
const char *ms_decide_occasion_name(enum ms_occasion occasion);

/* "pass", "tag", ... */
const char *ms_decide_action_name(enum ms_action action);

#endif
