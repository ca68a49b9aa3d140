#ifndef MS_SANDBOX_H
#define MS_SANDBOX_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The box in which hostile bytes are parsed: no_new_privs, resource limits,
 * Landlock (one private directory), seccomp (the calls that parsing needs,
 * nothing that opens a socket, starts a program or makes memory
 * executable); and a larger one for who talks to the network. What the kernel
 * does not offer is left out and said so.
 */

struct ms_sandbox_profile {
	const char *dir;	/* may be written in; NULL: no files at all */
	uint64_t memory;	/* bytes of private memory over what the
				 * process has when it enters; 0: any */
	uint64_t file_size;	/* bytes of the largest file it may write;
				 * without DIR 0: as large as it likes */
	bool memfds;		/* may make sealed memfds to hand over */
	bool network;		/* talks to others: may have sockets that are
				 * not listened on, or were before, and what it
				 * may not do fails instead of being the end of
				 * it; in DIR it may make no directories */
	const char *other_dir;	/* besides DIR; or NULL */
	bool keeper;		/* keeps files of any size in DIR, which it may
				 * also move and sync; what it may not do
				 * fails */
	bool names;		/* with NETWORK and without DIR: may look up
				 * names with all that the system has for it,
				 * so that it may read that, load it, and start
				 * processes like itself, but no programs */
	bool threads;		/* with NETWORK: may start threads of its own,
				 * one of which waits for signals */
};

/* "seccomp, landlock 7, rlimits", or "none" with the reason: what would be
 * in force here, for the caller to g_free(). */
char *ms_sandbox_describe(void);

/* Is there all of it: seccomp and Landlock? */
bool ms_sandbox_is_complete(void);

/*
 * Open what cannot be opened from inside: character set tables of glibc's
 * iconv, the time zone. Once per process that enters or forks those that do;
 * a second call does nothing more.
 */
void ms_sandbox_prepare(void);

/*
 * Close the box around this process, for good.
 *
 * MS_OK    as much as ms_sandbox_describe() says is in force
 * MS_E_IO  the kernel offers it but refused; do not go on
 */
enum ms_status ms_sandbox_enter(const struct ms_sandbox_profile *profile,
    struct ms_error *err);

#endif
