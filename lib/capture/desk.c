#include "capture/desk.h"

#include <stdbool.h>

struct ms_desk {
	struct ms_stash *stash;
	uint64_t line, number;	/* being read; of dialogues finished */
	GQueue finished;	/* struct ms_dialogue * */
	char *complaint;	/* the first, and its line */
	uint64_t complaint_line, complaints;
	bool full;			/* the stash was */
};

struct ms_desk *
ms_desk_new(struct ms_stash *stash)
{
	struct ms_desk *desk = g_new0(struct ms_desk, 1);

	desk->stash = stash;
	g_queue_init(&desk->finished);
	return desk;
}

void
ms_desk_free(struct ms_desk *desk)
{
	if (!desk)
		return;
	for (struct ms_dialogue *d; (d = ms_desk_take(desk));)
		ms_dialogue_free(d);
	g_free(desk->complaint);
	g_free(desk);
}

void
ms_desk_at(struct ms_desk *desk, uint64_t number)
{
	desk->line = number;
}

uint64_t
ms_desk_line(const struct ms_desk *desk)
{
	return desk->line;
}

struct ms_dialogue *
ms_desk_begin(struct ms_desk *desk)
{
	struct ms_dialogue *dialogue = ms_dialogue_new(desk->stash);

	dialogue->position = MAX(desk->line, 1);
	dialogue->unit = "line";
	dialogue->begun = true;
	return dialogue;
}

void
ms_desk_finish(struct ms_desk *desk, struct ms_dialogue *dialogue)
{
	if (dialogue->turns->len == 0) {
		ms_dialogue_free(dialogue);
		return;
	}
	dialogue->number = ++desk->number;
	g_queue_push_tail(&desk->finished, dialogue);
}

struct ms_dialogue *
ms_desk_take(struct ms_desk *desk)
{
	return g_queue_pop_head(&desk->finished);
}

void
ms_desk_complain(struct ms_desk *desk, const char *format, ...)
{
	va_list args;

	if (desk->complaints++ > 0)
		return;
	va_start(args, format);
	desk->complaint = g_strdup_vprintf(format, args);
	va_end(args);
	desk->complaint_line = desk->line;
}

void
ms_desk_full(struct ms_desk *desk, const char *why)
{
	ms_desk_complain(desk, "%s", why);
	desk->full = true;
}

enum ms_status
ms_desk_verdict(struct ms_desk *desk, struct ms_error *err)
{
	uint64_t more = desk->complaints - 1;
	enum ms_status status = desk->full ? MS_E_LIMIT : MS_E_FORMAT;

	if (desk->complaints == 0)
		return MS_OK;
	if (more == 0)
		(void)ms_error_set(err, status, "line %" G_GUINT64_FORMAT
		    ": %s", desk->complaint_line, desk->complaint);
	else
		(void)ms_error_set(err, status, "line %" G_GUINT64_FORMAT
		    ": %s; and %" G_GUINT64_FORMAT " more lines like it",
		    desk->complaint_line, desk->complaint, more);
	g_free(desk->complaint);
	desk->complaint = NULL;
	desk->complaints = 0;
	desk->full = false;
	return status;
}
