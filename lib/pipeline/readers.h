#ifndef MS_READERS_H
#define MS_READERS_H

#include "base/error.h"

/*
 * The boxed processes that read archives of mail: one at a time, and each is
 * ended and waited for before the next one starts.
 */

struct ms_readers;

struct ms_readers *ms_readers_new(void);

/* Ends the one that runs. */
void ms_readers_free(struct ms_readers *readers);

/* Start one for the archive in FD; *STREAM is what comes out, for the caller
 * to close. Fails as ms_reader_start() does. */
enum ms_status ms_readers_start(struct ms_readers *readers, int fd,
    int *stream, struct ms_error *err);

#endif
