#ifndef MS_UNDELIVERED_H
#define MS_UNDELIVERED_H

#include "base/error.h"

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A non-delivery report (RFC 3464): what a sender is told if some recipients
 * got his message, and for others it was refused, where whoever brought it can
 * be told one thing for all.
 */

struct ms_undelivered {
	const char *to;		/* who is told: an address */
	const char *host;	/* ours */
	const char *header;	/* of the message, */
	size_t header_size;
	int64_t time;		/* now, seconds since 1970 */
};

/* Not quoted. */
struct ms_undelivered_one {
	const char *recipient;
	const char *reply;	/* "550 5.1.1 Who?" */
};

/* Append the report about COUNT recipients, as ms_notify_build(). */
enum ms_status ms_undelivered(const struct ms_undelivered *about,
    const struct ms_undelivered_one *ones, size_t count, GString *out,
    struct ms_error *err);

#endif
