#ifndef MS_READER_H
#define MS_READER_H

#include "base/error.h"

#include <stdint.h>

/*
 * The boxed reader: a process that does one thing with one descriptor and
 * writes what comes of it to a pipe.
 */

/* What it works on. */
struct ms_reader_place {
	int in;			/* to be read */
	int tmp;		/* an empty file without a name, for what has
				 * to wait; -1: none */
	int out;		/* the pipe */
	int what;		/* the body's own affair */
};

/* What runs in the box; the descriptors are its own. */
typedef void ms_reader_body(const struct ms_reader_place *place);

/* Private memory that the reader may use, in bytes, and what it may write to
 * its temporary file. */
#define MS_READER_MEMORY (256u << 20)
#define MS_READER_FILE ((uint64_t)16 << 30)

/*
 * Run BODY on duplicates of FROM's descriptors in a process of its own, boxed;
 * "out" is made here.
 *
 * MS_OK    *STREAM is the end of the pipe to read from, for the caller to
 *          close: that ends the reader, too; *PID is to be waited for
 * MS_E_IO  no process or pipe to be had
 */
enum ms_status ms_reader_start(ms_reader_body *body,
    const struct ms_reader_place *from, int *stream, int *pid,
    struct ms_error *err);

#endif
