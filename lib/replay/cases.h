#ifndef MS_CASES_H
#define MS_CASES_H

#include "base/error.h"

#include <stdint.h>
#include <stdio.h>

/* A test suite as JUnit writes it, for CI: one case for each session. */

struct ms_case {
	const char *name;	/* quoted */
	const char *failure;	/* quoted, with line feeds; NULL: none */
	const char *summary;	/* of it, in a few words, quoted; not NULL if
				 * that is not */
	const char *error;	/* not quoted; NULL: none */
	const char *skipped;	/* likewise */
	int64_t elapsed_ms;
};

struct ms_cases;

struct ms_cases *ms_cases_new(void);
void ms_cases_free(struct ms_cases *cases);

/* MS_E_IO: temporary storage is full. */
enum ms_status ms_cases_add(struct ms_cases *cases,
    const struct ms_case *test, struct ms_error *err);

/* All of it, once. MS_E_IO: it could not be written. */
enum ms_status ms_cases_write(struct ms_cases *cases, FILE *stream,
    int64_t elapsed_ms, struct ms_error *err);

#endif
