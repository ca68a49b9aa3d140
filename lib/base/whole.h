#ifndef MS_WHOLE_H
#define MS_WHOLE_H

#include "base/error.h"

#include <stdio.h>

/*
 * A file that is there whole or not at all: written under a name that nobody
 * looks for, ".NAME.mailscan-XXXXXX" in the same directory, and then given its
 * own, in place of what had it. Whoever reads it meanwhile has the old one. A
 * killed process leaves such a file, and nothing else.
 *
 * What is no regular file (a device, a pipe) is written as it is, and so is a
 * file in a directory in which no other can be made.
 */
struct ms_whole;

/*
 * Begin to write PATH; a symbolic link is followed. The new file has the mode
 * of the old one, or what the umask makes of 0666.
 *
 * MS_OK    *WHOLE is for ms_whole_commit() or ms_whole_discard()
 * MS_E_IO  it cannot be written
 */
enum ms_status ms_whole_open(const char *path, struct ms_whole **whole,
    struct ms_error *err);

/* A loan, to be written to and not closed. */
FILE *ms_whole_stream(const struct ms_whole *whole);

/* All is written: have it on disk, then under its name. MS_E_IO: there is what
 * was there before. WHOLE is freed. */
enum ms_status ms_whole_commit(struct ms_whole *whole, struct ms_error *err);

/* Never mind; NULL is fine. WHOLE is freed. */
void ms_whole_discard(struct ms_whole *whole);

#endif
