#ifndef MS_CHANGES_H
#define MS_CHANGES_H

#include "report/report.h"

#include <glib.h>
#include <stdio.h>

/*
 * What is new, and what is gone, from one report to the next. A finding is
 * the same if its name, its part, the digest of its message and the source
 * are; where the message stands in its mailbox has no say. Of those that are
 * not the same, as many as are on both sides but for the source were moved:
 * somebody filed the message elsewhere. (The digest is then that of the
 * canonical form, which does not depend on the kind of mailbox.)
 *
 * Findings are shown here twice, in the same order: once to be noted, then to
 * be asked about. That takes 40 bytes for each, and on one side at a time
 * the same again while they are settled; messages without a finding take none.
 */
struct ms_changes;

enum ms_changes_side { MS_CHANGES_OLD, MS_CHANGES_NEW };
#define MS_CHANGES_SIDES 2

enum ms_change {
	MS_CHANGE_NONE,		/* there before, and there now */
	MS_CHANGE_MOVED,	/* likewise, but in another source */
	MS_CHANGE_ALONE,	/* new on the new side, gone on the old one */
	MS_CHANGE_STATES
};

struct ms_changes *ms_changes_new(void);
void ms_changes_free(struct ms_changes *changes);

/* Note all findings of OUTCOME. */
void ms_changes_note(struct ms_changes *changes, enum ms_changes_side side,
    const struct ms_outcome *outcome);

/* All is noted. */
void ms_changes_settle(struct ms_changes *changes);

/* What became of the next finding of SIDE, in the order in which they were
 * noted. */
enum ms_change ms_changes_next(struct ms_changes *changes,
    enum ms_changes_side side);

/* How many of SIDE are such. */
uint64_t ms_changes_count(const struct ms_changes *changes,
    enum ms_changes_side side, enum ms_change change);

/* Write that FINDING of OUTCOME is on SIDE alone, as a line for people or as
 * JSON; and the numbers, at the end. MS_E_IO: it could not be written. */
enum ms_status ms_changes_write(FILE *stream, bool json,
    enum ms_changes_side side, const struct ms_outcome *outcome,
    const struct ms_finding *finding, struct ms_error *err);
enum ms_status ms_changes_write_counts(FILE *stream, bool json,
    const struct ms_changes *changes, struct ms_error *err);

#endif
