#ifndef MS_RARDIR_H
#define MS_RARDIR_H

#include <stddef.h>

/* What the headers of a RAR 5 archive say of its members without being taken
 * apart (RAR 5.0 archive format, www.rarlab.com/technote.htm). */

/* Call SEALED with the name of each encrypted member, on loan, of the archive
 * of SIZE bytes at DATA. Headers that are encrypted themselves, or damaged,
 * end the walk. */
void ms_rardir_sealed(const unsigned char *data, size_t size,
    void (*sealed)(void *arg, const char *name), void *arg);

#endif
