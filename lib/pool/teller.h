#ifndef MS_TELLER_H
#define MS_TELLER_H

#include "scan/scan.h"

#include <stdbool.h>

/*
 * Facts as frames: a sink for ms_scan() that makes a frame of each fact and
 * hands it on. In a worker it is sent; in process it is kept.
 */

struct ms_teller {
	void (*tell)(void *arg, GByteArray *frame);	/* takes the frame */
	/* Takes a BLOB frame, and the descriptor that goes with it, in any
	 * case; MS_E_IO: but they cannot be handed over now. May be NULL if
	 * nothing is picked. */
	enum ms_status (*hand_over)(void *arg, GByteArray *frame, int fd,
	    struct ms_error *err);
	void *arg;
	uint32_t within;	/* starts as 0; the sink's own */
};

/* The sink whose argument is a struct ms_teller; without PARTS, parts are
 * not listed. */
const struct ms_scan_sink *ms_teller_sink(bool parts);

#endif
