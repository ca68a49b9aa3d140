#ifndef MS_STRETCHES_H
#define MS_STRETCHES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A text of any size in stretches that an expression can be looked for in, one
 * after the other, so that somebody can look at the clock in between: each
 * has some of the one before it in front, and what is not longer than
 * MS_STRETCHES_OVERLAP stands whole in one of them.
 */

#define MS_STRETCHES_OVERLAP ((size_t)8 << 10)

/* SIZE bytes at DATA, a loan: before FROM there is nothing that has not been
 * searched; MORE follow. False: that is enough. */
typedef bool ms_stretches_visit(void *arg, const char *data, size_t size,
    size_t from, bool more);

/* Visit the SIZE bytes at DATA: as they are if CHARSET is NULL; else in valid
 * UTF-8, from CHARSET, or from what they look like if there is no such
 * charset. Unless HOW is 0, as people see them (scan/seen.h). False: somebody
 * had enough. */
bool ms_stretches(const unsigned char *data, size_t size,
    const char *charset, unsigned how, ms_stretches_visit *visit,
    void *arg);

#endif
