#ifndef MS_DEPARTURE_H
#define MS_DEPARTURE_H

#include "base/spool.h"
#include "pool/counter.h"

/*
 * A message as it goes on from a door that hands it to others itself: what has
 * taken its place, if anything has, with its header edited as the ruling says.
 * Lines that are added end as those that are there do.
 */

struct ms_departure {
	const struct ms_counter_reply *reply;	/* its ruling lets it go on */
	int fd;			/* the message, from its start */
	uint64_t size;
	const char *trace;	/* a field that stands above all others, with
				 * "\n" at the end of each line; NULL: none */
};

/* Append it to OUT. MS_E_IO: it cannot be read, or there is no space. */
enum ms_status ms_departure(const struct ms_departure *departure,
    struct ms_spool *out, struct ms_error *err);

#endif
