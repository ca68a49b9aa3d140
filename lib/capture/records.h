#ifndef MS_RECORDS_H
#define MS_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Goes along what may be records of TLS (RFC 8446, 5.1; RFC 5246, 6.2.3), by
 * nothing but their heads: where is one that cannot be?
 */

struct ms_records {
	uint64_t at;		/* bytes that were fed */
	uint64_t start;		/* of the record that is open, of those */
	unsigned have;		/* bytes of its head */
	uint64_t left;		/* of what the head says */
	bool lost;		/* bytes were: nobody knows where heads are */
};

/* Feed it SIZE bytes more. False: the record at START is none. */
bool ms_records_feed(struct ms_records *records, const void *data,
    size_t size);

/* SIZE bytes are missing here (0: nobody knows how many). */
void ms_records_skip(struct ms_records *records, uint64_t size);

#endif
