#ifndef MS_HOLE_H
#define MS_HOLE_H

#include "base/error.h"

#include <stdint.h>

/*
 * A program of the administrator's that says whether mail for somebody is
 * thrown away (blackhole-command). It gets the address as its last argument:
 * exit status 0, it is; 1, it is not.
 */

struct ms_hole_config {
	const char *const *argv;	/* NULL-ended; [0] is its absolute
					 * path. NULL: there is none */
	int64_t timeout_ms;	/* then it is ended */
};

/*
 * Ask about RECIPIENT, and wait.
 *
 * MS_OK      it is thrown away
 * MS_END     it is not
 * MS_E_PEER  it is not known: the program failed; ERR says how
 * other      it could not be run
 */
enum ms_status ms_hole(const struct ms_hole_config *config,
    const char *recipient, struct ms_error *err);

#endif
