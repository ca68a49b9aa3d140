#include "holdings.h"

#include "when.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

void
holdings_complain(struct holdings *holdings, const char *id,
    const struct ms_error *err)
{
	char *text = ms_quote_string(err->text);
	char *name = ms_quote_string(id);

	holdings->failed = true;
	if (name)
		(void)fprintf(stderr, "mailscan: %s: %s\n", name, text);
	else
		(void)fprintf(stderr, "mailscan: %s\n", text);
	g_free(name);
	g_free(text);
}

void
holdings_tell(struct holdings *holdings, const struct ms_receipt *receipt,
    const char *text)
{
	const bool failed = strcmp(receipt->state, "failed") == 0;
	char *line;

	if (failed)
		holdings->failed = true;
	if (holdings->options->json) {
		line = ms_receipt_line(receipt);
		(void)puts(line ? line : "{}");
		holdings->failed |= !line;
	} else if (holdings->options->quiet && !failed) {
		return;
	} else {
		line = ms_quote_string(text);
		(void)printf("%s: %s\n", receipt->id, line);
	}
	g_free(line);
}

static bool
parse_verdicts(struct holdings *holdings)
{
	char **names = g_strsplit(holdings->options->verdict, ",", -1);
	bool good = true;

	for (char **n = names; *n && good; n++) {
		enum ms_verdict verdict = ms_verdict_by_name(*n);

		good = verdict != MS_VERDICTS;
		if (good)
			holdings->verdicts[verdict] = true;
		else
			(void)option_error(holdings->cmd,
			    "there is no verdict \"%s\"", *n);
	}
	g_strfreev(names);
	return good;
}

static bool
parse_time(struct holdings *holdings, const char *option, const char *text,
    int64_t *when)
{
	*when = -1;
	if (!text || when_parse(text, ms_clock_wall(), when))
		return true;
	(void)option_error(holdings->cmd, "--%s=%s is no point in time "
	    "(2026-11-01, or 7d)", option, text);
	return false;
}

bool
holdings_select(struct holdings *holdings, int count, char **ids)
{
	const struct quarantine_options *o = holdings->options;

	holdings->count = count;
	holdings->ids = ids;
	if (!parse_time(holdings, "since", o->since, &holdings->since) ||
	    !parse_time(holdings, "until", o->until, &holdings->until) ||
	    (o->verdict && !parse_verdicts(holdings)))
		return false;
	for (int i = 0; i < count; i++) {
		/* As the list has it, and a terminal selects it. */
		if (g_str_has_suffix(ids[i], ":"))
			ids[i][strlen(ids[i]) - 1] = '\0';
		if (!ms_custody_is_id(ids[i])) {
			(void)option_error(holdings->cmd, "'%s' is no id; "
			    "list shows those that there are", ids[i]);
			return false;
		}
	}
	holdings->filtered = o->verdict || o->source || o->name || o->from ||
	    o->to || o->subject || o->unreleased;
	if (count > 0 && (holdings->filtered || o->since || o->until ||
	    o->all)) {
		(void)option_error(holdings->cmd, "ids and filters: want "
		    "either the ones or the others");
		return false;
	}
	return true;
}

/* Does one of GLOBS, if there are any, match TEXT? Letters are equal in
 * either case. */
static bool
matches(const char *const *globs, const char *text)
{
	if (!globs)
		return true;
	for (; *globs && text; globs++)
		if (fnmatch(*globs, text, FNM_CASEFOLD) == 0)
			return true;
	return false;
}

static bool
matches_name(const char *const *globs, const struct ms_facts *facts)
{
	if (!globs)
		return true;
	for (guint i = 0; i < facts->findings->len; i++) {
		const struct ms_finding *finding =
		    g_ptr_array_index(facts->findings, i);

		if (matches(globs, finding->name))
			return true;
	}
	return false;
}

static bool
matches_recipient(const char *const *globs,
    const struct ms_envelope *envelope)
{
	if (!globs)
		return true;
	for (unsigned i = 0; envelope && i < envelope->count; i++)
		if (matches(globs, envelope->recipients[i]))
			return true;
	return false;
}

static bool
is_released(const struct ms_custody *custody)
{
	for (guint i = 0; i < custody->releases->len; i++) {
		const struct ms_custody_release *release =
		    g_ptr_array_index(custody->releases, i);

		if (release->state == MS_CUSTODY_RELEASED)
			return true;
	}
	return false;
}

/* Do the filters that need a record let this one through? */
static bool
is_selected(const struct holdings *holdings, const struct ms_custody *custody)
{
	const struct quarantine_options *o = holdings->options;
	const struct ms_outcome *outcome;
	const struct ms_envelope *envelope;

	if (!holdings->filtered)
		return true;
	if (!custody)
		return false;
	outcome = custody->outcome;
	envelope = outcome->envelope;
	return (!o->verdict || holdings->verdicts[outcome->verdict]) &&
	    (!o->unreleased || !is_released(custody)) &&
	    (matches(o->source, outcome->origin.source) ||
	    (custody->place && matches(o->source, custody->place))) &&
	    matches_name(o->name, &outcome->facts) &&
	    matches(o->subject, outcome->facts.headers.subject) &&
	    (matches(o->from, outcome->facts.headers.from) ||
	    (envelope && envelope->sender &&
	    matches(o->from, envelope->sender))) &&
	    matches_recipient(o->to, envelope);
}

/* Open ID and visit it, if it is selected. NAMED: somebody wants it. */
static void
visit_one(struct holdings *holdings, const char *id, bool named,
    holdings_visit *visit)
{
	struct ms_holding *holding;
	struct ms_error err = { "" };
	enum ms_status status = ms_holding_open(holdings->q, id,
	    holdings->lock, &holding, &err);

	if (status == MS_END && named) {
		(void)ms_error_set(&err, MS_END, "there is no such message");
		holdings_complain(holdings, id, &err);
	} else if (status < 0) {
		holdings_complain(holdings, id, &err);
	}
	if (status != MS_OK)
		return;
	if (named || is_selected(holdings, holding->custody))
		visit(holdings, holding);
	ms_holding_close(holding);
}

/* What goes through ms_inventory_each(). */
struct round {
	struct holdings *holdings;
	holdings_visit *visit;
	holdings_other *other;
};

static enum ms_status
on_name(void *arg, const struct ms_inventory_name *name,
    struct ms_error *err)
{
	const struct round *round = arg;
	struct holdings *holdings = round->holdings;
	const int64_t when = ms_custody_time(name->id);

	(void)err;
	if (name->foreign || name->leftover) {
		if (round->other)
			round->other(holdings, name);
	} else if ((holdings->since < 0 || when >= holdings->since) &&
	    (holdings->until < 0 || when < holdings->until)) {
		visit_one(holdings, name->id, false, round->visit);
	}
	return ferror(stdout) ? MS_END : MS_OK;
}

/* The day of WHEN, as a number. */
static unsigned
day_of(int64_t when, unsigned otherwise)
{
	time_t seconds = (time_t)when;
	struct tm tm;

	if (when < 0 || !gmtime_r(&seconds, &tm) || tm.tm_year > 8000)
		return otherwise;
	return (unsigned)((tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 +
	    tm.tm_mday);
}

void
holdings_each(struct holdings *holdings, holdings_visit *visit,
    holdings_other *other)
{
	struct round round = { holdings, visit, other };
	struct ms_error err = { "" };

	for (int i = 0; i < holdings->count; i++)
		visit_one(holdings, holdings->ids[i], true, visit);
	if (holdings->count == 0 && ms_inventory_each(holdings->q,
	    day_of(holdings->since, 0), day_of(holdings->until, 99999999),
	    on_name, &round, &err) != MS_OK)
		holdings_complain(holdings, NULL, &err);
}
