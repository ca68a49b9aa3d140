#include "report/progress.h"

#include <glib.h>
#include <inttypes.h>
#include <stdbool.h>

#include "base/clock.h"
#include "report/line.h"

#define INTERVAL_MS 200

/* Before this, rates are guesses. */
#define SETTLED_MS 1000

/* A line that wraps cannot be rewritten in place. */
#define COLUMNS_MAX 79

struct ms_progress {
	FILE *stream;
	int64_t (*clock_ms)(void);
	int64_t start_ms;
	int64_t shown_ms;
	bool shown_ever;
	size_t columns;		/* of the line that stands there now */
};

/* A number of bytes or seconds may be nonsense, but must fit its type. */
static uint64_t
whole(double number)
{
	return (uint64_t)MIN(number, 1e18);
}

/* ", ETA 1:02:03" or ", ETA 2:03". */
static void
append_eta(GString *line, const struct ms_progress_counts *counts,
    int64_t elapsed_ms)
{
	double done = (double)counts->bytes, left;
	uint64_t seconds;

	if (elapsed_ms < SETTLED_MS || counts->bytes == 0 ||
	    counts->total_bytes < counts->bytes)
		return;
	left = (double)(counts->total_bytes - counts->bytes) / done *
	    (double)elapsed_ms / 1000;
	seconds = whole(left);
	g_string_append(line, ", ETA ");
	if (seconds >= 3600)
		g_string_append_printf(line, "%" PRIu64 ":%02u:%02u",
		    seconds / 3600, (unsigned)(seconds / 60 % 60),
		    (unsigned)(seconds % 60));
	else
		g_string_append_printf(line, "%u:%02u",
		    (unsigned)(seconds / 60), (unsigned)(seconds % 60));
}

static GString *
line_new(const struct ms_progress_counts *counts, int64_t elapsed_ms)
{
	GString *line = g_string_sized_new(128);

	g_string_append_printf(line, "%" PRIu64 " message%s, ",
	    counts->messages, counts->messages == 1 ? "" : "s");
	ms_line_megabytes(line, counts->bytes);
	if (elapsed_ms >= SETTLED_MS) {
		g_string_append(line, ", ");
		ms_line_megabytes(line, whole((double)counts->bytes * 1000 /
		    (double)elapsed_ms));
		g_string_append(line, "/s");
	}
	append_eta(line, counts, elapsed_ms);
	g_string_append_printf(line, ", %" PRIu64 " found", counts->found);
	if (line->len > COLUMNS_MAX)
		g_string_truncate(line, COLUMNS_MAX);
	return line;
}

struct ms_progress *
ms_progress_new(FILE *stream, int64_t (*clock_ms)(void))
{
	struct ms_progress *progress = g_new0(struct ms_progress, 1);

	progress->stream = stream;
	progress->clock_ms = clock_ms ? clock_ms : ms_clock_ms;
	progress->start_ms = progress->clock_ms();
	return progress;
}

void
ms_progress_free(struct ms_progress *progress)
{
	if (!progress)
		return;
	ms_progress_clear(progress);
	g_free(progress);
}

void
ms_progress_update(struct ms_progress *progress,
    const struct ms_progress_counts *counts)
{
	int64_t now_ms = progress->clock_ms();
	GString *line;

	if (progress->shown_ever &&
	    now_ms - progress->shown_ms < INTERVAL_MS)
		return;
	line = line_new(counts, now_ms - progress->start_ms);
	/* Blanks rub out what a longer line left; no terminal is too plain
	 * for that. */
	(void)fprintf(progress->stream, "\r%-*s", (int)progress->columns,
	    line->str);
	(void)fflush(progress->stream);
	progress->columns = line->len;
	progress->shown_ms = now_ms;
	progress->shown_ever = true;
	g_string_free(line, TRUE);
}

void
ms_progress_clear(struct ms_progress *progress)
{
	if (progress->columns == 0)
		return;
	(void)fprintf(progress->stream, "\r%*s\r", (int)progress->columns,
	    "");
	(void)fflush(progress->stream);
	progress->columns = 0;
}
