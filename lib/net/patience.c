#include "net/patience.h"

#include "base/clock.h"

void
ms_patience_init(struct ms_patience *patience, struct ms_loop *loop,
    ms_loop_callback *callback, void *arg)
{
	*patience = (struct ms_patience){ .loop = loop, .callback = callback,
		.arg = arg, .deadline = -1, .quiet = -1, .armed = -1,
		.progress = ms_clock_ms() };
}

void
ms_patience_clear(struct ms_patience *patience)
{
	ms_timer_free(patience->timer);
	patience->timer = NULL;
	patience->deadline = patience->quiet = patience->armed = -1;
}

/* When somebody has to look at the clock next; -1: never. */
static int64_t
next_due(const struct ms_patience *patience)
{
	int64_t quiet = patience->quiet < 0 ? -1 :
	    patience->progress + patience->quiet;

	if (patience->deadline < 0 || quiet < 0)
		return MAX(patience->deadline, quiet);
	return MIN(patience->deadline, quiet);
}

/* A timer that runs too early is no harm: the check sets it again. */
static void
arm(struct ms_patience *patience)
{
	const int64_t due = next_due(patience);

	if (due < 0 && patience->armed >= 0) {
		ms_timer_stop(patience->timer);
		patience->armed = -1;
	}
	if (due < 0 || (patience->armed >= 0 && patience->armed <= due))
		return;
	if (!patience->timer)
		patience->timer = ms_timer_new(patience->loop,
		    patience->callback, patience->arg);
	patience->armed = due;
	ms_timer_set(patience->timer, MAX(due - ms_clock_ms(), 0) + 1);
}

void
ms_patience_deadline(struct ms_patience *patience, int64_t ms)
{
	patience->deadline = ms < 0 ? -1 : ms_clock_ms() + ms;
	arm(patience);
}

void
ms_patience_quiet(struct ms_patience *patience, int64_t ms)
{
	patience->quiet = ms < 0 ? -1 : ms;
	patience->progress = ms_clock_ms();
	arm(patience);
}

void
ms_patience_progress(struct ms_patience *patience)
{
	patience->progress = ms_clock_ms();
}

enum ms_status
ms_patience_check(struct ms_patience *patience, struct ms_error *err)
{
	const int64_t now = ms_clock_ms();

	patience->armed = -1;
	if (patience->deadline >= 0 && now >= patience->deadline)
		return ms_error_set(err, MS_E_PEER, "it took too long");
	if (patience->quiet >= 0 && now >= patience->progress +
	    patience->quiet)
		return ms_error_set(err, MS_E_PEER, "nothing was said for %"
		    G_GINT64_FORMAT ".%03u s", patience->quiet / 1000,
		    (unsigned)(patience->quiet % 1000));
	arm(patience);
	return MS_OK;
}
