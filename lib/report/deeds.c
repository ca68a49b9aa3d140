#include "report/deeds.h"

#include <inttypes.h>
#include <string.h>

#include "report/line.h"

static const struct {
	const char *action, *words[MS_DEED_STATES];
} rows[] = {
	{ "quarantine", { "copied to quarantine", "to go to quarantine",
	  "would be copied to quarantine", "FAILED to quarantine" } },
	{ "copy", { "copied to quarantine", "to be copied to quarantine",
	  "would be copied to quarantine", "FAILED to copy" } },
	{ "remove", { "removed", "to be removed", "would be removed",
	  "FAILED to remove" } },
	{ "flag", { "flagged", "to be flagged", "would be flagged",
	  "FAILED to flag" } },
	{ "to-folder", { "moved to folder:", "to be moved to folder:",
	  "would be moved to folder", "FAILED to move to folder" } },
	/* A quarantine and the remove that comes of it. */
	{ "move", { "moved to quarantine", "moving to quarantine",
	  "would be moved to quarantine", NULL } },
};

/* NULL: there is no such action. */
static const char *
words_for(const char *action, enum ms_deed_state state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (strcmp(rows[i].action, action) == 0)
			return rows[i].words[state];
	return NULL;
}

static void
append(GString *out, const GString *label, const char *action,
    enum ms_deed_state state, const char *detail)
{
	const char *words = words_for(action, state);

	g_string_append_len(out, label->str, (gssize)label->len);
	g_string_append(out, ": ");
	if (words)
		g_string_append(out, words);
	else
		g_string_append_printf(out, "%s %s", action,
		    ms_outcome_deed_name(state));
	if (detail && *detail) {
		g_string_append(out, state == MS_DEED_FAILED || !words ?
		    ": " : " ");
		ms_line_quoted(out, detail);
	}
	g_string_append_c(out, '\n');
}

/* The state of a quarantine at FIRST and the remove behind it, if both came
 * to something; MS_DEED_STATES if that is not what they are. */
static enum ms_deed_state
moved(const struct ms_deed *first, const struct ms_deed *then)
{
	bool pair = strcmp(first->action, "quarantine") == 0 &&
	    strcmp(then->action, "remove") == 0 &&
	    first->state != MS_DEED_FAILED && then->state != MS_DEED_FAILED;

	return pair ? then->state : MS_DEED_STATES;
}

void
ms_deeds_append(GString *out, const GString *label, const GPtrArray *deeds)
{
	for (guint i = 0; i < deeds->len; i++) {
		const struct ms_deed *deed = g_ptr_array_index(deeds, i);
		enum ms_deed_state state = i + 1 < deeds->len ? moved(deed,
		    g_ptr_array_index(deeds, i + 1)) : MS_DEED_STATES;

		if (state == MS_DEED_STATES) {
			append(out, label, deed->action, deed->state,
			    deed->detail);
			continue;
		}
		append(out, label, "move", state, deed->detail);
		i++;
	}
}

void
ms_deeds_append_action(GString *out, const struct ms_report_action *action)
{
	bool failed = action->state == MS_DEED_FAILED;
	const char *s = action->messages == 1 ? "" : "s";

	ms_line_quoted(out, action->source);
	g_string_append_printf(out, failed ?
	    ": FAILED to remove %" PRIu64 " message%s" :
	    ": %" PRIu64 " message%s removed", action->messages, s);
	if (action->detail && *action->detail) {
		g_string_append(out, failed ? ": " : " (");
		ms_line_quoted(out, action->detail);
		g_string_append(out, failed ? "" : ")");
	}
	g_string_append_c(out, '\n');
}
