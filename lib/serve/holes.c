#include "serve/holes.h"

#include "base/clock.h"
#include "net/timer.h"
#include "pool/sealed.h"
#include "serve/chronicle.h"

/* What was said of a recipient. */
struct known {
	bool hole;
	int64_t until_ms;
};

struct ms_holes {
	struct ms_loop *loop;
	struct ms_dispatch *runner;
	int64_t wait_ms;
	GHashTable *known;	/* recipient to struct known */
};

struct ms_holes_question {
	struct ms_holes *holes;
	GPtrArray *recipients;
	guint at;		/* all before it are black holes */
	uint64_t number;	/* of what the runner is asked; 0: nothing */
	struct ms_loop_chore next;
	struct ms_timer *deadline;
	ms_holes_answered *answered;
	void *arg;
};

struct ms_holes *
ms_holes_new(struct ms_loop *loop, struct ms_dispatch *runner, int64_t wait_ms)
{
	struct ms_holes *holes = g_new(struct ms_holes, 1);

	*holes = (struct ms_holes){ loop, runner, wait_ms,
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
		g_free) };
	return holes;
}

void
ms_holes_free(struct ms_holes *holes)
{
	if (!holes)
		return;
	g_hash_table_unref(holes->known);
	g_free(holes);
}

void
ms_holes_forget(struct ms_holes_question *q)
{
	if (!q)
		return;
	if (q->number != 0)
		ms_dispatch_forget(q->holes->runner, q->number);
	ms_loop_drop(q->holes->loop, &q->next);
	ms_timer_free(q->deadline);
	g_ptr_array_unref(q->recipients);
	g_free(q);
}

static void
finish(struct ms_holes_question *q, bool all)
{
	ms_holes_answered *const answered = q->answered;
	void *const arg = q->arg;

	ms_holes_forget(q);
	answered(arg, all);
}

static void
remember(struct ms_holes *holes, const char *recipient, bool hole,
    int64_t time_ms)
{
	struct known *known = g_new(struct known, 1);

	if (g_hash_table_size(holes->known) >= MS_HOLES_MAX)
		g_hash_table_remove_all(holes->known);
	*known = (struct known){ hole, ms_clock_ms() + time_ms };
	(void)g_hash_table_insert(holes->known, g_strdup(recipient), known);
}

static void
on_answered(void *arg, bool good, const char *text)
{
	struct ms_holes_question *q = arg;
	const char *recipient = q->recipients->pdata[q->at];
	const bool failed = !good && *text != '\0';

	q->number = 0;
	if (failed)
		ms_chronicle_tell(MS_LOGENTRY_WARNING, NULL,
		    "blackhole-command: %s: %s", recipient, text);
	remember(q->holes, recipient, good, failed ? MS_HOLES_FAILED_MS :
	    MS_HOLES_KNOWN_MS);
	ms_loop_later(q->holes->loop, &q->next);
}

/* Have the runner asked; false: that cannot be. */
static bool
ask(struct ms_holes_question *q)
{
	struct ms_task task = { .body = -1, .note = -1 };
	struct ms_error err;

	if (ms_sealed_make("?", 1, &task.note, &err) != MS_OK) {
		ms_chronicle_tell(MS_LOGENTRY_WARNING, NULL,
		    "blackhole-command: %s", err.text);
		return false;
	}
	task.note_size = 1;
	task.words.recipient = q->recipients->pdata[q->at];
	q->number = ms_dispatch_ask(q->holes->runner, &task, on_answered, q);
	return true;
}

/* Go on with what is known. */
static void
step(struct ms_holes_question *q)
{
	for (; q->at < q->recipients->len; q->at++) {
		const struct known *known = g_hash_table_lookup(
		    q->holes->known, q->recipients->pdata[q->at]);
		const bool fresh = known && known->until_ms > ms_clock_ms();

		if (!fresh && ask(q))
			return;
		if (!fresh || !known->hole) {
			finish(q, false);
			return;
		}
	}
	finish(q, true);
}

static void
on_next(void *arg)
{
	step(arg);
}

static void
on_deadline(void *arg)
{
	struct ms_holes_question *q = arg;

	ms_chronicle_tell(MS_LOGENTRY_WARNING, NULL, "blackhole-command: no "
	    "answer in time");
	finish(q, false);
}

struct ms_holes_question *
ms_holes_ask(struct ms_holes *holes, char *const *recipients, size_t count,
    ms_holes_answered *answered, void *arg)
{
	struct ms_holes_question *q = g_new0(struct ms_holes_question, 1);

	q->holes = holes;
	q->recipients = g_ptr_array_new_with_free_func(g_free);
	for (size_t i = 0; i < count; i++)
		g_ptr_array_add(q->recipients, g_strdup(recipients[i]));
	q->answered = answered;
	q->arg = arg;
	q->next = (struct ms_loop_chore){ .callback = on_next, .arg = q };
	ms_loop_later(holes->loop, &q->next);
	q->deadline = ms_timer_new(holes->loop, on_deadline, q);
	ms_timer_set(q->deadline, holes->wait_ms);
	return q;
}
