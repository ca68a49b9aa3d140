#ifndef MS_TARNAMES_H
#define MS_TARNAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The names in the headers of a tar (POSIX.1-1988, ustar) by themselves: what
 * stands before a header may give the member another one (pax, GNU), which not
 * every program looks at.
 */

/*
 * Visit the names of members in the tar of SIZE bytes at DATA, of which those
 * that nothing else names are passed over; behind the blocks that end it, too.
 * Names are on loan. false: there are more than MAX headers, and not all were
 * visited.
 */
bool ms_tarnames(const unsigned char *data, size_t size, uint64_t max,
    void (*visit)(void *arg, const char *name, size_t size), void *arg);

#endif
