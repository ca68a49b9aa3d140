#include "report/totals.h"

/* Numbers come from files, so a sum may be too much. */
static void
add(uint64_t *sum, uint64_t more)
{
	*sum += MIN(more, UINT64_MAX - *sum);
}

static void
drop(uint64_t *sum, uint64_t less)
{
	*sum -= MIN(less, *sum);
}

/* What counts paths of that kind; NULL: nobody counts them. */
static uint64_t *
counter(struct ms_report_totals *totals, enum ms_report_notice kind)
{
	switch (kind) {
	case MS_REPORT_GONE:
		return &totals->gone;
	case MS_REPORT_SKIPPED:
		return &totals->passed_over;
	case MS_REPORT_FAILED:
		return &totals->failed;
	default:
		return NULL;
	}
}

void
ms_totals_count(struct ms_report_totals *totals,
    const struct ms_outcome *outcome)
{
	add(&totals->messages, 1);
	add(&totals->verdicts[outcome->verdict], 1);
	add(&totals->ambiguous, outcome->facts.ambiguities->len > 0);
	add(&totals->bytes, outcome->size);
}

void
ms_totals_drop(struct ms_report_totals *totals,
    const struct ms_outcome *outcome)
{
	drop(&totals->messages, 1);
	drop(&totals->verdicts[outcome->verdict], 1);
	drop(&totals->ambiguous, outcome->facts.ambiguities->len > 0);
	drop(&totals->bytes, outcome->size);
}

void
ms_totals_count_notice(struct ms_report_totals *totals,
    enum ms_report_notice kind)
{
	uint64_t *count = counter(totals, kind);

	if (count)
		add(count, 1);
}

void
ms_totals_drop_notice(struct ms_report_totals *totals,
    enum ms_report_notice kind)
{
	uint64_t *count = counter(totals, kind);

	if (count)
		drop(count, 1);
}

static void
add_actions(struct ms_report_actions *actions,
    const struct ms_report_actions *more)
{
	actions->asked |= more->asked;
	actions->dry_run |= more->dry_run;
	add(&actions->moved, more->moved);
	add(&actions->copied, more->copied);
	add(&actions->removed, more->removed);
	add(&actions->flagged, more->flagged);
	add(&actions->refiled, more->refiled);
	add(&actions->failed, more->failed);
}

void
ms_totals_add(struct ms_report_totals *totals,
    const struct ms_report_totals *more)
{
	add(&totals->messages, more->messages);
	for (int v = 0; v < MS_VERDICTS; v++)
		add(&totals->verdicts[v], more->verdicts[v]);
	add(&totals->ambiguous, more->ambiguous);
	add(&totals->known, more->known);
	add(&totals->unselected, more->unselected);
	add(&totals->gone, more->gone);
	add(&totals->passed_over, more->passed_over);
	add(&totals->failed, more->failed);
	add(&totals->bytes, more->bytes);
	totals->elapsed_ms += MIN(more->elapsed_ms,
	    INT64_MAX - totals->elapsed_ms);
	totals->finished = MAX(totals->finished, more->finished);
	totals->interrupted |= more->interrupted;
	add_actions(&totals->actions, &more->actions);
}
