#include "net/loop.h"

#include <event2/event.h>

enum { BLOCK_SIZE = 64 << 10 };

struct owned {
	ms_loop_callback *release;
	void *arg;
};

struct ms_loop {
	struct event_base *base;
	struct event *chores_due;
	struct ms_loop_chore *first, **last;
	bool busy;			/* with chores */
	GHashTable *owned;		/* of struct owned */
	unsigned char *block;
};

/* Those that are queued now. What they queue in their turn has to wait until
 * the system was asked again, or two of them could keep all others out. */
static void
on_chores(evutil_socket_t fd, short what, void *arg)
{
	struct ms_loop *loop = arg;
	struct ms_loop_chore end = { .queued = true }, *chore;

	(void)fd;
	(void)what;
	*loop->last = &end;
	loop->last = &end.next;
	loop->busy = true;
	while ((chore = loop->first) != &end) {
		loop->first = chore->next;
		chore->next = NULL;
		chore->queued = false;
		chore->callback(chore->arg);
	}
	loop->busy = false;
	loop->first = end.next;
	if (!loop->first)
		loop->last = &loop->first;
}

enum ms_status
ms_loop_new(struct ms_loop **loop, struct ms_error *err)
{
	struct event_config *config = event_config_new();
	struct ms_loop *l = g_new0(struct ms_loop, 1);

	/* One thread needs no locks, and the environment is not asked. */
	if (config) {
		(void)event_config_set_flag(config,
		    EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV);
		l->base = event_base_new_with_config(config);
		event_config_free(config);
	}
	if (l->base)
		l->chores_due = event_new(l->base, -1, 0, on_chores, l);
	if (!l->chores_due) {
		if (l->base)
			event_base_free(l->base);
		g_free(l);
		return ms_error_errno(err, "cannot wait for anything");
	}
	l->last = &l->first;
	l->owned = g_hash_table_new(NULL, NULL);
	l->block = g_malloc(BLOCK_SIZE);
	*loop = l;
	return MS_OK;
}

void
ms_loop_free(struct ms_loop *loop)
{
	GHashTableIter iter;
	gpointer owned;

	if (!loop)
		return;
	/* Each release disowns itself. */
	for (;;) {
		g_hash_table_iter_init(&iter, loop->owned);
		if (!g_hash_table_iter_next(&iter, &owned, NULL))
			break;
		((struct owned *)owned)->release(
		    ((struct owned *)owned)->arg);
	}
	g_hash_table_destroy(loop->owned);
	event_free(loop->chores_due);
	event_base_free(loop->base);
	g_free(loop->block);
	g_free(loop);
}

enum ms_status
ms_loop_run(struct ms_loop *loop, struct ms_error *err)
{
	if (event_base_dispatch(loop->base) < 0)
		return ms_error_errno(err, "cannot wait for anything");
	return MS_OK;
}

void
ms_loop_stop(struct ms_loop *loop)
{
	(void)event_base_loopbreak(loop->base);
}

struct event_base *
ms_loop_base(struct ms_loop *loop)
{
	return loop->base;
}

unsigned char *
ms_loop_block(struct ms_loop *loop, size_t *size)
{
	*size = BLOCK_SIZE;
	return loop->block;
}

void
ms_loop_later(struct ms_loop *loop, struct ms_loop_chore *chore)
{
	const struct timeval now = { 0, 0 };

	if (chore->queued)
		return;
	chore->queued = true;
	chore->next = NULL;
	*loop->last = chore;
	loop->last = &chore->next;
	if (loop->busy)
		(void)event_add(loop->chores_due, &now);
	else
		event_active(loop->chores_due, EV_TIMEOUT, 0);
}

void
ms_loop_drop(struct ms_loop *loop, struct ms_loop_chore *chore)
{
	struct ms_loop_chore **at = &loop->first;

	if (!chore->queued)
		return;
	while (*at && *at != chore)
		at = &(*at)->next;
	if (*at) {
		*at = chore->next;
		if (loop->last == &chore->next)
			loop->last = at;
	}
	chore->queued = false;
}

void *
ms_loop_own(struct ms_loop *loop, ms_loop_callback *release, void *arg)
{
	struct owned *owned = g_new(struct owned, 1);

	owned->release = release;
	owned->arg = arg;
	(void)g_hash_table_add(loop->owned, owned);
	return owned;
}

void
ms_loop_disown(struct ms_loop *loop, void *owned)
{
	if (g_hash_table_remove(loop->owned, owned))
		g_free(owned);
}
