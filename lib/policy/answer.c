#include "policy/answer.h"

#include "policy/wording.h"

/* By what was decided: what stands before what was found. */
static const char *const answers[MS_ACTIONS] = {
	[MS_ACTION_DEFER] = "451 4.7.1 Message deferred",
	[MS_ACTION_QUARANTINE] = "250 2.0.0 Ok",
	/* Of doors that cannot do it. */
	[MS_ACTION_HOLD] = "451 4.7.1 Message deferred",
	[MS_ACTION_DROP] = "250 2.0.0 Ok",
	[MS_ACTION_REJECT] = "550 5.7.1 Message refused",
};

/* Who sent a file that is not wanted wants to know which. */
static void
tell_part(const struct ms_finding *finding, GString *out)
{
	if (finding->kind != MS_FINDING_BLOCKED || *finding->part == '\0')
		return;
	g_string_append(out, " in ");
	ms_wording_value(finding->part, out);
}

char *
ms_answer(const struct ms_decision *decision)
{
	const char *answer = answers[decision->action];
	GString *out;

	if (!answer)
		return NULL;
	out = g_string_new(answer);
	/* Who is told that all is well need not know what was found. */
	if (answer[0] != '2' && decision->finding) {
		g_string_append(out, ": ");
		ms_wording_value(decision->finding->name, out);
		tell_part(decision->finding, out);
	} else if (answer[0] != '2' && decision->gap) {
		g_string_append(out, ": not examined (");
		ms_wording_value(ms_facts_reason_name(decision->gap->reason),
		    out);
		g_string_append_c(out, ')');
	}
	return g_string_free(out, FALSE);
}
