#ifndef MS_BOUNDARY_H
#define MS_BOUNDARY_H

#include <stddef.h>
#include <stdint.h>

/*
 * How many bytes of the message at DATA hold at most MAX_PARTS parts, judged
 * before any parsing by the lines that are a boundary (RFC 2046, 5.1.1)
 * declared anywhere in it. GMime has no limit of its own, and an empty part
 * of 7 bytes costs it 1.4 kB. Lines that only look like boundaries (a diff,
 * a signature) do not count, unless a boundary is declared in a way that
 * parsers may read differently (folds, comments, pieces of RFC 2231, quoted
 * pairs, encoded words): then the lines that are there most often are taken
 * for it. Linear in SIZE.
 */
size_t ms_boundary_prefix(const unsigned char *data, size_t size,
    uint64_t max_parts);

#endif
