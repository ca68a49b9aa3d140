#include "serve/poison.h"

#include <glib.h>

#include <string.h>

#define MINUTE_MS 60000

/* The times of so many deaths tell whether there were more than allowed. */
#define TIMES (MS_POISON_MINUTE_MAX + 1)

struct entry {
	struct ms_digest sha256;
	unsigned deaths;
	int64_t last_ms;
	GList link;		/* in the queue; its data is the entry */
};

struct ms_poison {
	GHashTable *entries;	/* digest to struct entry */
	GQueue queue;		/* of them, the latest at the end */
	int64_t times[TIMES];	/* of the last deaths, a ring */
	unsigned at;		/* the oldest of them */
	unsigned count;		/* of those that are there */
	int64_t tried_ms;	/* when somebody was let in last, or the last
				 * death before the alarm */
	bool well;		/* a message was scanned since there was no
				 * time for one */
	ms_poison_told *told;	/* NULL: nobody is */
	void *arg;
};

struct ms_poison *
ms_poison_new(void)
{
	struct ms_poison *poison = g_new0(struct ms_poison, 1);

	poison->entries = g_hash_table_new_full(ms_hash_key, ms_hash_key_equal,
	    NULL, g_free);
	g_queue_init(&poison->queue);
	return poison;
}

void
ms_poison_free(struct ms_poison *poison)
{
	if (!poison)
		return;
	g_hash_table_unref(poison->entries);
	g_free(poison);
}

static void
forget_old(struct ms_poison *poison, int64_t now_ms)
{
	GList *link;

	while ((link = g_queue_peek_head_link(&poison->queue))) {
		const struct entry *entry = link->data;

		if (now_ms - entry->last_ms < MS_POISON_MEMORY_MS &&
		    poison->queue.length <= MS_POISON_MESSAGES_MAX)
			break;
		g_queue_unlink(&poison->queue, link);
		(void)g_hash_table_remove(poison->entries, &entry->sha256);
	}
}

static void
note_time(struct ms_poison *poison, int64_t now_ms)
{
	poison->times[poison->at] = now_ms;
	poison->at = (poison->at + 1) % TIMES;
	if (poison->count < TIMES) {
		poison->count++;
		poison->tried_ms = now_ms;
	}
}

/* DEATHS more, or, if that is 0, one more try for which there was no time. */
static unsigned
add(struct ms_poison *poison, const struct ms_digest *sha256, unsigned deaths,
    int64_t now_ms)
{
	struct entry *entry;

	forget_old(poison, now_ms);
	entry = g_hash_table_lookup(poison->entries, sha256);
	if (entry) {
		g_queue_unlink(&poison->queue, &entry->link);
	} else {
		entry = g_new0(struct entry, 1);
		entry->sha256 = *sha256;
		entry->link.data = entry;
		(void)g_hash_table_insert(poison->entries, &entry->sha256,
		    entry);
	}
	g_queue_push_tail_link(&poison->queue, &entry->link);
	entry->last_ms = now_ms;
	entry->deaths = (unsigned)MIN((uint64_t)entry->deaths +
	    MAX(deaths, 1), UINT32_MAX);
	for (unsigned i = 0; i < MIN(deaths, TIMES); i++)
		note_time(poison, now_ms);
	deaths = entry->deaths;
	forget_old(poison, now_ms);
	return deaths;
}

/* Likewise, and tell others. */
static unsigned
add_everywhere(struct ms_poison *poison, const struct ms_digest *sha256,
    unsigned deaths, int64_t now_ms)
{
	if (poison->told) {
		char hex[MS_HASH_HEX];
		char text[MS_HASH_HEX + 16];

		ms_hash_hex(sha256, hex);
		(void)g_snprintf(text, sizeof text, "%s %u", hex, deaths);
		poison->told(poison->arg, text);
	}
	return add(poison, sha256, deaths, now_ms);
}

unsigned
ms_poison_add(struct ms_poison *poison, const struct ms_digest *sha256,
    unsigned deaths, int64_t now_ms)
{
	return add_everywhere(poison, sha256, MAX(deaths, 1), now_ms);
}

unsigned
ms_poison_late(struct ms_poison *poison, const struct ms_digest *sha256,
    int64_t now_ms)
{
	if (!poison->well)
		return 0;
	poison->well = false;
	return add_everywhere(poison, sha256, 0, now_ms);
}

void
ms_poison_tell(struct ms_poison *poison, ms_poison_told *told, void *arg)
{
	poison->told = told;
	poison->arg = arg;
}

enum ms_status
ms_poison_learn(struct ms_poison *poison, const char *text, int64_t now_ms)
{
	struct ms_digest sha256;
	guint64 deaths;

	if (strlen(text) <= MS_HASH_HEX || text[MS_HASH_HEX - 1] != ' ' ||
	    !ms_hash_read(text, &sha256) ||
	    !g_ascii_string_to_unsigned(text + MS_HASH_HEX, 10, 0, UINT32_MAX,
	    &deaths, NULL))
		return MS_E_PEER;
	(void)add(poison, &sha256, (unsigned)deaths, now_ms);
	return MS_OK;
}

void
ms_poison_well(struct ms_poison *poison)
{
	poison->count = poison->at = 0;
	poison->well = true;
}

bool
ms_poison_alarm(const struct ms_poison *poison, int64_t now_ms)
{
	/* The oldest of one more than are allowed. */
	return poison->count == TIMES &&
	    now_ms - poison->times[poison->at] < MINUTE_MS;
}

bool
ms_poison_try(struct ms_poison *poison, int64_t now_ms)
{
	if (now_ms - poison->tried_ms < MS_POISON_TRIAL_MS)
		return false;
	poison->tried_ms = now_ms;
	return true;
}
