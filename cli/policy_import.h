#ifndef POLICY_IMPORT_H
#define POLICY_IMPORT_H

#include "command.h"

/*
 * Print what FILE, a file of another program, is for mailscan, each line with
 * where it comes from; explain on stderr what is wrong with it. KIND is
 * "simcontrol" or "ssattach" of simscan, or "whitelist-file" of clamav-milter.
 * Returns what to exit with.
 */
int policy_import(const struct command *cmd, const char *kind,
    const char *file);

/* Is KIND one of them? */
bool policy_import_knows(const char *kind);

/* What KIND may be, with blanks between. */
#define POLICY_IMPORT_KINDS "simcontrol ssattach whitelist-file"

#endif
