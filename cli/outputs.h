#ifndef OUTPUTS_H
#define OUTPUTS_H

#include "scan_options.h"

#include <stdio.h>

/*
 * Everything a scan writes: the reports that were asked for, each with its
 * stream, and the progress line.
 */
struct outputs;

/* Before anything is opened: false if a report would be written twice to one
 * file, or over one of the PATHS that are to be read; option_error() has
 * said so. */
bool outputs_check(const struct command *cmd,
    const struct scan_options *options, int count, char **paths);

/* Is there to be a progress line? */
bool outputs_show_progress(const struct scan_options *options);

/* No outputs yet, but a progress line if it is wanted. OPTIONS is a loan, and
 * TOTAL_BYTES is for that line; 0: unknown. */
struct outputs *outputs_new(const struct scan_options *options,
    uint64_t total_bytes);

/* Add REPORT, which is then the outputs'; so is STREAM, which is closed after
 * it unless NULL. FILE is its name for errors and a loan; NULL: standard
 * output. */
void outputs_add(struct outputs *outputs, struct ms_report *report,
    FILE *stream, const char *file);

/* Open them all. NULL: option_error() has said which could not be, or the
 * error was explained on stderr. */
struct outputs *outputs_open(const struct command *cmd,
    const struct scan_options *options,
    const struct ms_report_engine *engine, uint64_t total_bytes);

/* Each: false if something could not be written, which has been said. */
bool outputs_message(struct outputs *outputs,
    const struct ms_outcome *outcome);
bool outputs_notice(struct outputs *outputs,
    const struct ms_source_item *item);
bool outputs_note(struct outputs *outputs, enum ms_report_notice kind,
    const struct ms_origin *origin, const char *text);
bool outputs_action(struct outputs *outputs,
    const struct ms_report_action *action);
bool outputs_close(struct outputs *outputs,
    const struct ms_report_totals *totals);

/* Instead: there is nothing to say. Files that are replaced as a whole stay as
 * they were. NULL is fine. */
void outputs_abandon(struct outputs *outputs);

/* What was used, and what is to be listed of parts, as ms_report_options says,
 * if that is known only now. ENGINE is copied, its strings are loans. */
void outputs_set(struct outputs *outputs,
    const struct ms_report_engine *engine, bool parts, bool tree,
    bool files);

/* Has writing failed everywhere, so that going on is for nobody? */
bool outputs_are_lost(const struct outputs *outputs);

/* Show how far it has come. */
void outputs_progress(struct outputs *outputs,
    const struct ms_report_totals *totals, uint64_t bytes);

#endif
