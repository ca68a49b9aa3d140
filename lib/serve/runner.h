#ifndef MS_RUNNER_H
#define MS_RUNNER_H

#include "net/herald.h"
#include "serve/hole.h"
#include "serve/hookenv.h"
#include "serve/mailer.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The process of a service that tells of messages in which something was found:
 * it runs a program of the administrator's, sends notices, and a datagram. It
 * gets tasks (serve/task.h), gives the note to the program as its input, and
 * answers how that has ended. Another program it asks about recipients, and
 * answers what that said: with a text, that it failed.
 */

struct ms_runner_config {
	const char *const *argv;	/* NULL-ended; [0] is its absolute
					 * path. NULL: there is none */
	struct ms_hookenv_config environment;
	int64_t timeout_ms;	/* then it is ended, or sendmail is */
	struct ms_mailer_config mailer;
	struct ms_herald_config herald;	/* address NULL: nobody listens */
	struct ms_hole_config hole;	/* asked about recipients */
};

/* Tell of TASK, one after the other: the program, people, who listens. MAILS:
 * no limit keeps people from being told. TEXT gets, in words, how each has
 * ended; true: all of them well. */
bool ms_runner_tell(const struct ms_runner_config *config,
    const struct ms_task *task, bool mails, GString *text);

/* Programs at once; the other tasks wait. */
#define MS_RUNNER_MAX 8

/* The body of a child (pool/child.h); ARG is a struct ms_runner_config. 0: it
 * was told to end, and the programs have ended. */
int ms_runner_run(void *arg, int control);

#endif
