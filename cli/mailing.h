#ifndef MAILING_H
#define MAILING_H

#include "outputs.h"
#include "scan_options.h"

/*
 * --mail-report: what a run has found, as a mail through the local sendmail,
 * if there is anything to tell.
 */
struct mailing;

/*
 * Get ready. OPTIONS and what it points to are loans.
 *
 * MS_OK       *MAILING is for mailing_free(); NULL: nobody wants mail
 * MS_E_USAGE  there is no such program as --sendmail says
 */
enum ms_status mailing_new(const struct scan_options *options,
    struct mailing **mailing, struct ms_error *err);

/* Have it told by OUTPUTS. */
void mailing_add(struct mailing *mailing, struct outputs *outputs,
    const struct ms_report_engine *engine);

/* Something that went wrong, for people. */
void mailing_complain(struct mailing *mailing, const char *text);

/*
 * Send it. TOTALS are those of the run; NULL: it never began.
 *
 * MS_OK      the mail server has it
 * MS_E_PEER  it did not take it: ERR has what it said
 * MS_E_IO    the program cannot be run
 */
enum ms_status mailing_send(struct mailing *mailing,
    const struct ms_report_totals *totals, struct ms_error *err);

void mailing_free(struct mailing *mailing);

#endif
