#ifndef MS_BIDDING_H
#define MS_BIDDING_H

#include "milter/milter.h"

#include <glib.h>

#include <stddef.h>

/*
 * What the first process of a filter (milter/milterd.h) has the second one do,
 * as datagrams that ms_frame_send() and ms_frame_receive() take. Nothing of it
 * comes from outside.
 */

enum ms_bidding {
	MS_BIDDING_TERMS = 120,	/* go by these */
	MS_BIDDING_LOG,		/* descriptor: for ms_chronicle_take() */
	MS_BIDDING_END		/* when no message is open any more */
};

/* TERMS, but for where messages are spooled, which stays as it was; NULL
 * without MS_BIDDING_TERMS. The caller unrefs it. */
GByteArray *ms_bidding(enum ms_bidding what,
    const struct ms_milter_terms *terms);

/* MS_OK: with MS_BIDDING_TERMS, all of *TERMS but its spool is known, for
 * ms_bidding_clear(). MS_E_PEER: that is none of them. */
enum ms_status ms_bidding_read(const unsigned char *data, size_t size,
    enum ms_bidding *what, struct ms_milter_terms *terms);

/* Of terms that were read; also where nothing was. */
void ms_bidding_clear(struct ms_milter_terms *terms);

#endif
