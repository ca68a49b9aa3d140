#ifndef MS_HOOK_H
#define MS_HOOK_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Running a program of the user's: no shell, no environment but what is named,
 * no descriptor but the three, a process group of its own, and a deadline.
 */

struct ms_hook {
	const char *const *argv;	/* NULL-ended; [0] is its absolute
					 * path */
	const char *const *environment;	/* "NAME=value", NULL-ended; NULL:
					 * MS_HOOK_PATH and nothing else */
	int input;		/* what it reads, from where that stands; -1:
				 * nothing. A loan */
	int64_t timeout_ms;	/* then it is ended, with all of its group */
	size_t output_max;	/* bytes kept of what it prints; 0: none */
};

/* For programs that look for others. */
#define MS_HOOK_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:" \
	"/sbin:/bin"

struct ms_hook_result {
	int exit_status;	/* -1: it did not end by itself */
	int signal;		/* that ended it, or 0 */
	bool timed_out;
	char *output;		/* the beginning of what it printed, with a
				 * NUL behind it */
	size_t output_size;
	char *errors;		/* the beginning of what it complained; not
				 * quoted */
};

/*
 * Run it and wait for its end; what it has started in the background may go on
 * (some mail servers deliver that way), unless the deadline has passed.
 *
 * MS_OK       it ran: RESULT says how that ended, and is for
 *             ms_hook_result_clear()
 * MS_E_USAGE  argv[0] is no absolute path
 * MS_E_IO     it cannot be started: ERR says why
 */
enum ms_status ms_hook_run(const struct ms_hook *hook,
    struct ms_hook_result *result, struct ms_error *err);

void ms_hook_result_clear(struct ms_hook_result *result);

/* Was that a success, exit status 0? MS_OK or MS_E_PEER, with ERR saying how it
 * ended and its first complaint. */
enum ms_status ms_hook_succeeded(const struct ms_hook *hook,
    const struct ms_hook_result *result, struct ms_error *err);

/* A descriptor to read the SIZE bytes at DATA from, for INPUT above, which the
 * caller closes. */
enum ms_status ms_hook_input(const void *data, size_t size, int *fd,
    struct ms_error *err);

#endif
