#ifndef BACKGROUND_H
#define BACKGROUND_H

#include "mailscan.h"
#include "option.h"

/*
 * What commands have in common that begin a service, and are asked again what
 * they were told when it is to reload.
 */

/* Read the ARGC words of ARGV, which stay as they are, into the options INTO,
 * whose defaults are set; there must be no operands. 0: done; 1: there are, and
 * it was said; -1: as option_parse(). *STATUS is what to exit with if not 0. */
int background_read(const struct command *cmd, int argc, char **argv,
    void *into, int *status);

/* Begin the service of CONFIG by RUN, which returns the exit status: in another
 * process, if it is to be in the BACKGROUND. What to exit with. */
int background_begin(const struct command *cmd, bool background,
    struct ms_service_config *config, int (*run)(void *arg), void *arg);

/* CMD does not begin. TEXT goes to the log, and, if that is ELSEWHERE, to
 * BEFORE (-1: nobody), the standard error of whoever has started it. */
void background_complain(const struct command *cmd, bool elsewhere, int before,
    const char *text);

#endif
