#ifndef MS_DOORS_H
#define MS_DOORS_H

#include "base/error.h"

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
	bool transparent;	/* net/listen.h; for those opened from now on */
};

struct ms_doors *ms_doors_new(void);
/* Close all. */
void ms_doors_free(struct ms_doors *doors);

/*
 * Open those of ADDRESSES, which end with NULL (or are NULL), behind those that
 * there are; or have what OLD (or NULL) has open for the same text.
 *
 * MS_OK
 * other  as ms_listen_open(), or ms_listen_check() where the address is fd:N, a
 *        socket that we inherited; some may be open
 */
enum ms_status ms_doors_open(struct ms_doors *doors,
    const char *const *addresses, const struct ms_doors *old,
    struct ms_error *err);

/* Remove the unix sockets of ADDRESSES, as above, where nobody listens. */
void ms_doors_remove(const char *const *addresses);

#endif
