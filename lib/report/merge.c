#include "report/merge.h"

#include <stdlib.h>
#include <string.h>

/* What is known of one message: a part of a digest that is long enough for
 * nobody to make two by chance, and the run that tells. */
struct entry {
	unsigned char key[16];
	uint32_t run;
};

/* It was told. */
#define TAKEN UINT32_MAX

struct ms_merge {
	GArray *entries;	/* of struct entry */
	unsigned runs;
};

struct ms_merge *
ms_merge_new(void)
{
	struct ms_merge *merge = g_new0(struct ms_merge, 1);

	merge->entries = g_array_new(FALSE, FALSE, sizeof(struct entry));
	return merge;
}

void
ms_merge_free(struct ms_merge *merge)
{
	if (!merge)
		return;
	g_array_unref(merge->entries);
	g_free(merge);
}

unsigned
ms_merge_run(struct ms_merge *merge)
{
	return merge->runs++;
}

static struct entry
entry_of(struct ms_hash *hash, const char *source)
{
	struct entry entry = { .run = 0 };
	struct ms_digest digest;

	ms_hash_feed(hash, source, strlen(source));
	digest = ms_hash_end(hash);
	memcpy(entry.key, digest.bytes, sizeof entry.key);
	ms_hash_free(hash);
	return entry;
}

/* Numbers first, as they have a length of their own. */
static struct entry
message_entry(const struct ms_outcome *outcome)
{
	struct ms_hash *hash = ms_hash_new();

	ms_hash_feed(hash, "m", 1);
	ms_hash_feed(hash, &outcome->origin.stream,
	    sizeof outcome->origin.stream);
	ms_hash_feed(hash, &outcome->origin.index,
	    sizeof outcome->origin.index);
	ms_hash_feed(hash, &outcome->sha256, sizeof outcome->sha256);
	return entry_of(hash, outcome->origin.source);
}

static struct entry
notice_entry(enum ms_report_notice kind, const struct ms_origin *origin)
{
	const unsigned char number = (unsigned char)kind;
	struct ms_hash *hash = ms_hash_new();

	ms_hash_feed(hash, "n", 1);
	ms_hash_feed(hash, &number, 1);
	return entry_of(hash, origin->source);
}

static void
note(struct ms_merge *merge, struct entry entry)
{
	entry.run = merge->runs - 1;
	g_array_append_val(merge->entries, entry);
}

void
ms_merge_note(struct ms_merge *merge, const struct ms_outcome *outcome)
{
	note(merge, message_entry(outcome));
}

void
ms_merge_note_notice(struct ms_merge *merge, enum ms_report_notice kind,
    const struct ms_origin *origin)
{
	note(merge, notice_entry(kind, origin));
}

static int
compare(const void *a, const void *b)
{
	return memcmp(((const struct entry *)a)->key,
	    ((const struct entry *)b)->key, sizeof ((struct entry *)0)->key);
}

void
ms_merge_settle(struct ms_merge *merge, const int64_t *finished)
{
	GArray *entries = merge->entries;
	guint kept = 0;

	g_array_sort(entries, compare);
	for (guint i = 0; i < entries->len; i++) {
		const struct entry *entry = &g_array_index(entries,
		    struct entry, i);
		struct entry *last = kept == 0 ? NULL : &g_array_index(
		    entries, struct entry, kept - 1);

		if (!last || compare(last, entry) != 0)
			g_array_index(entries, struct entry, kept++) = *entry;
		else if (finished[entry->run] > finished[last->run] ||
		    (finished[entry->run] == finished[last->run] &&
		    entry->run > last->run))
			last->run = entry->run;
	}
	g_array_set_size(entries, kept);
}

static bool
take(struct ms_merge *merge, unsigned run, const struct entry *wanted)
{
	struct entry *entry = NULL;

	if (merge->entries->len > 0)
		entry = bsearch(wanted, merge->entries->data,
		    merge->entries->len, sizeof *entry, compare);
	if (!entry || entry->run != run)
		return false;
	entry->run = TAKEN;
	return true;
}

bool
ms_merge_take(struct ms_merge *merge, unsigned run,
    const struct ms_outcome *outcome)
{
	const struct entry entry = message_entry(outcome);

	return take(merge, run, &entry);
}

bool
ms_merge_take_notice(struct ms_merge *merge, unsigned run,
    enum ms_report_notice kind, const struct ms_origin *origin)
{
	const struct entry entry = notice_entry(kind, origin);

	return take(merge, run, &entry);
}
