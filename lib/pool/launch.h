#ifndef MS_LAUNCH_H
#define MS_LAUNCH_H

#include "base/error.h"

/*
 * Becoming another program, with all that this process was given: environment,
 * descriptors that were handed to it, and its exit status is ours.
 */

struct ms_launch {
	const char *const *argv;	/* NULL-ended; [0] is its absolute
					 * path */
	int input;		/* what it reads, from its start; sealed, so
				 * nobody else reads with it */
	int second;		/* what it has as descriptor 1, likewise; -1:
				 * ours */
	const char *self;	/* this program by another path, as
				 * ms_launch_beside() gives it; or NULL */
};

/*
 * Returns only if that fails.
 *
 * MS_E_USAGE  argv[0] is no absolute path, or this program itself
 * MS_E_IO     it cannot be run: ERR says why
 */
enum ms_status ms_launch(const struct ms_launch *launch,
    struct ms_error *err);

/*
 * Become the program at BESIDE, a path from the directory in which the file of
 * this one lies. WORDS are its arguments, behind words[0], which becomes the
 * path of this program; NULL-ended. Returns only if that fails: MS_E_IO.
 */
enum ms_status ms_launch_beside(const char *beside, const char **words,
    struct ms_error *err);

#endif
