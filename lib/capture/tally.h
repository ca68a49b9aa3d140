#ifndef MS_TALLY_H
#define MS_TALLY_H

#include "capture/dialogue.h"

/* What a dialogue has, in numbers. */

struct ms_tally {
	uint64_t bytes[MS_SIDES];
	int64_t first_us, last_us;	/* times of turns; -1: none has one */
	uint64_t gaps;
	uint64_t missing;	/* bytes in them, as far as that is known */
	uint64_t messages;	/* that can be heard in it, whole or cut */
	bool tls;		/* it begins, at least */
	bool reset;		/* a side broke it off */
	bool ended;		/* both sides ended it, or one broke it off */
};

/* MS_E_IO: DIALOGUE cannot be read. */
enum ms_status ms_tally(const struct ms_dialogue *dialogue,
    struct ms_tally *tally, struct ms_error *err);

#endif
