#ifndef MS_POSTING_H
#define MS_POSTING_H

#include "base/error.h"

#include <glib.h>
#include <stdint.h>

/* Mail of our own (action/notify.h) on its way: given to the local sendmail,
 * with the null sender (RFC 5321, 4.5.5). */

struct ms_posting {
	const char *sendmail;	/* the whole path */
	const char *const *to;	/* NULL-ended; each passed
				 * ms_notify_is_address() */
	int64_t timeout_ms;
};

/*
 * MS_OK      it was taken
 * MS_E_PEER  sendmail did not take it: ERR has what it said
 * MS_E_IO    it cannot be run
 */
enum ms_status ms_posting(const struct ms_posting *posting,
    const GString *mail, struct ms_error *err);

#endif
