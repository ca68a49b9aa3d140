#ifndef MS_BATCH_H
#define MS_BATCH_H

#include "capture/form.h"

/*
 * One side alone, as bytes. A batch (RFC 2442) is commands and mail in a
 * file; lines that end in LF were meant to end in CRLF. If its first line
 * ends in CRLF, it is taken as it is. A stream is what one side of one
 * connection sent, always as it is.
 */
extern const struct ms_form ms_batch;
extern const struct ms_form ms_batch_stream;

#endif
