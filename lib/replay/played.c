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

struct ms_played *
ms_played_new(const struct ms_role *role, uint64_t run)
{
	struct ms_played *played = g_new0(struct ms_played, 1);

	played->role = role;
	played->run = run;
	played->differences = g_array_new(FALSE, FALSE,
	    sizeof(struct ms_difference));
	g_array_set_clear_func(played->differences, clear_difference);
	return played;
}

void
ms_played_free(struct ms_played *played)
{
	if (!played)
		return;
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
