#include "replay/telling.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "base/quote.h"
#include "report/fields.h"
#include "report/jsonl.h"
#include "report/line.h"

struct ms_telling {
	struct ms_telling_config config;
	struct ms_telling_totals totals;
	struct ms_cases *cases;	/* for JUnit */
};

struct ms_telling *
ms_telling_new(const struct ms_telling_config *config)
{
	struct ms_telling *telling = g_new0(struct ms_telling, 1);

	telling->config = *config;
	if (config->junit)
		telling->cases = ms_cases_new();
	return telling;
}

void
ms_telling_free(struct ms_telling *telling)
{
	if (!telling)
		return;
	ms_cases_free(telling->cases);
	g_free(telling);
}

const struct ms_telling_totals *
ms_telling_totals(const struct ms_telling *telling)
{
	return &telling->totals;
}

/* What was played: "cap.pcap dialogue 2", quoted. */
static GString *
title(const struct ms_played *played)
{
	const struct ms_role *role = played->role;
	GString *out = g_string_new(NULL);

	ms_line_quoted(out, role->source ? role->source : "");
	if (role->number > 0)
		g_string_append_printf(out, " %s %" PRIu64,
		    role->made ? "message" : "dialogue", role->number);
	if (played->run > 1)
		g_string_append_printf(out, " run %" PRIu64, played->run);
	return out;
}

/* Each line of TEXT, quoted, behind PREFIX. */
static void
append_lines(GString *out, const char *prefix, const char *text)
{
	while (text) {
		const char *end = strchr(text, '\n');

		g_string_append(out, prefix);
		ms_quote_append(out, text,
		    end ? (size_t)(end - text) : strlen(text));
		g_string_append_c(out, '\n');
		text = end ? end + 1 : NULL;
	}
}

static void
append_difference(GString *out, const struct ms_difference *difference)
{
	const bool reply = difference->kind == MS_DIFFERENCE_REPLY ||
	    difference->kind == MS_DIFFERENCE_UNASKED;

	if (difference->command)
		append_lines(out, "  C: ", difference->command);
	if (difference->recorded)
		append_lines(out, "- S: ", difference->recorded);
	else
		g_string_append(out, difference->kind ==
		    MS_DIFFERENCE_UNASKED ? "" : "- (no reply)\n");
	if (reply)
		append_lines(out, "+ S: ", difference->received);
	else {
		g_string_append(out, "+ (");
		ms_line_quoted(out, difference->received);
		g_string_append(out, ")\n");
	}
}

static void
append_differences(GString *out, const struct ms_played *played)
{
	for (guint i = 0; i < played->differences->len; i++)
		append_difference(out, &g_array_index(played->differences,
		    struct ms_difference, i));
	if (played->count > played->differences->len)
		g_string_append_printf(out, "  (and %zu more)\n",
		    played->count - played->differences->len);
	if (played->unsent > 0 && !played->failed)
		g_string_append_printf(out, "  (%zu command%s not sent)\n",
		    played->unsent, played->unsent == 1 ? "" : "s");
}

/* Those that just passed are of interest to nobody, unless ALL. */
static void
append_judgements(GString *out, const struct ms_played *played, bool all)
{
	for (guint i = 0; i < played->judgements->len; i++) {
		const struct ms_judgement *j = &g_array_index(
		    played->judgements, struct ms_judgement, i);
		const char *why = j->finding ? j->finding : j->reason;
		char *action = ms_played_action(j);

		if (all || j->verdict != MS_VERDICT_CLEAN ||
		    j->action != MS_ACTION_PASS) {
			g_string_append_printf(out, "  message %" PRIu64 ": %s",
			    j->number, ms_verdict_name(j->verdict));
			if (why) {
				g_string_append(out, " (");
				ms_line_quoted(out, why);
				g_string_append_c(out, ')');
			}
			g_string_append(out, ": ");
			ms_line_quoted(out, action);
			g_string_append_c(out, '\n');
		}
		g_free(action);
	}
}

static void
append_unmatched(GString *out, const struct ms_played *played)
{
	if (played->unmatched > 0)
		g_string_append_printf(out, "  (%zu command%s to the next hop "
		    "not recorded)\n", played->unmatched,
		    played->unmatched == 1 ? "" : "s");
}

static void
append_where(GString *out, const struct ms_role *role)
{
	const char *texts[] = { role->origin, role->client };

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		if (!texts[i])
			continue;
		g_string_append(out, i == 0 || !role->origin ? " (" : ", ");
		ms_line_quoted(out, texts[i]);
	}
	if (role->origin || role->client)
		g_string_append_c(out, ')');
}

static void
append_count(GString *out, const struct ms_played *played)
{
	g_string_append_printf(out, "%zu difference%s in %zu replies",
	    played->count, played->count == 1 ? "" : "s", played->compared);
}

static enum ms_status
tell_text(struct ms_telling *telling, const struct ms_played *played,
    struct ms_error *err)
{
	const bool same = played->count == 0;
	const bool silent = same && !played->failed && !played->role->cut &&
	    played->unmatched == 0 && !ms_played_is_judged(played) &&
	    !telling->config.verbose;
	enum ms_status status;
	GString *out;

	if (!telling->config.text || silent)
		return MS_OK;
	out = title(played);
	append_where(out, played->role);
	if (played->failed) {
		g_string_append(out, ": not played: ");
		ms_line_quoted(out, played->failed);
	} else {
		g_string_append(out, ": ");
		append_count(out, played);
	}
	g_string_append_c(out, '\n');
	append_differences(out, played);
	append_judgements(out, played, telling->config.verbose);
	append_unmatched(out, played);
	if (played->role->cut) {
		g_string_append(out, "  played in part: ");
		ms_line_quoted(out, played->role->cut);
		g_string_append_c(out, '\n');
	}
	status = ms_line_write(telling->config.text, out, err);
	g_string_free(out, TRUE);
	return status;
}

/* Lines of a reply as an array. */
static json_t *
lines_of(const char *text)
{
	json_t *lines = text ? json_array() : json_null();
	char **all = text ? g_strsplit(text, "\n", -1) : NULL;

	for (char **line = all; line && *line; line++)
		(void)json_array_append_new(lines, ms_fields_quoted(*line));
	g_strfreev(all);
	return lines;
}

static json_t *
differences_of(const struct ms_played *played)
{
	static const char *const kinds[] = {
		[MS_DIFFERENCE_REPLY] = "reply",
		[MS_DIFFERENCE_CLOSED] = "closed",
		[MS_DIFFERENCE_LATE] = "late",
		[MS_DIFFERENCE_UNSENT] = "not-sent",
		[MS_DIFFERENCE_UNASKED] = "unasked",
	};
	json_t *list = json_array();

	for (guint i = 0; i < played->differences->len; i++) {
		const struct ms_difference *d = &g_array_index(
		    played->differences, struct ms_difference, i);

		(void)json_array_append_new(list, json_pack(
		    "{s:s, s:o, s:o, s:o}", "kind", kinds[d->kind],
		    "command", ms_fields_quoted(d->command),
		    "recorded", lines_of(d->recorded),
		    "received", lines_of(d->received)));
	}
	return list;
}

static json_t *
judgements_of(const struct ms_played *played)
{
	json_t *list = json_array();

	for (guint i = 0; i < played->judgements->len; i++) {
		const struct ms_judgement *j = &g_array_index(
		    played->judgements, struct ms_judgement, i);

		(void)json_array_append_new(list, json_pack(
		    "{s:I, s:s, s:o, s:s?, s:s, s:b, s:o}",
		    "message", (json_int_t)j->number,
		    "verdict", ms_verdict_name(j->verdict),
		    "finding", ms_fields_quoted(j->finding),
		    "reason", j->reason,
		    "action", ms_decide_action_name(j->action),
		    "quarantine", j->quarantine,
		    "address", ms_fields_quoted(j->address)));
	}
	return list;
}

static const char *
result_of(const struct ms_played *played)
{
	if (played->failed)
		return "failed";
	if (played->count > 0)
		return "different";
	return played->role->cut ? "partial" : "same";
}

static enum ms_status
tell_json(struct ms_telling *telling, const struct ms_played *played,
    struct ms_error *err)
{
	const struct ms_role *role = played->role;
	json_t *line;

	if (!telling->config.json)
		return MS_OK;
	line = json_pack("{s:i, s:s, s:o, s:s, s:I, s:I, s:o, s:o, s:o, s:s, "
	    "s:I, s:I, s:I, s:I, s:o, s:o, s:I, s:I, s:b, s:I, s:I, s:o}",
	    "schema", MS_JSONL_SCHEMA, "type", "session",
	    "source", ms_fields_quoted(role->source),
	    "kind", role->made ? "message" : "dialogue",
	    "number", (json_int_t)role->number,
	    "run", (json_int_t)played->run,
	    "origin", ms_fields_quoted(role->origin),
	    "client", ms_fields_quoted(role->client),
	    "server", ms_fields_quoted(role->server),
	    "result", result_of(played),
	    "replies", (json_int_t)played->replies,
	    "compared", (json_int_t)played->compared,
	    "not_sent", (json_int_t)played->unsent,
	    "different", (json_int_t)played->count,
	    "differences", differences_of(played),
	    "why", ms_fields_quoted(played->failed ? played->failed :
	    role->cut),
	    "unasked", (json_int_t)role->unasked,
	    "bytes", (json_int_t)played->sent, "aborted", played->aborted,
	    "elapsed_ms", (json_int_t)played->elapsed_ms,
	    "unmatched", (json_int_t)played->unmatched,
	    "decisions", judgements_of(played));
	return ms_fields_write(telling->config.json, line, err);
}

static enum ms_status
tell_junit(struct ms_telling *telling, const struct ms_played *played,
    struct ms_error *err)
{
	struct ms_case test = { .elapsed_ms = played->elapsed_ms };
	GString *name, *text, *summary;
	enum ms_status status;

	if (!telling->cases)
		return MS_OK;
	name = title(played);
	text = g_string_new(NULL);
	append_differences(text, played);
	summary = g_string_new(NULL);
	append_count(summary, played);
	test.name = name->str;
	test.summary = summary->str;
	test.error = played->failed ? played->failed :
	    played->count == 0 ? played->role->cut : NULL;
	if (!played->failed && telling->config.allow_partial) {
		test.skipped = test.error;
		test.error = NULL;
	}
	test.failure = !test.error && played->count > 0 ? text->str : NULL;
	status = ms_cases_add(telling->cases, &test, err);
	g_string_free(name, TRUE);
	g_string_free(text, TRUE);
	g_string_free(summary, TRUE);
	return status;
}

enum ms_status
ms_telling_played(struct ms_telling *telling, const struct ms_played *played,
    struct ms_error *err)
{
	struct ms_telling_totals *totals = &telling->totals;
	enum ms_status status;

	totals->sessions++;
	totals->different += played->count > 0 && !played->failed;
	totals->failed += played->failed != NULL;
	totals->partial += played->role->cut != NULL && !played->failed;
	totals->replies += played->replies;
	totals->compared += played->compared;
	totals->differences += played->count;
	totals->unsent += played->unsent;
	totals->unasked += played->role->unasked;
	totals->bytes += played->sent;
	status = tell_text(telling, played, err);
	if (status == MS_OK)
		status = tell_json(telling, played, err);
	if (status == MS_OK)
		status = tell_junit(telling, played, err);
	return status;
}

enum ms_status
ms_telling_write_trouble(const struct ms_telling_config *config,
    struct ms_cases *cases, const char *source, const char *why,
    struct ms_error *err)
{
	char *name = ms_quote_string(source);
	const struct ms_case test = { .name = name, .error = why };
	enum ms_status status = MS_OK;

	if (config->json)
		status = ms_fields_write(config->json, json_pack(
		    "{s:i, s:s, s:o, s:o}",
		    "schema", MS_JSONL_SCHEMA, "type", "trouble",
		    "source", ms_fields_quoted(source),
		    "why", ms_fields_quoted(why)), err);
	if (status == MS_OK && cases)
		status = ms_cases_add(cases, &test, err);
	g_free(name);
	return status;
}

enum ms_status
ms_telling_trouble(struct ms_telling *telling, const char *source,
    const char *why, struct ms_error *err)
{
	telling->totals.failed++;
	return ms_telling_write_trouble(&telling->config, telling->cases,
	    source, why, err);
}

static enum ms_status
end_text(struct ms_telling *telling, struct ms_error *err)
{
	const struct ms_telling_totals *t = &telling->totals;
	enum ms_status status;
	GString *out;

	if (!telling->config.text || !telling->config.summary)
		return MS_OK;
	out = g_string_new(NULL);
	g_string_printf(out, "Sessions: %" PRIu64 "\nReplies: %" PRIu64
	    "\nCompared: %" PRIu64 "\nDifferences: %" PRIu64 "\n",
	    t->sessions, t->replies, t->compared, t->differences);
	if (t->partial > 0)
		g_string_append_printf(out, "Played in part: %" PRIu64 "\n",
		    t->partial);
	if (t->failed > 0)
		g_string_append_printf(out, "Not played: %" PRIu64 "\n",
		    t->failed);
	status = ms_line_write(telling->config.text, out, err);
	g_string_free(out, TRUE);
	return status;
}

enum ms_status
ms_telling_end(struct ms_telling *telling, int64_t elapsed_ms,
    struct ms_error *err)
{
	const struct ms_telling_totals *t = &telling->totals;
	enum ms_status status = end_text(telling, err);

	if (status == MS_OK && telling->config.json)
		status = ms_fields_write(telling->config.json, json_pack(
		    "{s:i, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
		    "schema", MS_JSONL_SCHEMA, "type", "summary",
		    "sessions", (json_int_t)t->sessions,
		    "different", (json_int_t)t->different,
		    "failed", (json_int_t)t->failed,
		    "partial", (json_int_t)t->partial,
		    "replies", (json_int_t)t->replies,
		    "compared", (json_int_t)t->compared,
		    "differences", (json_int_t)t->differences,
		    "bytes", (json_int_t)t->bytes,
		    "elapsed_ms", (json_int_t)elapsed_ms), err);
	if (status == MS_OK && telling->cases)
		status = ms_cases_write(telling->cases,
		    telling->config.junit, elapsed_ms, err);
	return status;
}
