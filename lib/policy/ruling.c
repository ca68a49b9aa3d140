#include "policy/ruling.h"

#include "base/glob.h"
#include "policy/answer.h"
#include "policy/wording.h"

#include <string.h>

#define NO_ANSWER "451 4.3.0 The message could not be scanned, try again later"
/* Recipients that a message which is redirected names. */
#define NAMED_MAX 50

#define ORIGINAL "X-Original-To"

#define NOT_KEPT "451 4.3.0 The message could not be stored, try again later"
#define NO_MORE "554 5.7.1 The message cannot be scanned"

static struct ms_wording
values_of(const struct ms_ruling_config *config,
    const struct ms_ruling_about *about, const struct ms_ruling *ruling)
{
	return (struct ms_wording){
		.client = about->client,
		.local = about->server,
		.date = about->date,
		.virus = ruling->what,
		.part = ruling->part,
		.quarantine = about->kept,
		.action = ms_decide_action_name(ruling->action),
		.host = config->hostname,
		.version = MS_VERSION,
	};
}

static char *
expand(const char *text, const struct ms_wording *values)
{
	GString *out = g_string_new(NULL);

	ms_wording_expand(text, values, out);
	return g_string_free(out, FALSE);
}

/* Is the message called as one that nobody is told about? */
static bool
has_id(const char *const *globs, const char *id)
{
	char *lower = id ? g_ascii_strdown(id, -1) : NULL;
	bool found = false;

	for (; lower && !found && globs && *globs; globs++) {
		char *glob = g_ascii_strdown(*globs, -1);

		found = ms_glob(glob, lower);
		g_free(glob);
	}
	g_free(lower);
	return found;
}

/* A reply that makes somebody bounce it, again and again, is none. */
static void
spare(const struct ms_ruling_config *config, const struct ms_facts *facts,
    struct ms_decision *decision)
{
	if (decision->action == MS_ACTION_REJECT && decision->finding &&
	    decision->finding->kind == MS_FINDING_MALWARE &&
	    has_id(config->drop_ids, facts->headers.message_id))
		decision->action = MS_ACTION_DROP;
}

void
ms_ruling(const struct ms_ruling_config *config,
    const struct ms_ruling_case *known, struct ms_ruling *ruling)
{
	struct ms_decision decision;

	*ruling = (struct ms_ruling){ .action = MS_ACTION_DEFER,
		.verdict = MS_VERDICT_ERROR };
	if (known->failure) {
		ruling->what = g_strdup(known->failure);
		ruling->part = g_strdup("");
		ruling->reply = g_strdup(NO_ANSWER);
		return;
	}
	ms_decide(known->rules ? known->rules : config->rules,
	    known->facts, known->verdict, &decision);
	spare(config, known->facts, &decision);
	ruling->action = decision.action;
	ruling->quarantine = decision.quarantine;
	if (decision.action == MS_ACTION_REDIRECT)
		ruling->address = g_strdup(decision.address);
	ruling->verdict = ruling->alone = known->verdict;
	ruling->usual = ms_answer(&decision);
	if (decision.finding) {
		ruling->alone = ms_verdict_of_finding(decision.finding);
		ruling->what = g_strdup(decision.finding->name);
		ruling->part = g_strdup(decision.finding->part);
	} else if (decision.gap) {
		ruling->alone = MS_VERDICT_INCOMPLETE;
		if (decision.gap->reason == MS_REASON_ENGINE_FAILED)
			ruling->why = g_strdup(decision.gap->detail);
		ruling->what = g_strdup(ms_facts_reason_name(
		    decision.gap->reason));
		ruling->part = g_strdup(decision.gap->part);
	}
}

/* Nothing is scanned. */
static void
rule_unscanned(const char *why, enum ms_action action,
    struct ms_ruling *ruling)
{
	*ruling = (struct ms_ruling){ .action = action,
		.verdict = MS_VERDICT_SKIPPED,
		.alone = MS_VERDICT_SKIPPED,
		.what = g_strdup(why),
		.part = g_strdup("") };
}

void
ms_ruling_planned(const struct ms_ruling_config *config,
    const struct ms_plan *plan, const char *failure, struct ms_facts *facts,
    struct ms_ruling *ruling)
{
	const struct ms_plan_group *group = plan->groups->len > 0 ?
	    plan->groups->pdata[0] : NULL;
	struct ms_ruling_case known = { .failure = failure, .facts = facts };

	if (plan->blackhole || plan->skip) {
		rule_unscanned(plan->why, plan->blackhole ? MS_ACTION_DROP :
		    MS_ACTION_PASS, ruling);
	} else if (group && group->skip) {
		rule_unscanned(group->skip, MS_ACTION_PASS, ruling);
	} else {
		if (group && !failure) {
			ms_plan_apply(plan, group, facts);
			known.rules = &group->settings.rules;
		}
		known.verdict = ms_verdict_of(facts);
		/* Others have looked for other things. */
		if (group && !group->settings.clam &&
		    known.verdict == MS_VERDICT_CLEAN)
			known.verdict = MS_VERDICT_SKIPPED;
		ms_ruling(config, &known, ruling);
		if (ruling->verdict == MS_VERDICT_SKIPPED)
			ruling->what = g_strdup("their policy wants no "
			    "malware looked for");
	}
	if (group)
		ruling->next = g_strdup(group->settings.next);
}

void
ms_ruling_refused(const char *reply, struct ms_ruling *ruling)
{
	rule_unscanned("refused unseen", *reply == '4' ? MS_ACTION_DEFER :
	    MS_ACTION_REJECT, ruling);
	ruling->reply = g_strdup(reply);
}

bool
ms_ruling_end_retries(struct ms_ruling *ruling, bool can)
{
	if (ruling->action != MS_ACTION_DEFER)
		return false;
	ruling->action = MS_ACTION_REJECT;
	ruling->quarantine |= can;
	ruling->reply = g_strdup(NO_MORE);
	return true;
}

void
ms_ruling_unkept(struct ms_ruling *ruling)
{
	ruling->action = MS_ACTION_DEFER;
	g_free(ruling->reply);
	ruling->reply = g_strdup(NOT_KEPT);
}

static bool
has_date(const char *text)
{
	return text && strstr(text, "%d");
}

bool
ms_ruling_has_date(const struct ms_ruling_config *config)
{
	return has_date(config->marking.header) ||
	    has_date(config->reject_reply) || has_date(config->defer_reply);
}

/* Can TEXT stand in a header (RFC 6532), and does it look like what it is? */
static bool
is_visible(const char *text)
{
	if (!g_utf8_validate(text, -1, NULL))
		return false;
	while (*text != '\0' && g_unichar_isprint(g_utf8_get_char(text)))
		text = g_utf8_next_char(text);
	return *text == '\0';
}

/* Of fields that nobody else may have put there. */
static char **
names_of(const struct ms_ruling_config *config, enum ms_action action)
{
	const char *const *name = config->names;
	GPtrArray *names = g_ptr_array_new();

	for (; name && *name; name++)
		g_ptr_array_add(names, g_strdup(*name));
	if (action == MS_ACTION_REDIRECT)
		g_ptr_array_add(names, g_strdup(ORIGINAL));
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

/* An X-Original-To for each of RECIPIENTS that can stand in a header. */
static void
name_recipients(char *const *recipients, char **fields)
{
	GString *all = g_string_new(*fields);

	for (size_t i = 0; recipients && recipients[i] && i < NAMED_MAX; i++)
		if (is_visible(recipients[i]))
			g_string_append_printf(all, ORIGINAL ": %s\r\n",
			    recipients[i]);
	g_free(*fields);
	*fields = g_string_free(all, FALSE);
}

void
ms_ruling_word(const struct ms_ruling_config *config,
    const struct ms_ruling_about *about, struct ms_ruling *ruling)
{
	const struct ms_wording values = values_of(config, about, ruling);
	const char *text = ruling->action == MS_ACTION_REJECT ?
	    config->reject_reply : config->defer_reply;

	switch (ruling->action) {
	case MS_ACTION_REJECT:
	case MS_ACTION_DEFER:
		if (!ruling->reply)
			ruling->reply = text ? expand(text, &values) :
			    g_strdup(ruling->usual);
		break;
	case MS_ACTION_PASS:
	case MS_ACTION_TAG:
	case MS_ACTION_REDIRECT:
	case MS_ACTION_HOLD:
		ruling->fields = ms_marking(&config->marking,
		    ruling->alone, ruling->action, &values);
		ruling->names = names_of(config, ruling->action);
		if (ruling->action == MS_ACTION_REDIRECT)
			name_recipients(about->recipients, &ruling->fields);
		if (ruling->action != MS_ACTION_PASS && config->subject &&
		    ruling->verdict <= MS_VERDICT_SPAM)
			ruling->subject = expand(config->subject, &values);
		break;
	default:
		break;
	}
}

void
ms_ruling_clear(struct ms_ruling *ruling)
{
	g_free(ruling->address);
	g_free(ruling->what);
	g_free(ruling->part);
	g_free(ruling->why);
	g_free(ruling->usual);
	g_free(ruling->next);
	g_free(ruling->reply);
	g_free(ruling->fields);
	g_strfreev(ruling->names);
	g_free(ruling->subject);
	*ruling = (struct ms_ruling){ .what = NULL };
}

enum ms_status
ms_ruling_check(const char *text, char class, struct ms_error *err)
{
	if (strlen(text) < 5 || text[0] != class || text[1] < '0' ||
	    text[1] > '5' || !g_ascii_isdigit(text[2]) || text[3] != ' ' ||
	    strncmp(text, "421", 3) == 0)
		return ms_error_set(err, MS_E_USAGE, "%s: no reply that "
		    "begins with %cNN and a blank", text, class);
	return ms_wording_check(text, err);
}
