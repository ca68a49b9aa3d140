#ifndef MS_READER_H
#define MS_READER_H

#include "base/error.h"

/*
 * The boxed reader: a process that does one thing with one descriptor and
 * writes what comes of it to a pipe.
 */

/* What runs in the box; both descriptors are its own. */
typedef void ms_reader_body(int in, int out);

/* Private memory that the reader may use, in bytes. */
#define MS_READER_MEMORY (256u << 20)

/*
 * Run BODY on a duplicate of FD in a process of its own, boxed.
 *
 * MS_OK    *STREAM is the end of the pipe to read from, for the caller to
 *          close: that ends the reader, too; *PID is to be waited for
 * MS_E_IO  no process or pipe to be had
 */
enum ms_status ms_reader_start(ms_reader_body *body, int fd, int *stream,
    int *pid, struct ms_error *err);

#endif
