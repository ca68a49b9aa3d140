#include "policy/decide.h"

#include <glib.h>

#include <string.h>

static const char *const actions[MS_ACTIONS] = {
	[MS_ACTION_PASS] = "pass",
	[MS_ACTION_TAG] = "tag",
	[MS_ACTION_DEFER] = "defer",
	[MS_ACTION_REDIRECT] = "redirect",
	[MS_ACTION_QUARANTINE] = "quarantine",
	[MS_ACTION_HOLD] = "mta-quarantine",
	[MS_ACTION_DROP] = "drop",
	[MS_ACTION_REJECT] = "reject",
};

/* What is not chosen is as that for which PARENT stands: none has itself. */
static const struct {
	const char *name;
	enum ms_action initial;
	enum ms_occasion parent;
} occasions[MS_OCCASIONS] = {
	[MS_ON_INFECTED] = { "infected", MS_ACTION_REJECT, MS_ON_INFECTED },
	[MS_ON_BLOCKED] = { "blocked", MS_ACTION_REJECT, MS_ON_BLOCKED },
	[MS_ON_SPAM] = { "spam", MS_ACTION_REJECT, MS_ON_SPAM },
	[MS_ON_ERROR] = { "error", MS_ACTION_DEFER, MS_ON_ERROR },
	[MS_ON_ENCRYPTED] = { "encrypted", MS_ACTION_TAG, MS_ON_ENCRYPTED },
	[MS_ON_INCOMPLETE] = { "incomplete", MS_ACTION_TAG,
		MS_ON_INCOMPLETE },
	[MS_ON_LIMIT] = { "limit", MS_ACTION_TAG,
		MS_ON_INCOMPLETE },
	[MS_ON_MALFORMED] = { "malformed", MS_ACTION_TAG,
		MS_ON_INCOMPLETE },
	[MS_ON_UNSUPPORTED] = { "unsupported", MS_ACTION_TAG,
		MS_ON_INCOMPLETE },
	[MS_ON_PHISHING] = { "phishing", MS_ACTION_REJECT, MS_ON_INFECTED },
	[MS_ON_MACRO] = { "macro", MS_ACTION_REJECT, MS_ON_INFECTED },
	[MS_ON_PUA] = { "pua", MS_ACTION_REJECT, MS_ON_INFECTED },
	[MS_ON_UNOFFICIAL] = { "unofficial", MS_ACTION_REJECT,
		MS_ON_INFECTED },
};

void
ms_decide_init(struct ms_rules *rules)
{
	for (int i = 0; i < MS_OCCASIONS; i++)
		rules->on[i] = (struct ms_choice){
			.action = occasions[i].initial,
			.inherited = occasions[i].parent != (unsigned)i,
		};
}

void
ms_decide_clear(struct ms_rules *rules)
{
	for (int i = 0; i < MS_OCCASIONS; i++)
		g_clear_pointer(&rules->on[i].address, g_free);
}

static enum ms_status
refuse(enum ms_occasion occasion, const char *text, struct ms_error *err)
{
	return ms_error_set(err, MS_E_USAGE, "on-%s: \"%.100s\" is none of "
	    "pass, tag, defer, redirect:ADDRESS, quarantine, mta-quarantine, "
	    "drop, reject, or quarantine+ and one of them",
	    occasions[occasion].name, text);
}

enum ms_status
ms_decide_choose(struct ms_rules *rules, enum ms_occasion occasion,
    const char *text, struct ms_error *err)
{
	static const char keep[] = "quarantine+", to[] = "redirect:";
	struct ms_choice choice = { .inherited = false };
	const char *rest = text;
	int i = 0;

	if (g_str_has_prefix(rest, keep)) {
		choice.quarantine = true;
		rest += strlen(keep);
	}
	if (g_str_has_prefix(rest, to)) {
		choice.address = g_strdup(rest + strlen(to));
		i = MS_ACTION_REDIRECT;
	} else {
		while (i < MS_ACTIONS && strcmp(actions[i], rest) != 0)
			i++;
	}
	if (i == MS_ACTIONS || (i == MS_ACTION_REDIRECT &&
	    (!choice.address || *choice.address == '\0'))) {
		g_free(choice.address);
		return refuse(occasion, text, err);
	}
	choice.action = (enum ms_action)i;
	choice.quarantine |= choice.action == MS_ACTION_QUARANTINE;
	g_free(rules->on[occasion].address);
	rules->on[occasion] = choice;
	return MS_OK;
}

/* What a gap is an occasion for. */
static enum ms_occasion
occasion_of_gap(enum ms_reason reason)
{
	switch (reason) {
	case MS_REASON_WORKER_DIED:
	case MS_REASON_ENGINE_FAILED:
	case MS_REASON_LIMIT_TIME:
		return MS_ON_ERROR;
	case MS_REASON_ENCRYPTED:
		return MS_ON_ENCRYPTED;
	case MS_REASON_LIMIT_SIZE:
	case MS_REASON_LIMIT_MEMORY:
	case MS_REASON_LIMIT_DEPTH:
	case MS_REASON_LIMIT_COUNT:
	case MS_REASON_LIMIT_RATIO:
		return MS_ON_LIMIT;
	case MS_REASON_MALFORMED:
	case MS_REASON_TRUNCATED:
		return MS_ON_MALFORMED;
	case MS_REASON_UNSUPPORTED:
		return MS_ON_UNSUPPORTED;
	default:
		return MS_ON_INCOMPLETE;
	}
}

/* Names as libclamav's signatures have them. */
static bool
is_named(const struct ms_finding *finding, enum ms_occasion class)
{
	const char *name = finding->name;

	switch (class) {
	case MS_ON_PHISHING:
		return strstr(name, "Phish") != NULL;
	case MS_ON_MACRO:
		return strstr(name, ".Macro") != NULL ||
		    strstr(name, "ContainsMacros") != NULL;
	case MS_ON_PUA:
		return g_str_has_prefix(name, "PUA.");
	default:
		return g_str_has_suffix(name, ".UNOFFICIAL");
	}
}

bool
ms_decide_is_phishing(const struct ms_finding *finding)
{
	return finding->kind == MS_FINDING_MALWARE &&
	    is_named(finding, MS_ON_PHISHING);
}

enum ms_occasion
ms_decide_occasion(const struct ms_rules *rules,
    const struct ms_finding *finding)
{
	if (finding->kind == MS_FINDING_BLOCKED)
		return MS_ON_BLOCKED;
	if (finding->kind == MS_FINDING_SPAM)
		return MS_ON_SPAM;
	for (int i = MS_ON_PHISHING; i <= MS_ON_UNOFFICIAL; i++)
		if (!rules->on[i].inherited &&
		    is_named(finding, (enum ms_occasion)i))
			return (enum ms_occasion)i;
	return MS_ON_INFECTED;
}

/* Let the choice for OCCASION take part; did it win? */
static bool
weigh(const struct ms_rules *rules, enum ms_occasion occasion,
    struct ms_decision *decision)
{
	const struct ms_choice *choice = ms_decide_choice(rules, occasion);

	decision->quarantine |= choice->quarantine;
	if (choice->action <= decision->action)
		return false;
	decision->action = choice->action;
	decision->address = choice->address;
	return true;
}

void
ms_decide(const struct ms_rules *rules, const struct ms_facts *facts,
    enum ms_verdict verdict, struct ms_decision *decision)
{
	*decision = (struct ms_decision){
		.action = MS_ACTION_PASS, .verdict = verdict
	};
	if (verdict == MS_VERDICT_SKIPPED)
		return;
	for (guint i = 0; i < facts->findings->len; i++) {
		const struct ms_finding *one = facts->findings->pdata[i];

		if (weigh(rules, ms_decide_occasion(rules, one), decision))
			decision->finding = one;
	}
	for (guint i = 0; i < facts->gaps->len; i++) {
		const struct ms_gap *gap = facts->gaps->pdata[i];

		if (weigh(rules, occasion_of_gap(gap->reason), decision)) {
			decision->finding = NULL;
			decision->gap = gap;
		}
	}
}

const struct ms_choice *
ms_decide_choice(const struct ms_rules *rules, enum ms_occasion occasion)
{
	const struct ms_choice *choice = &rules->on[occasion];

	return choice->inherited ? &rules->on[occasions[occasion].parent] :
	    choice;
}

const char *
ms_decide_occasion_name(enum ms_occasion occasion)
{
	return occasions[occasion].name;
}

const char *
ms_decide_action_name(enum ms_action action)
{
	return actions[action];
}
