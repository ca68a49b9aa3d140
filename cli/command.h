#ifndef COMMAND_H
#define COMMAND_H

#include "option.h"

/*
 * The commands of the program. One is added by a file cli/cmd_X.c and a line
 * here. What a command is, cmd_X, stands apart from what it does, cmd_X_run():
 * a configuration file is read by programs that know the options of all
 * commands, and need not have all the code and libraries behind them.
 */
#define COMMANDS(ROW) \
	ROW(scan) \
	ROW(inspect) \
	ROW(extract) \
	ROW(capture) \
	ROW(replay) \
	ROW(serve) \
	ROW(pool) \
	ROW(filter) \
	ROW(queue) \
	ROW(milter) \
	ROW(selftest) \
	ROW(report) \
	ROW(quarantine) \
	ROW(mailbox) \
	ROW(state) \
	ROW(policy) \
	ROW(config) \
	ROW(db) \
	ROW(completion) \
	ROW(help) \
	ROW(version)

/* Does what the command does; argv[0] is not looked at. Returns what to exit
 * with. */
typedef int command_run(int argc, char **argv);

#define COMMAND_DECLARED(name) \
	extern const struct command cmd_##name; \
	command_run cmd_##name##_run;
COMMANDS(COMMAND_DECLARED)
#undef COMMAND_DECLARED

/* The path of the program that people call, if that is not the one that runs
 * here; or NULL. */
extern const char *command_program;

/* All of them, in the order of the help; ends with NULL. */
extern const struct command *const commands[];

/* NULL if there is none of that name. */
const struct command *command_find(const char *name);

/* Print what the program is, and its commands. */
void command_help(void);

/* Print a line for each option of each command, for scripts: command, long
 * name, short name or "-", and type, with tabs between. */
void command_dump(void);

/* Is NAME, argv[0] of the program, one that it has in place of qmail-queue: its
 * own, or that of a link that was put there? */
bool command_is_queue(const char *name);

/* What to exit with after STATUS: a report that did not get out must not pass
 * for a clean one, and is explained on stderr. */
int command_end(int status);

#endif
