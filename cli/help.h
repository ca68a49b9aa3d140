#ifndef HELP_H
#define HELP_H

#include "option.h"

#include <glib.h>

/*
 * The help on a command, made from its option rows, on stdout.
 */

/* Usage, summary and options of one command; ALL: not only the basic ones.
 * WORD is what it is to do; of what is not one of its words, and of NULL, the
 * help is on all that it can. */
void help_command(const struct command *cmd, const char *word, bool all);

/* Append the names that OPT allows to OUT: "text, json or csv". */
void help_choices(GString *out, const struct opt *opt);

#endif
