#ifndef MS_TELLING_H
#define MS_TELLING_H

#include "replay/cases.h"
#include "replay/played.h"

#include <stdio.h>

/*
 * What people, scripts and CI are told about roles that were played: a text
 * with the differences, JSON lines, JUnit's XML.
 */

struct ms_telling_config {
	FILE *text;		/* NULL: none; so with the others */
	FILE *json, *junit;
	bool allow_partial;	/* what was played in part is no error */
	bool summary;		/* the text ends with one */
	bool verbose;		/* the text names those without a difference,
				 * too */
};

struct ms_telling_totals {
	uint64_t sessions, different, failed, partial;
	uint64_t replies, compared, differences, unsent, unasked;
	uint64_t bytes;		/* sent */
};

struct ms_telling;

struct ms_telling *ms_telling_new(const struct ms_telling_config *config);
void ms_telling_free(struct ms_telling *telling);

/* MS_E_IO: it could not be written. */
enum ms_status ms_telling_played(struct ms_telling *telling,
    const struct ms_played *played, struct ms_error *err);

/* SOURCE could not be read to its end, or one of its messages not be played:
 * WHY. */
enum ms_status ms_telling_trouble(struct ms_telling *telling,
    const char *source, const char *why, struct ms_error *err);

/* The same where CONFIG says, and to CASES (may be NULL). */
enum ms_status ms_telling_write_trouble(
    const struct ms_telling_config *config, struct ms_cases *cases,
    const char *source, const char *why, struct ms_error *err);

const struct ms_telling_totals *ms_telling_totals(
    const struct ms_telling *telling);

/* The end of all of them, after which only ms_telling_free() is called. */
enum ms_status ms_telling_end(struct ms_telling *telling, int64_t elapsed_ms,
    struct ms_error *err);

#endif
