#ifndef MS_RELAY_H
#define MS_RELAY_H

#include "capture/capture.h"

/*
 * The boxed half of reading dialogues: parse a capture, send what was said in
 * it down a pipe, as records (parley.h).
 */

/* Memory for the bytes of connections that are open at the same time, and
 * bytes of the temporary file for what is more. */
#define MS_RELAY_MEMORY ((size_t)64 << 20)
#define MS_RELAY_FILE ((uint64_t)16 << 30)

/* Read the capture IN to its end, with the empty file TMP (-1: none) for what
 * waits for the end of its connection, and write records to OUT. What goes
 * wrong is a record, too. */
void ms_relay_run(int in, int tmp, int out, enum ms_capture_format format);

#endif
