#ifndef IMPORT_H
#define IMPORT_H

#include "command.h"

/*
 * Configurations of other programs, as mailscan.conf(5) has them.
 */

/*
 * Print on standard output what makes "mailscan serve" do what clamsmtpd does
 * with FILE: each setting with the line it comes from, and what has no
 * counterpart as a comment. Returns an exit status; what is wrong was then said
 * in the name of CMD, and nothing was printed.
 */
int import_clamsmtpd(const struct command *cmd, const char *file);

/* The same of clamav-milter, for "mailscan milter" and the service that it
 * asks, "mailscan pool". WORDS, NULL-ended, is its configuration file
 * (clamav-milter.conf(5)); or, of the older program of that name, its options,
 * each or all of them together. */
int import_clamav_milter(const struct command *cmd, char **words);

#endif
