#ifndef MS_HEADLINES_H
#define MS_HEADLINES_H

#include <stddef.h>

/*
 * The fields of a header (RFC 5322, 2.2), one after the other, unfolded and
 * with their encoded words decoded (RFC 2047): all of them, also those that
 * are there twice.
 */

/* One field; both are loans until it returns. VALUE is in UTF-8, without the
 * blanks around it. */
typedef void ms_headlines_visit(void *arg, const char *name,
    const char *value);

/* Visit the fields at the start of the message of SIZE bytes at DATA, as far
 * as headers are read (message/head.h). Lines that are no field and belong to
 * none are passed over. */
void ms_headlines(const unsigned char *data, size_t size,
    ms_headlines_visit *visit, void *arg);

#endif
