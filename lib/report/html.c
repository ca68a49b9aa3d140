#include "report/html.h"

#include <string.h>

#include "base/spool.h"
#include "report/htmlpage.h"
#include "report/htmlrow.h"
#include "report/line.h"

/* Rows that stay on the heap before they go to a file. */
#define HEAP_BYTES (1u << 20)

/* Rows are copied in pieces of this size. */
#define PIECE_BYTES 65536

/* Rows per body of the table: a browser that runs the script need not lay
 * out more than the first before it has them all. */
#define BODY_ROWS 500

/* A finding is worth more than a gap when there are too many of both, so
 * they wait in lines of their own. */
struct queue {
	struct ms_spool *spool;
	uint64_t rows;		/* that came */
	uint64_t kept;
};

struct page {
	struct queue findings;
	struct queue gaps;
	struct ms_htmltally *names;
	struct ms_htmltally *mailboxes;
	struct ms_htmltally_months months;
	uint64_t reasons[MS_REASONS];
	uint64_t found_partly;
	bool touched;		/* something was done with a message */
	uint64_t empty;
	struct ms_htmlpage_paths unread;
	struct ms_htmlpage_paths undone;
};

static struct page *
page_of(struct ms_report *report)
{
	const struct ms_spool_config config = {
		.heap_max = HEAP_BYTES,
		.dir = report->options.dir,
	};
	struct page *page = report->state;

	if (page)
		return page;
	page = g_new0(struct page, 1);
	page->findings.spool = ms_spool_new(&config);
	page->gaps.spool = ms_spool_new(&config);
	page->names = ms_htmltally_new();
	page->mailboxes = ms_htmltally_new();
	page->unread.items = g_string_new(NULL);
	page->undone.items = g_string_new(NULL);
	report->state = page;
	return page;
}

static void
html_free(struct ms_report *report)
{
	struct page *page = report->state;

	if (!page)
		return;
	ms_spool_free(page->findings.spool);
	ms_spool_free(page->gaps.spool);
	ms_htmltally_free(page->names);
	ms_htmltally_free(page->mailboxes);
	g_string_free(page->unread.items, TRUE);
	g_string_free(page->undone.items, TRUE);
	g_free(page);
}

static enum ms_status
add_row(struct queue *queue, const struct ms_htmlrow *row,
    struct ms_error *err)
{
	GString *out;
	enum ms_status status = MS_OK;

	queue->rows++;
	/* Once one is left out, all are: what is shown has no holes. */
	if (queue->kept + 1 < queue->rows ||
	    queue->kept >= MS_HTML_ROWS_MAX ||
	    ms_spool_size(queue->spool) >= MS_HTML_BYTES_MAX)
		return MS_OK;
	out = g_string_sized_new(512);
	ms_htmlrow_append(out, row);
	status = ms_spool_write(queue->spool, out->str, out->len, err);
	if (status == MS_OK)
		queue->kept++;
	g_string_free(out, TRUE);
	return status;
}

static enum ms_status
add_rows(struct page *page, const struct ms_outcome *outcome,
    struct ms_error *err)
{
	const struct ms_facts *facts = &outcome->facts;
	struct ms_htmlrow row = { .outcome = outcome };
	enum ms_status status = MS_OK;

	for (guint i = 0; i < facts->findings->len && status == MS_OK; i++) {
		row.finding = facts->findings->pdata[i];
		status = add_row(&page->findings, &row, err);
	}
	row.finding = NULL;
	for (guint i = 0; i < facts->gaps->len && status == MS_OK; i++) {
		row.gap = facts->gaps->pdata[i];
		status = add_row(&page->gaps, &row, err);
	}
	if (facts->findings->len + facts->gaps->len == 0)
		status = add_row(outcome->verdict <= MS_VERDICT_SPAM ?
		    &page->findings : &page->gaps, &row, err);
	return status;
}

static void
count_message(struct page *page, const struct ms_outcome *outcome)
{
	const struct ms_facts *facts = &outcome->facts;
	enum ms_htmltally_kind kind = outcome->verdict <= MS_VERDICT_SPAM ?
	    MS_HTMLTALLY_FOUND : MS_HTMLTALLY_OPEN;
	char *mailbox = ms_htmlrow_mailbox(&outcome->origin);
	GDateTime *date = ms_htmlrow_date(facts->headers.date);

	page->found_partly += kind == MS_HTMLTALLY_FOUND &&
	    facts->gaps->len > 0;
	ms_htmltally_add(page->mailboxes, mailbox, kind);
	ms_htmltally_month(&page->months,
	    date ? g_date_time_get_year(date) : 0,
	    date ? g_date_time_get_month(date) : 0, kind);
	for (guint i = 0; i < facts->findings->len; i++) {
		const struct ms_finding *finding = facts->findings->pdata[i];

		ms_htmltally_add(page->names, finding->name,
		    MS_HTMLTALLY_FOUND);
	}
	for (guint i = 0; i < facts->gaps->len; i++) {
		const struct ms_gap *gap = facts->gaps->pdata[i];

		page->reasons[gap->reason]++;
	}
	if (date)
		g_date_time_unref(date);
	g_free(mailbox);
}

static enum ms_status
html_message(struct ms_report *report, const struct ms_outcome *outcome,
    struct ms_error *err)
{
	struct page *page = page_of(report);
	bool listed = outcome->verdict < MS_VERDICT_CLEAN ||
	    outcome->facts.findings->len + outcome->facts.gaps->len > 0;

	page->touched |= outcome->deeds->len > 0;
	if (listed)
		count_message(page, outcome);
	if ((!listed && outcome->deeds->len == 0) ||
	    !ms_report_wants(report, outcome))
		return MS_OK;
	return add_rows(page, outcome, err);
}

static enum ms_status
html_notice(struct ms_report *report, enum ms_report_notice kind,
    const struct ms_origin *origin, const char *text, struct ms_error *err)
{
	struct page *page = page_of(report);

	(void)err;	/* there is nothing to write yet */
	if (kind == MS_REPORT_EMPTY)
		page->empty++;
	if (kind == MS_REPORT_FAILED)
		ms_htmlpage_path(&page->unread, origin->source, NULL, text);
	return MS_OK;
}

/* Only what went wrong: what went well stands at the messages. */
static enum ms_status
html_action(struct ms_report *report, const struct ms_report_action *action,
    struct ms_error *err)
{
	(void)err;	/* likewise */
	if (action->state == MS_DEED_FAILED)
		ms_htmlpage_path(&page_of(report)->undone, action->source,
		    action->action, action->detail);
	return MS_OK;
}

/* Append the SIZE bytes at DATA, in which each row is a line, but no more
 * than END rows in all; *ROW says how many there are. */
static void
append_rows(GString *out, const char *data, size_t size, uint64_t *row,
    uint64_t end)
{
	const char *stop = data + size;

	while (data < stop && *row < end) {
		const char *feed = memchr(data, '\n', (size_t)(stop - data));
		const char *next = feed ? feed + 1 : stop;

		g_string_append_len(out, data, next - data);
		data = next;
		if (feed && ++*row % BODY_ROWS == 0 && *row < end)
			g_string_append(out, "</tbody>\n<tbody>\n");
	}
}

/* Write the rows of QUEUE, in pieces. */
static enum ms_status
write_rows(FILE *stream, struct queue *queue, uint64_t *row, uint64_t end,
    struct ms_error *err)
{
	GString *out = g_string_sized_new(2 * PIECE_BYTES);
	char *piece = g_malloc(PIECE_BYTES);
	uint64_t at = 0;
	size_t got = 1;
	enum ms_status status = MS_OK;

	while (status == MS_OK && got > 0 && *row < end) {
		status = ms_spool_read(queue->spool, at, piece, PIECE_BYTES,
		    &got, err);
		at += got;
		if (status == MS_OK) {
			append_rows(out, piece, got, row, end);
			status = ms_line_write(stream, out, err);
		}
	}
	g_free(piece);
	g_string_free(out, TRUE);
	return status;
}

static enum ms_status
write_page(FILE *stream, struct page *page, const struct ms_htmlpage *about,
    struct ms_error *err)
{
	GString *out = g_string_sized_new(PIECE_BYTES);
	enum ms_status status;
	uint64_t row = 0;

	ms_htmlpage_begin(out, about);
	status = ms_line_write(stream, out, err);
	if (status == MS_OK)
		status = write_rows(stream, &page->findings, &row,
		    about->rows_shown, err);
	if (status == MS_OK)
		status = write_rows(stream, &page->gaps, &row,
		    about->rows_shown, err);
	ms_htmlpage_end(out, about);
	if (status == MS_OK)
		status = ms_line_write(stream, out, err);
	g_string_free(out, TRUE);
	return status == MS_OK ? ms_line_flush(stream, err) : status;
}

static enum ms_status
html_summary(struct ms_report *report, const struct ms_report_totals *totals,
    struct ms_error *err)
{
	struct page *page = page_of(report);
	uint64_t kept = page->findings.kept + page->gaps.kept;
	const struct ms_htmlpage about = {
		.engine = &report->engine,
		.totals = totals,
		.names = page->names,
		.mailboxes = page->mailboxes,
		.months = &page->months,
		.reasons = page->reasons,
		.found_partly = page->found_partly,
		.touched = page->touched,
		.empty = page->empty,
		.unread = &page->unread,
		.undone = &page->undone,
		.rows = page->findings.rows + page->gaps.rows,
		.rows_shown = MIN(kept, MS_HTML_ROWS_MAX),
	};

	return write_page(report->stream, page, &about, err);
}

const struct ms_report_ops ms_html_ops = {
	.name = "html",
	.whole = true,
	.message = html_message,
	.notice = html_notice,
	.action = html_action,
	.summary = html_summary,
	.free = html_free,
};
