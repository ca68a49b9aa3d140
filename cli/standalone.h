#ifndef STANDALONE_H
#define STANDALONE_H

#include "serve_options.h"

/*
 * What a door does if it is told to ask no service. There are two of these: in
 * standalone.c that with an engine, and in doorway.c that of a program that is
 * to start fast, and has none.
 */

/* Before anything is read. MS_OK: there is an engine here. Otherwise this
 * program becomes the one that has it, from the start, and only comes back if
 * that fails. */
enum ms_status standalone_begin(struct ms_error *err);

/* What is to be done with a message, and do what a service does besides; as
 * ms_alone(), with MS_E_USAGE as well if the options make no sense. */
enum ms_status standalone_ask(const struct command *cmd,
    const struct serve_options *options,
    const struct ms_counter_question *question,
    struct ms_counter_reply *reply, struct ms_error *err);

#endif
