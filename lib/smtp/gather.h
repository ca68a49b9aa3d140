#ifndef MS_GATHER_H
#define MS_GATHER_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Lines of a client, from bytes in pieces of any size: LF ends a line, and CR
 * LF ends one as it should. For smtp/session.
 */

enum ms_line_flaw {
	MS_LINE_LONG = 1 << 0,	/* over the limit: what is told is its
				 * beginning, the rest is left out */
	MS_LINE_NUL = 1 << 1,
	MS_LINE_BARE_CR = 1 << 2,	/* in it or doubled before its end */
	MS_LINE_BARE_LF = 1 << 3	/* no CR before its end */
};

struct ms_gather {
	GString *line;		/* as far as it is here */
	uint64_t offset;	/* of the line that was given last, or is to be
				 * given */
	size_t size;		/* of it, with its end */
	const unsigned char *data;	/* without: valid until the next call,
					 * in what was fed or in LINE */
	size_t data_size;
	unsigned flaws;		/* bits of enum ms_line_flaw */
	/* for its own use */
	bool drop;		/* the rest of the line is left out */
	bool told;		/* LINE was given */
};

void ms_gather_init(struct ms_gather *gather);
void ms_gather_clear(struct ms_gather *gather);

/*
 * Take up to SIZE bytes, which are at OFFSET of all; *USED of them were taken.
 * A line may have MOST bytes with its end: of one with more, the first MOST
 * are given as soon as there is another.
 *
 * MS_OK   a line: see GATHER
 * MS_END  all were taken, and it has no end yet
 */
enum ms_status ms_gather_feed(struct ms_gather *gather, const void *data,
    size_t size, size_t most, uint64_t offset, size_t *used);

/* Bytes were lost: what is left of a line that has begun is left out. */
void ms_gather_skip(struct ms_gather *gather);

/* Nothing has begun. */
void ms_gather_reset(struct ms_gather *gather);

#endif
