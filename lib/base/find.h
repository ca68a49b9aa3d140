#ifndef MS_FIND_H
#define MS_FIND_H

#include <stddef.h>

/*
 * The first place in the SIZE bytes at DATA where the LENGTH bytes of WHAT
 * are, 2 to 16 of them, or NULL. memmem() for short and fixed words, at
 * several times its speed: every byte of mail is searched for some of them.
 */
const unsigned char *ms_find(const unsigned char *data, size_t size,
    const char *what, size_t length);

#endif
