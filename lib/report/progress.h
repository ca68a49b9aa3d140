#ifndef MS_PROGRESS_H
#define MS_PROGRESS_H

#include <stdint.h>
#include <stdio.h>

/*
 * One line that says how far a run has come, rewritten in place. Whether
 * the stream is a terminal, and whether anybody wants this, the caller has
 * decided already. What cannot be written is nobody's loss.
 */

struct ms_progress_counts {
	uint64_t messages;
	uint64_t bytes;		/* done so far */
	uint64_t total_bytes;	/* to be done in all; 0: unknown */
	uint64_t found;
};

struct ms_progress;

/* STREAM stays the caller's. CLOCK_MS tells the time as ms_clock_ms(), which
 * NULL stands for. The time that counts starts now. */
struct ms_progress *ms_progress_new(FILE *stream, int64_t (*clock_ms)(void));

/* Erases the line. */
void ms_progress_free(struct ms_progress *progress);

/* Show COUNTS, unless something was shown less than 200 ms ago. */
void ms_progress_update(struct ms_progress *progress,
    const struct ms_progress_counts *counts);

/* Erase the line, if there is one: call before anything else is written to
 * the same terminal. */
void ms_progress_clear(struct ms_progress *progress);

#endif
