#include "state/judged.h"

#include "report/jsonl.h"

#include <sqlite3.h>
#include <string.h>

struct ms_judged {
	struct ms_store *store;
	struct ms_secret *secret;
	const struct ms_runs *runs;
	struct ms_marks *marks;
};

enum ms_status
ms_judged_new(struct ms_store *store, struct ms_secret *secret,
    const struct ms_runs *runs, struct ms_judged **result,
    struct ms_error *err)
{
	struct ms_judged *judged = g_new0(struct ms_judged, 1);
	enum ms_status status = ms_marks_new(store, &judged->marks, err);

	judged->store = store;
	judged->secret = secret;
	judged->runs = runs;
	if (status != MS_OK) {
		ms_judged_free(judged);
		return status;
	}
	*result = judged;
	return MS_OK;
}

void
ms_judged_free(struct ms_judged *judged)
{
	if (!judged)
		return;
	ms_marks_free(judged->marks);
	g_free(judged);
}

bool
ms_judged_is_plain(enum ms_verdict verdict)
{
	return verdict == MS_VERDICT_CLEAN || verdict == MS_VERDICT_SKIPPED;
}

bool
ms_judged_may_differ(const struct ms_outcome *outcome)
{
	static const unsigned chance = 1u << MS_REASON_WORKER_DIED |
	    1u << MS_REASON_ENGINE_FAILED | 1u << MS_REASON_LIMIT_TIME |
	    1u << MS_REASON_LIMIT_MEMORY;
	const GPtrArray *gaps = outcome->facts.gaps;

	for (guint i = 0; i < gaps->len; i++) {
		const struct ms_gap *gap = g_ptr_array_index(gaps, i);

		if (chance & 1u << gap->reason)
			return true;
	}
	return outcome->facts.piece.id != NULL;
}

static bool
is_raw(const struct ms_origin *origin)
{
	return origin->format && strcmp(origin->format, "raw") == 0;
}

enum ms_status
ms_judged_find(struct ms_judged *judged, const struct ms_message *message,
    struct ms_marks_row *one, struct ms_error *err)
{
	const struct ms_secret_message what = { &message->sha256,
		&message->sha256_canonical, message->size,
		is_raw(&message->origin) };
	unsigned char mark[MS_SECRET_MARK];
	enum ms_status status;

	ms_secret_mark(judged->secret, &what, mark);
	status = ms_marks_get(judged->marks, mark, one, err);
	return status == MS_OK && !ms_runs_count(judged->runs, one->run) ?
	    MS_END : status;
}

static gint
by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Findings and gaps by name, so that what was found before is known again. */
static int64_t
sum_up(struct ms_judged *judged, const struct ms_outcome *outcome)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	GString *all = g_string_new(ms_verdict_name(outcome->verdict));
	int64_t sum;

	for (guint i = 0; i < outcome->facts.findings->len; i++) {
		const struct ms_finding *finding =
		    outcome->facts.findings->pdata[i];

		g_ptr_array_add(names, g_strdup_printf("\n%s %s",
		    finding->engine, finding->name));
	}
	for (guint i = 0; i < outcome->facts.gaps->len; i++) {
		const struct ms_gap *gap = outcome->facts.gaps->pdata[i];

		g_ptr_array_add(names, g_strdup_printf("\n%s",
		    ms_facts_reason_name(gap->reason)));
	}
	g_ptr_array_sort(names, by_text);
	for (guint i = 0; i < names->len; i++)
		g_string_append(all, names->pdata[i]);
	sum = ms_secret_name(judged->secret, all->str, all->len);
	g_string_free(all, TRUE);
	g_ptr_array_unref(names);
	return sum;
}

/* Has outcome *ID the SUM already, and since which run? If not, it stays as it
 * is, for other files may have the message, too, and be known under the terms
 * of before: *ID is then 0, for a new one. */
static enum ms_status
was_first(struct ms_judged *judged, int64_t *id, int64_t sum, int64_t *first,
    struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(judged->store,
	    "SELECT first FROM outcome WHERE id = ? AND same = ?");
	enum ms_status status;

	*first = ms_runs_current(judged->runs);
	ms_store_bind(query, 1, *id);
	ms_store_bind(query, 2, sum);
	status = ms_store_step(judged->store, query, err);
	if (status == MS_END)
		*id = 0;
	if (status != MS_OK)
		return status == MS_END ? MS_OK : status;
	*first = sqlite3_column_int64(query, 0);
	(void)sqlite3_reset(query);
	return MS_OK;
}

/* Write the line of OUTCOME under *ID, or, if that is 0, under a new one. */
static enum ms_status
put_line(struct ms_judged *judged, const struct ms_outcome *outcome,
    int64_t *id, int64_t *first, struct ms_error *err)
{
	static const struct ms_report_options options;
	int64_t sum = sum_up(judged, outcome);
	enum ms_status status = was_first(judged, id, sum, first, err);
	struct sqlite3_stmt *query = ms_store_query(judged->store,
	    "INSERT OR REPLACE INTO outcome(id, first, verdict, same, line) "
	    "VALUES(nullif(?, 0), ?, ?, ?, ?) RETURNING id");
	char *line = ms_jsonl_line(outcome, &options, err);

	if (status == MS_OK && !line)
		status = MS_E_IO;
	if (status == MS_OK) {
		ms_store_bind(query, 1, *id);
		ms_store_bind(query, 2, *first);
		ms_store_bind(query, 3, outcome->verdict);
		ms_store_bind(query, 4, sum);
		if (query)
			(void)sqlite3_bind_text(query, 5, line, -1,
			    SQLITE_STATIC);
		status = ms_store_step(judged->store, query, err);
	}
	if (status == MS_OK) {
		*id = sqlite3_column_int64(query, 0);
		status = ms_store_run(judged->store, query, err);
	}
	if (query)
		(void)sqlite3_clear_bindings(query);
	g_free(line);
	return status;
}

enum ms_status
ms_judged_put(struct ms_judged *judged, const struct ms_outcome *outcome,
    bool final, struct ms_marks_row *one, int64_t *first,
    struct ms_error *err)
{
	const struct ms_secret_message what = { &outcome->sha256,
		&outcome->sha256_canonical, outcome->size,
		is_raw(&outcome->origin) };
	unsigned char mark[MS_SECRET_MARK];
	enum ms_status status;

	ms_secret_mark(judged->secret, &what, mark);
	status = ms_marks_get(judged->marks, mark, one, err);
	*first = ms_runs_current(judged->runs);
	one->run = final ? *first : 0;
	if (status < 0)
		return status;
	/* What it was before is left to ms_upkeep_prune(): see was_first(). */
	if (ms_judged_is_plain(outcome->verdict))
		one->outcome = 0;
	else
		status = put_line(judged, outcome, &one->outcome, first, err);
	if (status < 0)
		return status;
	return ms_marks_put(judged->marks, mark, one, err);
}

enum ms_status
ms_judged_end(struct ms_judged *judged, struct ms_error *err)
{
	return ms_marks_settle(judged->marks, err);
}

enum ms_status
ms_judged_load(struct ms_judged *judged, int64_t outcome,
    struct ms_readback_item *item, int64_t *first, struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(judged->store,
	    "SELECT first, line FROM outcome WHERE id = ?");
	enum ms_status status;
	const char *line;

	ms_store_bind(query, 1, outcome);
	status = ms_store_step(judged->store, query, err);
	if (status != MS_OK)
		return status;
	*first = sqlite3_column_int64(query, 0);
	line = (const char *)sqlite3_column_text(query, 1);
	status = ms_readback_parse(line ? line : "",
	    (size_t)sqlite3_column_bytes(query, 1), item, err);
	(void)sqlite3_reset(query);
	return status == MS_OK && !item->outcome ? MS_END : status;
}

enum ms_status
ms_judged_told(struct ms_judged *judged, int64_t outcome,
    struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(judged->store,
	    "UPDATE outcome SET first = ? WHERE id = ?");

	ms_store_bind(query, 1, ms_runs_current(judged->runs));
	ms_store_bind(query, 2, outcome);
	return ms_store_run(judged->store, query, err);
}
