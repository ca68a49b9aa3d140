#ifndef MS_CHILD_H
#define MS_CHILD_H

#include "base/error.h"

#include <stddef.h>

/*
 * Processes of a service: forked by one that reads nothing from outside, each
 * with a socket to it over which frames go (pool/frame.h). A child has that
 * socket, standard error and what it is given, and no other descriptor; it
 * leaves signals that mean the whole service to its parent, and dies with it.
 */

struct ms_child {
	/* SOCKET is that to the parent, and ends when the parent does. What is
	 * returned is the exit status. */
	int (*body)(void *arg, int socket);
	void *arg;
	const int *keep;	/* descriptors, under the same numbers */
	size_t count;
	int log;		/* one more, of the log; -1: none */
};

/* MS_OK: *SOCKET, which does not block, and the process *PID, to be waited
 * for, are the caller's. MS_E_IO: there is no process or socket left. */
enum ms_status ms_child_start(const struct ms_child *child, int *socket,
    int *pid, struct ms_error *err);

/* A pair of sockets for two children: datagrams in order, that do not block
 * whoever sends. */
enum ms_status ms_child_pair(int pair[2], struct ms_error *err);

#endif
