#ifndef MS_CLAMDLINE_H
#define MS_CLAMDLINE_H

#include "engine/engine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What clamd answers, as clamd(8) has it, without the NUL byte at its end.
 * Whoever answers need not be clamd: words are compared exactly, names and
 * texts are cut and quoted, and what is none of its answers is a failure.
 */

#define MS_CLAMDLINE_MAX 4096	/* bytes of one answer */
#define MS_CLAMDLINE_NAME_MAX 200	/* bytes of a name, before quoting */

/*
 * What clamd says of a content: "stream: OK", "fd[12]: NAME FOUND", "... ERROR"
 * and so on. *ANSWER is set in any case; anything else is MS_ENGINE_FAILED.
 * Returns whether it is something that clamd says.
 */
bool ms_clamdline_scan(const void *data, size_t size,
    struct ms_engine_answer *answer);

/* What clamd says of itself: "ClamAV 1.4.6/27840/Sat Nov 21 08:02:11 2026". */
struct ms_clamdline_version {
	char version[64];	/* "1.4.6" */
	char database[128];	/* "daily 27840 of 2026-11-21", or "" if it
				 * does not say */
	int64_t database_time;	/* as if its clock had UTC; -1: not said */
};

/* Returns whether it is that. */
bool ms_clamdline_version(const void *data, size_t size,
    struct ms_clamdline_version *version);

#endif
