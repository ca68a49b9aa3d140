#include "replay/played.h"

#include <string.h>

static void
clear_difference(void *arg)
{
	struct ms_difference *difference = arg;

	g_free(difference->command);
	g_free(difference->recorded);
	g_free(difference->received);
}

static void
clear_judgement(void *arg)
{
	struct ms_judgement *judgement = arg;

	g_free(judgement->address);
	g_free(judgement->finding);
}

struct ms_played *
ms_played_new(const struct ms_role *role, uint64_t run)
{
	struct ms_played *played = g_new0(struct ms_played, 1);

	played->role = role;
	played->run = run;
	played->differences = g_array_new(FALSE, FALSE,
	    sizeof(struct ms_difference));
	g_array_set_clear_func(played->differences, clear_difference);
	played->judgements = g_array_new(FALSE, FALSE,
	    sizeof(struct ms_judgement));
	g_array_set_clear_func(played->judgements, clear_judgement);
	return played;
}

void
ms_played_free(struct ms_played *played)
{
	if (!played)
		return;
	g_array_unref(played->judgements);
	g_array_unref(played->differences);
	g_free(played->failed);
	g_free(played);
}

char *
ms_played_reply(int code, const char *text)
{
	GString *out = g_string_new(NULL);

	while (text) {
		const char *end = strchr(text, '\n');

		if (end)
			g_string_append_printf(out, "%d-%.*s\n", code,
			    (int)(end - text), text);
		else
			g_string_append_printf(out, "%d%s%s", code,
			    *text ? " " : "", text);
		text = end ? end + 1 : NULL;
	}
	if (out->len == 0)
		g_string_printf(out, "%d", code);
	return g_string_free(out, FALSE);
}

void
ms_played_differ(struct ms_played *played, enum ms_difference_kind kind,
    const struct ms_step *step, const struct ms_recorded *recorded, int code,
    const char *text)
{
	struct ms_difference difference = { .kind = kind };

	if (played->count++ >= MS_PLAYED_KEPT)
		return;
	difference.command = step ? ms_role_label(step) : NULL;
	if (recorded && played->role->made)
		difference.recorded = g_strdup_printf("%dxx",
		    recorded->code / 100);
	else if (recorded)
		difference.recorded = ms_played_reply(recorded->code,
		    recorded->text);
	difference.received = code > 0 ? ms_played_reply(code, text) :
	    g_strdup(text);
	g_array_append_val(played->differences, difference);
}

void
ms_played_judge(struct ms_played *played, uint64_t number,
    const struct ms_decision *decision, const struct ms_facts *facts)
{
	struct ms_judgement judgement = { .number = number,
		.verdict = decision->verdict, .action = decision->action,
		.quarantine = decision->quarantine,
		.address = g_strdup(decision->address) };
	const struct ms_finding *finding = decision->finding;
	const struct ms_gap *gap = decision->gap;

	if (!finding && !gap && facts->findings->len > 0)
		finding = facts->findings->pdata[0];
	else if (!finding && !gap && facts->gaps->len > 0)
		gap = facts->gaps->pdata[0];
	judgement.finding = finding ? g_strdup(finding->name) : NULL;
	judgement.reason = gap ? ms_facts_reason_name(gap->reason) : NULL;
	g_array_append_val(played->judgements, judgement);
}

bool
ms_played_is_judged(const struct ms_played *played)
{
	for (guint i = 0; i < played->judgements->len; i++) {
		const struct ms_judgement *judgement = &g_array_index(
		    played->judgements, struct ms_judgement, i);

		if (judgement->verdict != MS_VERDICT_CLEAN ||
		    judgement->action != MS_ACTION_PASS)
			return true;
	}
	return false;
}

char *
ms_played_action(const struct ms_judgement *judgement)
{
	const bool besides = judgement->quarantine &&
	    judgement->action != MS_ACTION_QUARANTINE;

	return g_strconcat(besides ? "quarantine+" : "",
	    ms_decide_action_name(judgement->action),
	    judgement->address ? ":" : NULL, judgement->address, NULL);
}
