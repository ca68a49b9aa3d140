#ifndef MS_MARKS_H
#define MS_MARKS_H

#include "state/secret.h"
#include "state/store.h"

/*
 * Which messages were judged, by their marks (see secret.h). Marks come in no
 * order, so that each new row would change another page of the store; they are
 * therefore appended to a table of recent ones, and kept in memory, too, till
 * there are enough to be sorted in.
 */

struct ms_marks;

struct ms_marks_row {
	int64_t run;		/* that judged it; 0: it does not count */
	int64_t outcome;	/* 0: it is clean */
};

/* Those of STORE, a loan for the life of it, which is in a transaction. */
enum ms_status ms_marks_new(struct ms_store *store, struct ms_marks **marks,
    struct ms_error *err);

/* What is recent stays so in the store. */
void ms_marks_free(struct ms_marks *marks);

/* MS_END: there is no row. */
enum ms_status ms_marks_get(struct ms_marks *marks,
    const unsigned char mark[MS_SECRET_MARK], struct ms_marks_row *row,
    struct ms_error *err);

/* Write ROW in place of what there was. */
enum ms_status ms_marks_put(struct ms_marks *marks,
    const unsigned char mark[MS_SECRET_MARK], const struct ms_marks_row *row,
    struct ms_error *err);

/* Sort in what is recent. */
enum ms_status ms_marks_settle(struct ms_marks *marks, struct ms_error *err);

/* The same in a STORE that has no such marks open: what is left of a run that
 * was killed. It takes little memory, however much there is. */
enum ms_status ms_marks_gather(struct ms_store *store, struct ms_error *err);

#endif
