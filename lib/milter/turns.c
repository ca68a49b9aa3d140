#include "milter/turns.h"

#include "base/clock.h"

#include <glib.h>

struct ms_turns {
	GMutex mutex;
	GCond given;		/* somebody has given one back, or left */
	unsigned taken;
	GQueue waiting;		/* of struct ms_turns_wish, the first first */
};

struct ms_turns *
ms_turns_new(void)
{
	struct ms_turns *turns = g_new0(struct ms_turns, 1);

	g_mutex_init(&turns->mutex);
	g_cond_init(&turns->given);
	g_queue_init(&turns->waiting);
	return turns;
}

void
ms_turns_free(struct ms_turns *turns)
{
	if (!turns)
		return;
	g_mutex_clear(&turns->mutex);
	g_cond_clear(&turns->given);
	g_free(turns);
}

/* Is it WISH's turn? */
static bool
may(struct ms_turns *turns, const struct ms_turns_wish *wish)
{
	return (wish->at_once == 0 || turns->taken < wish->at_once) &&
	    g_queue_peek_head(&turns->waiting) == wish;
}

/* Wait until it is, or until UNTIL_MS; with the mutex. */
static bool
wait_for(struct ms_turns *turns, const struct ms_turns_wish *wish,
    int64_t until_ms)
{
	while (!may(turns, wish))
		if (!g_cond_wait_until(&turns->given, &turns->mutex,
		    until_ms * 1000))
			return may(turns, wish);
	return true;
}

enum ms_status
ms_turns_take(struct ms_turns *turns, const struct ms_turns_wish *wish)
{
	const int64_t end_ms = ms_clock_ms() + wish->wait_ms;
	enum ms_status status = MS_E_LIMIT;
	int64_t until_ms;

	g_mutex_lock(&turns->mutex);
	g_queue_push_tail(&turns->waiting, (gpointer)(uintptr_t)wish);
	do {
		until_ms = wish->idle ? MIN(end_ms, ms_clock_ms() +
		    wish->idle_ms) : end_ms;
		if (wait_for(turns, wish, until_ms)) {
			turns->taken++;
			status = MS_OK;
		} else if (ms_clock_ms() < end_ms && wish->idle) {
			/* It may take its time, and not keep others. */
			g_mutex_unlock(&turns->mutex);
			if (!wish->idle(wish->arg))
				status = MS_END;
			g_mutex_lock(&turns->mutex);
		}
	} while (status == MS_E_LIMIT && ms_clock_ms() < end_ms);
	if (status == MS_E_LIMIT && wish->anyway) {
		turns->taken++;
		status = MS_OK;
	}
	(void)g_queue_remove(&turns->waiting, wish);
	g_cond_broadcast(&turns->given);
	g_mutex_unlock(&turns->mutex);
	return status;
}

void
ms_turns_give(struct ms_turns *turns)
{
	g_mutex_lock(&turns->mutex);
	turns->taken--;
	g_cond_broadcast(&turns->given);
	g_mutex_unlock(&turns->mutex);
}
