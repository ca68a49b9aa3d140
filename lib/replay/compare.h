#ifndef MS_COMPARE_H
#define MS_COMPARE_H

#include "replay/role.h"
#include "smtp/reply.h"

/*
 * Is a reply the one that was recorded? The text of a reply holds names, queue
 * ids and dates, and the one to EHLO what is offered today: none of that is
 * compared unless all of it is to be.
 */

enum ms_expect {
	MS_EXPECT_CODES,	/* the three digits */
	MS_EXPECT_ENHANCED,	/* and the enhanced status code (RFC 3463) */
	MS_EXPECT_EXACT,	/* every byte */
	MS_EXPECT_NONE
};

/* Of a made role only the first digit of the code counts, unless EXPECT is
 * MS_EXPECT_NONE. */
bool ms_compare(enum ms_expect expect, const struct ms_recorded *recorded,
    bool made, const struct ms_reply *reply);

#endif
