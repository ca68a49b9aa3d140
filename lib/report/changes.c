#include "report/changes.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "report/fields.h"
#include "report/jsonl.h"
#include "report/line.h"

#define KEY_BYTES 16

struct entry {
	unsigned char exact[KEY_BYTES];	/* with the source, */
	unsigned char moved[KEY_BYTES];	/* and without it */
	uint32_t number;		/* in the order of noting */
	uint32_t change;		/* enum ms_change */
};

struct side {
	GArray *entries;	/* of struct entry */
	guint next;
	uint64_t counts[MS_CHANGE_STATES];
};

struct ms_changes {
	struct side sides[MS_CHANGES_SIDES];
};

struct ms_changes *
ms_changes_new(void)
{
	struct ms_changes *changes = g_new0(struct ms_changes, 1);

	for (int i = 0; i < MS_CHANGES_SIDES; i++)
		changes->sides[i].entries = g_array_new(FALSE, FALSE,
		    sizeof(struct entry));
	return changes;
}

void
ms_changes_free(struct ms_changes *changes)
{
	if (!changes)
		return;
	for (int i = 0; i < MS_CHANGES_SIDES; i++)
		g_array_unref(changes->sides[i].entries);
	g_free(changes);
}

/* Strings with their NUL, so that none runs into the next. */
static void
make_key(unsigned char key[KEY_BYTES], const struct ms_digest *message,
    const struct ms_finding *finding, const char *source)
{
	struct ms_hash *hash = ms_hash_new();
	struct ms_digest digest;

	ms_hash_feed(hash, message, sizeof *message);
	ms_hash_feed(hash, finding->name, strlen(finding->name) + 1);
	ms_hash_feed(hash, finding->part, strlen(finding->part) + 1);
	ms_hash_feed(hash, source, strlen(source) + 1);
	digest = ms_hash_end(hash);
	memcpy(key, digest.bytes, KEY_BYTES);
	ms_hash_free(hash);
}

void
ms_changes_note(struct ms_changes *changes, enum ms_changes_side side,
    const struct ms_outcome *outcome)
{
	GArray *entries = changes->sides[side].entries;
	const GPtrArray *findings = outcome->facts.findings;
	const struct ms_digest none = { { 0 } };

	for (guint i = 0; i < findings->len; i++) {
		const struct ms_finding *finding =
		    g_ptr_array_index(findings, i);
		struct entry entry = { .number = entries->len,
			.change = MS_CHANGE_ALONE };

		make_key(entry.exact, &outcome->sha256, finding,
		    outcome->origin.source);
		make_key(entry.moved, ms_hash_equal(&none,
		    &outcome->sha256_canonical) ? &outcome->sha256 :
		    &outcome->sha256_canonical, finding, "");
		g_array_append_val(entries, entry);
	}
}

static int
by_exact(const void *a, const void *b)
{
	return memcmp(((const struct entry *)a)->exact,
	    ((const struct entry *)b)->exact, KEY_BYTES);
}

/* Those that have no match yet come first. */
static int
by_moved(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->change != y->change)
		return x->change > y->change ? -1 : 1;
	return memcmp(x->moved, y->moved, KEY_BYTES);
}

static int
by_number(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static void
sort(struct ms_changes *changes, GCompareFunc compare)
{
	for (int i = 0; i < MS_CHANGES_SIDES; i++)
		g_array_sort(changes->sides[i].entries, compare);
}

static struct entry *
at(const struct ms_changes *changes, enum ms_changes_side side, guint i)
{
	GArray *entries = changes->sides[side].entries;

	return i < entries->len ? &g_array_index(entries, struct entry, i) :
	    NULL;
}

/* Those on SIDE that have the same exact key as OTHER, from *I on. */
static void
mark_equal(struct ms_changes *changes, enum ms_changes_side side, guint *i,
    const struct entry *other)
{
	struct entry *entry;

	while ((entry = at(changes, side, *i)) &&
	    by_exact(entry, other) == 0) {
		entry->change = MS_CHANGE_NONE;
		(*i)++;
	}
}

static void
match_exact(struct ms_changes *changes)
{
	guint i = 0, k = 0;
	struct entry *old, *new;

	sort(changes, by_exact);
	while ((old = at(changes, MS_CHANGES_OLD, i)) &&
	    (new = at(changes, MS_CHANGES_NEW, k))) {
		struct entry key = *old;
		int order = by_exact(old, new);

		if (order < 0) {
			i++;
		} else if (order > 0) {
			k++;
		} else {
			mark_equal(changes, MS_CHANGES_OLD, &i, &key);
			mark_equal(changes, MS_CHANGES_NEW, &k, &key);
		}
	}
}

/* One for one: what was copied is new. */
static void
match_moved(struct ms_changes *changes)
{
	guint i = 0, k = 0;
	struct entry *old, *new;

	sort(changes, by_moved);
	while ((old = at(changes, MS_CHANGES_OLD, i)) &&
	    (new = at(changes, MS_CHANGES_NEW, k)) &&
	    old->change == MS_CHANGE_ALONE &&
	    new->change == MS_CHANGE_ALONE) {
		int order = memcmp(old->moved, new->moved, KEY_BYTES);

		if (order == 0) {
			old->change = MS_CHANGE_MOVED;
			new->change = MS_CHANGE_MOVED;
		}
		i += order <= 0;
		k += order >= 0;
	}
}

void
ms_changes_settle(struct ms_changes *changes)
{
	match_exact(changes);
	match_moved(changes);
	sort(changes, by_number);
	for (int s = 0; s < MS_CHANGES_SIDES; s++) {
		struct side *side = &changes->sides[s];

		for (guint i = 0; i < side->entries->len; i++)
			side->counts[g_array_index(side->entries,
			    struct entry, i).change]++;
	}
}

enum ms_change
ms_changes_next(struct ms_changes *changes, enum ms_changes_side side)
{
	const struct entry *entry = at(changes, side,
	    changes->sides[side].next);

	if (!entry)
		return MS_CHANGE_NONE;
	changes->sides[side].next++;
	return (enum ms_change)entry->change;
}

uint64_t
ms_changes_count(const struct ms_changes *changes,
    enum ms_changes_side side, enum ms_change change)
{
	return changes->sides[side].counts[change];
}

static enum ms_status
write_json(FILE *stream, enum ms_changes_side side,
    const struct ms_outcome *outcome, const struct ms_finding *finding,
    struct ms_error *err)
{
	const struct ms_headers *headers = &outcome->facts.headers;
	char hex[MS_HASH_HEX];

	ms_hash_hex(&outcome->sha256, hex);
	return ms_fields_write(stream, json_pack(
	    "{s:i,s:s,s:o,s:o,s:I,s:o,s:o,s:o,s:o,s:s,s:s,s:o,s:o,s:o,s:o*}",
	    "schema", MS_JSONL_SCHEMA,
	    "type", side == MS_CHANGES_NEW ? "new" : "gone",
	    "source", ms_fields_quoted(outcome->origin.source),
	    "format", ms_fields_quoted(outcome->origin.format),
	    "index", (json_int_t)MIN(outcome->origin.index, INT64_MAX),
	    "message_id", ms_fields_quoted(headers->message_id),
	    "subject", ms_fields_quoted(headers->subject),
	    "from", ms_fields_quoted(headers->from),
	    "date", ms_fields_quoted(headers->date),
	    "sha256", hex, "verdict", ms_verdict_name(outcome->verdict),
	    "engine", ms_fields_quoted(finding->engine),
	    "name", ms_fields_quoted(finding->name),
	    "part", ms_fields_quoted(finding->part),
	    "stream", outcome->origin.stream == 0 ? NULL :
	    json_integer((json_int_t)MIN(outcome->origin.stream,
	    INT64_MAX))), err);
}

enum ms_status
ms_changes_write(FILE *stream, bool json, enum ms_changes_side side,
    const struct ms_outcome *outcome, const struct ms_finding *finding,
    struct ms_error *err)
{
	enum ms_status status;
	GString *out;

	if (json)
		return write_json(stream, side, outcome, finding, err);
	out = ms_line_label(outcome);
	if (*finding->part) {
		g_string_append_c(out, ':');
		ms_line_quoted(out, finding->part);
	}
	g_string_append(out, ": ");
	ms_line_quoted(out, finding->name);
	g_string_append(out, side == MS_CHANGES_NEW ? " NEW\n" : " GONE\n");
	status = ms_line_write(stream, out, err);
	g_string_free(out, TRUE);
	return status;
}

enum ms_status
ms_changes_write_counts(FILE *stream, bool json,
    const struct ms_changes *changes, struct ms_error *err)
{
	const struct side *new = &changes->sides[MS_CHANGES_NEW];
	const struct side *old = &changes->sides[MS_CHANGES_OLD];
	enum ms_status status;
	GString *out;

	if (json) {
		status = ms_fields_write(stream, json_pack(
		    "{s:i,s:s,s:I,s:I,s:I,s:I}", "schema", MS_JSONL_SCHEMA,
		    "type", "diff",
		    "new", (json_int_t)new->counts[MS_CHANGE_ALONE],
		    "gone", (json_int_t)old->counts[MS_CHANGE_ALONE],
		    "moved", (json_int_t)new->counts[MS_CHANGE_MOVED],
		    "unchanged", (json_int_t)new->counts[MS_CHANGE_NONE]),
		    err);
	} else {
		out = g_string_new("\n");
		g_string_append_printf(out, "New: %" PRIu64 "\nGone: %" PRIu64
		    "\nMoved: %" PRIu64 "\nUnchanged: %" PRIu64 "\n",
		    new->counts[MS_CHANGE_ALONE],
		    old->counts[MS_CHANGE_ALONE],
		    new->counts[MS_CHANGE_MOVED],
		    new->counts[MS_CHANGE_NONE]);
		status = ms_line_write(stream, out, err);
		g_string_free(out, TRUE);
	}
	return status == MS_OK ? ms_line_flush(stream, err) : status;
}
