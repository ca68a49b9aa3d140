#ifndef MS_CLAUSES_H
#define MS_CLAUSES_H

#include "milter/milter.h"

/*
 * Terms of a filter (milter/milter.h) that somebody may still go by after
 * others have come into force. Who changes the number of users sees to it that
 * nobody else does so at that moment.
 */

struct ms_clauses {
	struct ms_milter_terms is;
	unsigned users;
};

/* A copy, with one user. */
struct ms_clauses *ms_clauses_new(const struct ms_milter_terms *is);

/* One user less, and without any it is freed. NULL is fine. */
void ms_clauses_drop(struct ms_clauses *terms);

#endif
