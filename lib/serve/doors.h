#ifndef MS_DOORS_H
#define MS_DOORS_H

#include "net/listen.h"

#include <glib.h>

#include <stdbool.h>

/*
 * The sockets that a service listens on, by the addresses that it was told.
 * They are opened while it has the rights for that; later ones take over what
 * is open already.
 */

struct ms_doors {
	GArray *fds;		/* of int */
	GPtrArray *addresses;	/* of each of them, as it was told */
	/* As net/listen.h has them, for those opened from now on. */
	bool transparent;
	unsigned mode;
	bool packets;
	struct ms_listen_owner owner;
};

/* Can ADDRESS be listened on: as ms_endpoint_check_listen(), or fd:N, a socket
 * that we inherited? */
enum ms_status ms_doors_check(const char *address, struct ms_error *err);

struct ms_doors *ms_doors_new(void);
/* Close all. */
void ms_doors_free(struct ms_doors *doors);

/*
 * Open those of ADDRESSES, which end with NULL (or are NULL), behind those that
 * there are; or have what OLD (or NULL) has open for the same text.
 *
 * MS_OK
 * other  as ms_doors_check(), ms_listen_open(), or ms_listen_check() of what
 *        we inherited; some may be open
 */
enum ms_status ms_doors_open(struct ms_doors *doors,
    const char *const *addresses, const struct ms_doors *old,
    struct ms_error *err);

/* Remove the unix sockets of ADDRESSES, as above, where nobody listens. */
void ms_doors_remove(const char *const *addresses);

#endif
