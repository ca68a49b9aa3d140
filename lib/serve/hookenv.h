#ifndef MS_HOOKENV_H
#define MS_HOOKENV_H

#include "scan/outcome.h"
#include "serve/task.h"

/*
 * The environment of a program that is run for a message: the names that
 * clamsmtpd's scripts know. Pure. Values that somebody outside has chosen are
 * letters, digits and @ . + - _ = : , [ ] only, with _ for everything else and
 * for what a file or an option should not begin with, and no longer than
 * MS_HOOKENV_VALUE_MAX; exact ones are in the report that the program reads.
 */

#define MS_HOOKENV_VALUE_MAX 1024	/* bytes */
#define MS_HOOKENV_RECIPIENTS_MAX 65536	/* of all of them */

/* What does not come from outside. NULL: there is none. */
struct ms_hookenv_config {
	const char *tempdir;	/* TMPDIR */
	const char *quarantine;	/* directory in which EMAIL is */
};

/* "NAME=value", ended by NULL, for g_strfreev(): PATH, CLIENT, SERVER, SENDER
 * ("<>": the null one), RECIPIENTS (accepted ones, one a line), VIRUS, and if
 * they are known EMAIL, REMOTE, REMOTE_HELO, TMPDIR. */
char **ms_hookenv(const struct ms_hookenv_config *config,
    const struct ms_outcome *outcome, const struct ms_task_words *words);

#endif
