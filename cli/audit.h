#ifndef AUDIT_H
#define AUDIT_H

#include "scan_options.h"

/*
 * Between a run and the state that it keeps (--state): what was judged before
 * goes to the reports without being scanned.
 */

struct run;

/* A note in the pipeline: an item, or a message that need not be scanned. */
struct audit_note {
	struct ms_source_item item;
	struct ms_outcome *outcome;	/* NULL: the item */
	struct ms_state_known known;	/* of the outcome */
};

/* False: options that need --state have none; option_error() has said so. */
bool audit_check(const struct command *cmd,
    const struct scan_options *options);

/* Likewise, before the engine loads its database. */
bool audit_prepare(struct run *run,
    const struct ms_pipeline_config *pipeline);

/* Open the state that OPTIONS name, if they name one, and have SOURCE ask it.
 * PIPELINE is what RUN's was opened with. False: it has been said why not. */
bool audit_open(struct run *run, const struct ms_pipeline_config *pipeline,
    struct ms_source_config *source);

/* MESSAGE was read: the note for it, if it need not be scanned, in which case
 * it is freed; else NULL. */
struct audit_note *audit_message(struct run *run, struct ms_message *message);

/* Whatever is not for reports: is ITEM? */
bool audit_is_notice(const struct ms_source_item *item);

/* NOTE is out of the pipeline. */
void audit_note(struct run *run, const struct audit_note *note);

/* OUTCOME was scanned: is it to be reported? */
bool audit_outcome(struct run *run, const struct ms_outcome *outcome);

/* The loop is over: sum up in the run's totals. */
void audit_count(struct run *run);

/* All was reported, unless the run says otherwise. */
void audit_end(struct run *run);

#endif
