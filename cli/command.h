#ifndef COMMAND_H
#define COMMAND_H

#include "option.h"

/*
 * The commands of the program. One is added by a file cli/cmd_X.c, a line
 * here and a line in command.c.
 */

extern const struct command cmd_scan;
extern const struct command cmd_inspect;
extern const struct command cmd_extract;
extern const struct command cmd_replay;
extern const struct command cmd_serve;
extern const struct command cmd_pool;
extern const struct command cmd_filter;
extern const struct command cmd_queue;
extern const struct command cmd_milter;
extern const struct command cmd_selftest;
extern const struct command cmd_report;
extern const struct command cmd_quarantine;
extern const struct command cmd_db;
extern const struct command cmd_capture;
extern const struct command cmd_state;
extern const struct command cmd_mailbox;
extern const struct command cmd_policy;
extern const struct command cmd_config;
extern const struct command cmd_completion;
extern const struct command cmd_help;

/* Print what mailscan --version prints. */
int cmd_version(int argc, char **argv);

/* All of them, in the order of the help; ends with NULL. */
extern const struct command *const commands[];

/* NULL if there is none of that name. */
const struct command *command_find(const char *name);

/* Print what the program is, and its commands. */
void command_help(void);

/* Print a line for each option of each command, for scripts: command, long
 * name, short name or "-", and type, with tabs between. */
void command_dump(void);

#endif
