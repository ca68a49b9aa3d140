#include "serve/ruling.h"

#include "policy/answer.h"
#include "policy/wording.h"

#include <string.h>

#define NO_ANSWER "451 4.3.0 The message could not be scanned, try again later"
#define NOT_KEPT "451 4.3.0 The message could not be stored, try again later"
#define NO_MORE "554 5.7.1 The message cannot be scanned"

const char *const ms_ruling_own_fields[] = {
	"X-Virus-Scanned", "X-Virus-Status", NULL
};

/* The fields of a message that is delivered. */
static char *
compose(const struct ms_ruling_config *config, const struct ms_ruling *ruling)
{
	GString *out = g_string_new("X-Virus-Scanned: mailscan " MS_VERSION
	    " at ");

	ms_wording_value(config->hostname, out);
	g_string_append(out, "\r\n");
	if (ruling->verdict == MS_VERDICT_CLEAN) {
		g_string_append(out, "X-Virus-Status: Clean\r\n");
	} else if (ruling->action != MS_ACTION_PASS) {
		g_string_append(out, ruling->verdict == MS_VERDICT_INFECTED ?
		    "X-Virus-Status: Infected (" :
		    "X-Virus-Status: Not fully scanned (");
		ms_wording_value(ruling->what, out);
		g_string_append(out, ")\r\n");
	}
	return g_string_free(out, FALSE);
}

static char *
expand(const char *text, const struct ms_ruling_config *config,
    const char *client, const char *kept, const struct ms_ruling *ruling)
{
	const struct ms_wording values = {
		.client = client,
		.virus = ruling->what,
		.part = ruling->part,
		.quarantine = kept,
		.action = ms_decide_action_name(ruling->action),
		.host = config->hostname,
		.version = MS_VERSION,
	};
	GString *out = g_string_new(NULL);

	ms_wording_expand(text, &values, out);
	return g_string_free(out, FALSE);
}

void
ms_ruling(const struct ms_ruling_config *config,
    const struct ms_answer *answer, struct ms_ruling *ruling)
{
	struct ms_decision decision;

	*ruling = (struct ms_ruling){ .action = MS_ACTION_DEFER,
		.verdict = MS_VERDICT_ERROR };
	if (answer->failure) {
		ruling->what = g_strdup(answer->failure);
		ruling->part = g_strdup("");
		ruling->reply = g_strdup(NO_ANSWER);
		return;
	}
	ms_decide(config->rules, answer->facts, answer->verdict, &decision);
	ruling->action = decision.action;
	ruling->quarantine = decision.quarantine;
	if (decision.action == MS_ACTION_REDIRECT)
		ruling->address = g_strdup(decision.address);
	ruling->verdict = answer->verdict;
	ruling->usual = ms_answer(&decision);
	if (decision.finding) {
		ruling->what = g_strdup(decision.finding->name);
		ruling->part = g_strdup(decision.finding->part);
	} else if (decision.gap) {
		ruling->what = g_strdup(ms_facts_reason_name(
		    decision.gap->reason));
		ruling->part = g_strdup(decision.gap->part);
	}
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

void
ms_ruling_word(const struct ms_ruling_config *config, const char *client,
    const char *kept, struct ms_ruling *ruling)
{
	const char *text = ruling->action == MS_ACTION_REJECT ?
	    config->reject_reply : config->defer_reply;

	switch (ruling->action) {
	case MS_ACTION_REJECT:
	case MS_ACTION_DEFER:
		if (!ruling->reply)
			ruling->reply = text ? expand(text, config, client,
			    kept, ruling) : g_strdup(ruling->usual);
		break;
	case MS_ACTION_PASS:
	case MS_ACTION_TAG:
	case MS_ACTION_REDIRECT:
		ruling->fields = compose(config, ruling);
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
	g_free(ruling->usual);
	g_free(ruling->reply);
	g_free(ruling->fields);
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
