#ifndef BLOCK_OPTIONS_H
#define BLOCK_OPTIONS_H

#include "scan_options.h"

/* Options for what must not be in mail, whatever the engine says. */
extern const struct opt block_options_rows[];

/*
 * Make the rules that OPTIONS ask for, and MORE besides (or NULL): *RULES is
 * for ms_rulebook_free(), and NULL if there are none. False: it has been said
 * what is wrong.
 */
bool block_options_rules(const struct command *cmd,
    const struct scan_options *options,
    const struct ms_rulebook_config *more, struct ms_rulebook **rules);

#endif
