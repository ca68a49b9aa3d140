#include "replay/review.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "report/fields.h"
#include "report/jsonl.h"
#include "report/line.h"

struct ms_review {
	struct ms_telling_config config;
	struct ms_review_totals totals;
	struct ms_cases *cases;	/* for JUnit */
};

struct ms_review *
ms_review_new(const struct ms_telling_config *config)
{
	struct ms_review *review = g_new0(struct ms_review, 1);

	review->config = *config;
	if (config->junit)
		review->cases = ms_cases_new();
	return review;
}

void
ms_review_free(struct ms_review *review)
{
	if (!review)
		return;
	ms_cases_free(review->cases);
	g_free(review);
}

/* What was played: "cap.pcap dialogue 2 run 3", quoted. */
static GString *
title(const struct ms_acted *acted)
{
	GString *out = g_string_new(NULL);

	ms_line_quoted(out, acted->role->source ? acted->role->source : "");
	g_string_append_printf(out, " dialogue %" PRIu64,
	    acted->role->number);
	if (acted->run > 1)
		g_string_append_printf(out, " run %" PRIu64, acted->run);
	return out;
}

static void
append_line(GString *out, const char *prefix, const char *text)
{
	if (!text)
		return;
	g_string_append(out, prefix);
	ms_line_quoted(out, text);
	g_string_append_c(out, '\n');
}

static void
append_surprises(GString *out, const struct ms_acted *acted)
{
	for (guint i = 0; i < acted->surprises->len; i++) {
		const struct ms_surprise *s = &g_array_index(acted->surprises,
		    struct ms_surprise, i);

		append_line(out, "- C: ", s->recorded);
		append_line(out, "+ C: ", s->received);
		if (s->kind == MS_SURPRISE_GONE)
			g_string_append(out, "+ (the client has gone)\n");
		append_line(out, "  S: ", s->reply);
	}
	if (acted->count > acted->surprises->len)
		g_string_append_printf(out, "  (and %zu more)\n",
		    acted->count - acted->surprises->len);
}

static void
append_count(GString *out, const struct ms_acted *acted)
{
	g_string_append_printf(out, "%zu difference%s in %zu commands",
	    acted->count, acted->count == 1 ? "" : "s", acted->heard);
}

static enum ms_status
tell_text(struct ms_review *review, const struct ms_acted *acted,
    struct ms_error *err)
{
	enum ms_status status;
	GString *out;

	if (!review->config.text || (!review->config.verbose &&
	    acted->count == 0 && !acted->failed))
		return MS_OK;
	out = title(acted);
	g_string_append(out, " (client ");
	ms_line_quoted(out, acted->client);
	g_string_append(out, "): ");
	append_count(out, acted);
	if (acted->failed) {
		g_string_append(out, ", and then: ");
		ms_line_quoted(out, acted->failed);
	}
	g_string_append_c(out, '\n');
	append_surprises(out, acted);
	status = ms_line_write(review->config.text, out, err);
	g_string_free(out, TRUE);
	return status;
}

static json_t *
surprises_of(const struct ms_acted *acted)
{
	static const char *const kinds[] = {
		[MS_SURPRISE_OTHER] = "other",
		[MS_SURPRISE_MORE] = "more",
		[MS_SURPRISE_LESS] = "less",
		[MS_SURPRISE_GONE] = "gone",
	};
	json_t *list = json_array();

	for (guint i = 0; i < acted->surprises->len; i++) {
		const struct ms_surprise *s = &g_array_index(acted->surprises,
		    struct ms_surprise, i);

		(void)json_array_append_new(list, json_pack(
		    "{s:s, s:o, s:o, s:o}", "kind", kinds[s->kind],
		    "recorded", ms_fields_quoted(s->recorded),
		    "received", ms_fields_quoted(s->received),
		    "reply", ms_fields_quoted(s->reply)));
	}
	return list;
}

static const char *
result_of(const struct ms_acted *acted)
{
	if (acted->failed)
		return "failed";
	return acted->count > 0 ? "different" : "same";
}

static enum ms_status
tell_json(struct ms_review *review, const struct ms_acted *acted,
    struct ms_error *err)
{
	const struct ms_role *role = acted->role;

	if (!review->config.json)
		return MS_OK;
	return ms_fields_write(review->config.json, json_pack("{s:i, s:s, "
	    "s:o, s:I, s:I, s:o, s:o, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:I, "
	    "s:b, s:I}",
	    "schema", MS_JSONL_SCHEMA, "type", "client",
	    "source", ms_fields_quoted(role->source),
	    "number", (json_int_t)role->number,
	    "run", (json_int_t)acted->run,
	    "origin", ms_fields_quoted(role->origin),
	    "client", ms_fields_quoted(acted->client),
	    "result", result_of(acted),
	    "commands", (json_int_t)acted->heard,
	    "compared", (json_int_t)acted->compared,
	    "messages", (json_int_t)acted->messages,
	    "different", (json_int_t)acted->count,
	    "differences", surprises_of(acted),
	    "why", ms_fields_quoted(acted->failed),
	    "bytes", (json_int_t)acted->bytes, "tls", acted->tls,
	    "elapsed_ms", (json_int_t)acted->elapsed_ms), err);
}

static enum ms_status
tell_junit(struct ms_review *review, const struct ms_acted *acted,
    struct ms_error *err)
{
	struct ms_case test = { .elapsed_ms = acted->elapsed_ms,
		.error = acted->failed };
	GString *name, *text, *summary;
	enum ms_status status;

	if (!review->cases)
		return MS_OK;
	name = title(acted);
	text = g_string_new(NULL);
	append_surprises(text, acted);
	summary = g_string_new(NULL);
	append_count(summary, acted);
	test.name = name->str;
	test.summary = summary->str;
	if (!test.error && acted->count > 0)
		test.failure = text->str;
	status = ms_cases_add(review->cases, &test, err);
	g_string_free(name, TRUE);
	g_string_free(text, TRUE);
	g_string_free(summary, TRUE);
	return status;
}

enum ms_status
ms_review_acted(struct ms_review *review, const struct ms_acted *acted,
    struct ms_error *err)
{
	struct ms_review_totals *totals = &review->totals;
	enum ms_status status;

	totals->clients++;
	totals->different += acted->count > 0;
	totals->failed += acted->failed != NULL;
	totals->heard += acted->heard;
	totals->compared += acted->compared;
	totals->surprises += acted->count;
	totals->messages += acted->messages;
	totals->bytes += acted->bytes;
	status = tell_text(review, acted, err);
	if (status == MS_OK)
		status = tell_json(review, acted, err);
	if (status == MS_OK)
		status = tell_junit(review, acted, err);
	return status;
}

enum ms_status
ms_review_trouble(struct ms_review *review, const char *source,
    const char *why, struct ms_error *err)
{
	review->totals.troubles++;
	return ms_telling_write_trouble(&review->config, review->cases,
	    source, why, err);
}

const struct ms_review_totals *
ms_review_totals(const struct ms_review *review)
{
	return &review->totals;
}

static enum ms_status
end_text(struct ms_review *review, struct ms_error *err)
{
	const struct ms_review_totals *t = &review->totals;
	enum ms_status status;
	GString *out;

	if (!review->config.text || !review->config.summary)
		return MS_OK;
	out = g_string_new(NULL);
	g_string_printf(out, "Clients: %" PRIu64 "\nCommands: %" PRIu64
	    "\nAs recorded: %" PRIu64 "\nMessages: %" PRIu64
	    "\nDifferences: %" PRIu64 "\n", t->clients, t->heard, t->compared,
	    t->messages, t->surprises);
	if (t->failed > 0)
		g_string_append_printf(out, "Lost: %" PRIu64 "\n", t->failed);
	if (t->troubles > 0)
		g_string_append_printf(out, "Not read: %" PRIu64 "\n",
		    t->troubles);
	status = ms_line_write(review->config.text, out, err);
	g_string_free(out, TRUE);
	return status;
}

enum ms_status
ms_review_end(struct ms_review *review, int64_t elapsed_ms,
    struct ms_error *err)
{
	const struct ms_review_totals *t = &review->totals;
	enum ms_status status = end_text(review, err);

	if (status == MS_OK && review->config.json)
		status = ms_fields_write(review->config.json, json_pack(
		    "{s:i, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
		    "schema", MS_JSONL_SCHEMA, "type", "summary",
		    "clients", (json_int_t)t->clients,
		    "different", (json_int_t)t->different,
		    "failed", (json_int_t)t->failed +
		    (json_int_t)t->troubles,
		    "commands", (json_int_t)t->heard,
		    "compared", (json_int_t)t->compared,
		    "messages", (json_int_t)t->messages,
		    "differences", (json_int_t)t->surprises,
		    "bytes", (json_int_t)t->bytes,
		    "elapsed_ms", (json_int_t)elapsed_ms), err);
	if (status == MS_OK && review->cases)
		status = ms_cases_write(review->cases, review->config.junit,
		    elapsed_ms, err);
	return status;
}
