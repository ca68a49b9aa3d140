#include "scan/facts.h"

#include "scan/lineage.h"

#include <string.h>

static const char *const reason_names[MS_REASONS] = {
	[MS_REASON_LIMIT_SIZE] = "limit-size",
	[MS_REASON_LIMIT_TIME] = "limit-time",
	[MS_REASON_LIMIT_MEMORY] = "limit-memory",
	[MS_REASON_LIMIT_DEPTH] = "limit-depth",
	[MS_REASON_LIMIT_COUNT] = "limit-count",
	[MS_REASON_LIMIT_RATIO] = "limit-ratio",
	[MS_REASON_MALFORMED] = "malformed",
	[MS_REASON_TRUNCATED] = "truncated",
	[MS_REASON_UNSUPPORTED] = "unsupported",
	[MS_REASON_ENCRYPTED] = "encrypted",
	[MS_REASON_WORKER_DIED] = "worker-died",
	[MS_REASON_ENGINE_FAILED] = "engine-failed",
	[MS_REASON_AMBIGUOUS] = "ambiguous",
};

static void
free_finding(gpointer data)
{
	struct ms_finding *finding = data;

	g_free(finding->engine);
	g_free(finding->name);
	g_free(finding->part);
	g_free(finding);
}

static void
free_gap(gpointer data)
{
	struct ms_gap *gap = data;

	g_free(gap->part);
	g_free(gap->detail);
	g_free(gap);
}

static void
free_ambiguity(gpointer data)
{
	struct ms_ambiguity *ambiguity = data;

	g_free(ambiguity->reason);
	g_free(ambiguity->part);
	g_free(ambiguity->detail);
	g_free(ambiguity);
}

static void
free_part(gpointer data)
{
	struct ms_part *part = data;

	g_free(part->path);
	g_free(part->content_type);
	g_free(part->filename);
	g_free(part->encoding);
	g_free(part->charset);
	g_free(part->boundary);
	g_free(part);
}

void
ms_facts_init(struct ms_facts *facts)
{
	*facts = (struct ms_facts){
		.findings = g_ptr_array_new_with_free_func(free_finding),
		.gaps = g_ptr_array_new_with_free_func(free_gap),
		.ambiguities = g_ptr_array_new_with_free_func(free_ambiguity),
		.parts = g_ptr_array_new_with_free_func(free_part),
	};
}

void
ms_facts_clear(struct ms_facts *facts)
{
	g_ptr_array_unref(facts->findings);
	g_ptr_array_unref(facts->gaps);
	g_ptr_array_unref(facts->ambiguities);
	g_ptr_array_unref(facts->parts);
	if (facts->blobs)
		g_hash_table_unref(facts->blobs);
	g_free(facts->headers.message_id);
	g_free(facts->headers.subject);
	g_free(facts->headers.from);
	g_free(facts->headers.to);
	g_free(facts->headers.date);
	g_free(facts->piece.id);
	*facts = (struct ms_facts){ 0 };
}

static bool
same_finding(const struct ms_finding *a, const char *engine,
    const char *name)
{
	return strcmp(a->name, name) == 0 && strcmp(a->engine, engine) == 0;
}

void
ms_facts_finding(struct ms_facts *facts, const char *engine,
    const char *name, const char *part)
{
	ms_facts_found(facts, MS_FINDING_MALWARE, engine, name, part);
}

/* Is it known that there is more from ENGINE than is listed? */
static bool
has_more(const struct ms_facts *facts, enum ms_finding_kind kind,
    const char *engine)
{
	for (guint i = 0; i < facts->findings->len; i++) {
		const struct ms_finding *one = facts->findings->pdata[i];

		if (one->kind == kind &&
		    same_finding(one, engine, MS_FACTS_MORE))
			return true;
	}
	return false;
}

void
ms_facts_found(struct ms_facts *facts, enum ms_finding_kind kind,
    const char *engine, const char *name, const char *part)
{
	const guint max = MS_FACTS_FINDINGS_MAX;
	uint32_t within = facts->within;
	struct ms_finding *finding;

	for (guint i = 0; i < facts->findings->len; i++) {
		finding = facts->findings->pdata[i];
		if (same_finding(finding, engine, name) &&
		    strcmp(finding->part, part) == 0) {
			if (finding->within != facts->within)
				finding->within = 0;
			return;
		}
	}
	/* The thousandth name adds nothing, but that it may be another one. */
	if (facts->findings->len >= max) {
		if (has_more(facts, kind, engine) ||
		    facts->findings->len >= max + MS_FACTS_MORE_MAX)
			return;
		name = MS_FACTS_MORE;
		part = "";
		within = 0;
	}
	finding = g_new(struct ms_finding, 1);
	*finding = (struct ms_finding){ kind, g_strdup(engine),
		g_strdup(name), g_strdup(part), within };
	g_ptr_array_add(facts->findings, finding);
}

void
ms_facts_gap(struct ms_facts *facts, enum ms_reason reason,
    const char *part, const char *detail)
{
	uint32_t within = facts->within;
	struct ms_gap *gap;

	/* The last places are kept for gaps of the whole message, one for
	 * each reason, so that none that decides a verdict is lost in the
	 * crowd. */
	if (facts->gaps->len >= MS_FACTS_GAPS_MAX) {
		part = "";
		within = 0;
	}
	for (guint i = 0; i < facts->gaps->len; i++) {
		gap = facts->gaps->pdata[i];
		if (gap->reason == reason && strcmp(gap->part, part) == 0) {
			if (gap->within != within)
				gap->within = 0;
			return;
		}
	}
	gap = g_new(struct ms_gap, 1);
	*gap = (struct ms_gap){ reason, g_strdup(part), g_strdup(detail),
		within };
	g_ptr_array_add(facts->gaps, gap);
}

void
ms_facts_ambiguity(struct ms_facts *facts, const char *reason,
    const char *part, const char *detail)
{
	struct ms_ambiguity *ambiguity;

	for (guint i = 0; i < facts->ambiguities->len; i++) {
		ambiguity = facts->ambiguities->pdata[i];
		if (strcmp(ambiguity->reason, reason) == 0 &&
		    strcmp(ambiguity->part, part) == 0)
			return;
	}
	if (facts->ambiguities->len >= MS_FACTS_AMBIGUITIES_MAX)
		return;
	ambiguity = g_new(struct ms_ambiguity, 1);
	*ambiguity = (struct ms_ambiguity){ g_strdup(reason),
		g_strdup(part), g_strdup(detail) };
	g_ptr_array_add(facts->ambiguities, ambiguity);
}

void
ms_facts_piece(struct ms_facts *facts, const struct ms_facts_piece *piece)
{
	g_free(facts->piece.id);
	facts->piece = *piece;
	facts->piece.id = g_strdup(piece->id);
}

void
ms_facts_part(struct ms_facts *facts, const struct ms_part *part)
{
	struct ms_part *copy = g_new(struct ms_part, 1);

	*copy = *part;
	copy->path = g_strdup(part->path);
	copy->content_type = g_strdup(part->content_type);
	copy->filename = g_strdup(part->filename);
	copy->encoding = g_strdup(part->encoding);
	copy->charset = g_strdup(part->charset);
	copy->boundary = g_strdup(part->boundary);
	g_ptr_array_add(facts->parts, copy);
}

void
ms_facts_blob(struct ms_facts *facts, const struct ms_digest *sha256)
{
	if (!facts->blobs)
		facts->blobs = g_hash_table_new_full(ms_hash_key,
		    ms_hash_key_equal, g_free, NULL);
	g_hash_table_add(facts->blobs, g_memdup2(sha256, sizeof *sha256));
}

bool
ms_facts_is_picked(const struct ms_facts *facts, const struct ms_part *part)
{
	return facts->blobs && ms_facts_has_bytes(part) &&
	    g_hash_table_contains(facts->blobs, &part->sha256);
}

/* Is INNER the path of something inside OUTER? A dot leads inside only
 * behind a MIME position, not in a file name. */
static bool
lies_inside(const char *inner, const char *outer)
{
	size_t size = strlen(outer);

	if (size == 0)
		return *inner != '\0';
	if (strncmp(inner, outer, size) != 0)
		return false;
	return inner[size] == '/' || (inner[size] == '.' &&
	    strspn(outer, "0123456789.") == size);
}

/* A place in a message: a path, and the listed part that it is in. */
struct place {
	const char *path;
	uint32_t within;
};

/* Is INNER, by its path in OUTER, in it for certain? */
static bool
is_certain(const struct ms_lineage *lineage, struct place inner,
    struct place outer)
{
	const struct ms_part *part = ms_lineage_part(lineage, outer.within);

	if (*outer.path == '\0' || (inner.within >= MS_FACTS_JOINED &&
	    strcmp(outer.path, "joined") == 0))
		return true;
	return part && strcmp(part->path, outer.path) == 0 &&
	    ms_lineage_is_in(lineage, inner.within, part);
}

/* Does a finding deeper inside say what this one does? If only their paths tell
 * that it is inside, it speaks for what is elsewhere, too. */
static bool
known_deeper(const struct ms_facts *facts, const struct ms_lineage *lineage,
    const struct ms_finding *finding)
{
	const struct place here = { finding->part, finding->within };
	struct ms_finding *deeper = NULL;

	for (guint i = 0; i < facts->findings->len; i++) {
		struct ms_finding *other = facts->findings->pdata[i];
		const struct place there = { other->part, other->within };

		if (!lies_inside(other->part, finding->part) ||
		    !same_finding(other, finding->engine, finding->name))
			continue;
		if (is_certain(lineage, there, here))
			return true;
		deeper = other;
	}
	if (deeper)
		deeper->within = 0;
	return deeper != NULL;
}

/* Is there a gap for the same reason inside the part of GAP? Likewise. */
static bool
open_deeper(const struct ms_facts *facts, const struct ms_lineage *lineage,
    const struct ms_gap *gap)
{
	const struct place here = { gap->part, gap->within };
	struct ms_gap *deeper = NULL;

	for (guint i = 0; i < facts->gaps->len; i++) {
		struct ms_gap *other = facts->gaps->pdata[i];
		const struct place there = { other->part, other->within };

		if (other->reason != gap->reason ||
		    !lies_inside(other->part, gap->part))
			continue;
		if (is_certain(lineage, there, here))
			return true;
		deeper = other;
	}
	if (deeper)
		deeper->within = 0;
	return deeper != NULL;
}

static void
settle_gaps(struct ms_facts *facts, const struct ms_lineage *lineage)
{
	guint i = 0;

	while (i < facts->gaps->len)
		if (open_deeper(facts, lineage, facts->gaps->pdata[i]))
			g_ptr_array_remove_index(facts->gaps, i);
		else
			i++;
}

static void
settle_findings(struct ms_facts *facts, const struct ms_lineage *lineage)
{
	guint i = 0;

	while (i < facts->findings->len)
		if (known_deeper(facts, lineage, facts->findings->pdata[i]))
			g_ptr_array_remove_index(facts->findings, i);
		else
			i++;
}

/* Does an earlier finding speak for the same part and engine? */
static bool
spoken_for(const struct ms_facts *facts, guint index)
{
	const struct ms_finding *finding = facts->findings->pdata[index];

	if (finding->kind == MS_FINDING_BLOCKED ||
	    strcmp(finding->name, MS_FACTS_MORE) == 0)
		return false;
	for (guint i = 0; i < index; i++) {
		const struct ms_finding *other = facts->findings->pdata[i];

		if (strcmp(other->part, finding->part) == 0 &&
		    strcmp(other->engine, finding->engine) == 0)
			return true;
	}
	return false;
}

void
ms_facts_settle(struct ms_facts *facts, bool all_matches)
{
	struct ms_lineage *lineage = ms_lineage_new(facts);

	settle_gaps(facts, lineage);
	settle_findings(facts, lineage);
	ms_lineage_free(lineage);
	if (all_matches)
		return;
	for (guint i = facts->findings->len; i-- > 0;)
		if (spoken_for(facts, i))
			g_ptr_array_remove_index(facts->findings, i);
}

char *
ms_facts_reasons(const struct ms_facts *facts)
{
	GPtrArray *names = g_ptr_array_new();
	char *text = NULL;

	for (guint i = 0; i < facts->ambiguities->len; i++) {
		const struct ms_ambiguity *one = facts->ambiguities->pdata[i];

		if (!g_ptr_array_find_with_equal_func(names, one->reason,
		    g_str_equal, NULL))
			g_ptr_array_add(names, one->reason);
	}
	g_ptr_array_add(names, NULL);
	if (names->len > 1)
		text = g_strjoinv(", ", (char **)names->pdata);
	g_ptr_array_unref(names);
	return text;
}

void
ms_facts_doubt(struct ms_facts *facts)
{
	char *reasons = ms_facts_reasons(facts);

	if (reasons)
		ms_facts_gap(facts, MS_REASON_AMBIGUOUS, "", reasons);
	g_free(reasons);
}

const char *
ms_facts_reason_name(enum ms_reason reason)
{
	return reason_names[reason];
}

enum ms_reason
ms_facts_reason(const char *name)
{
	int i = 0;

	while (i < MS_REASONS && strcmp(reason_names[i], name) != 0)
		i++;
	return (enum ms_reason)i;
}

static const char *const finding_kinds[MS_FINDING_KINDS] = {
	[MS_FINDING_MALWARE] = "malware",
	[MS_FINDING_BLOCKED] = "blocked",
	[MS_FINDING_SPAM] = "spam",
};

const char *
ms_facts_finding_name(enum ms_finding_kind kind)
{
	return finding_kinds[kind];
}

enum ms_finding_kind
ms_facts_finding_kind(const char *name)
{
	int i = 0;

	while (i < MS_FINDING_KINDS && strcmp(finding_kinds[i], name) != 0)
		i++;
	return (enum ms_finding_kind)i;
}

const char *
ms_facts_kind_name(enum ms_part_kind kind)
{
	static const char *const names[MS_PART_KINDS] = {
		[MS_PART_MEMBER] = "member",
		[MS_PART_LEAF] = "part",
		[MS_PART_MULTIPART] = "multipart",
		[MS_PART_MESSAGE] = "message",
	};

	return names[kind];
}

bool
ms_facts_has_bytes(const struct ms_part *part)
{
	return part->kind == MS_PART_MEMBER || part->kind == MS_PART_LEAF;
}
