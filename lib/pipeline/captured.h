#ifndef MS_CAPTURED_H
#define MS_CAPTURED_H

#include "base/error.h"
#include "capture/capture.h"
#include "capture/dialogue.h"

/*
 * The dialogues in a capture, for whoever plays, lists or converts them. A
 * boxed process parses it, one dialogue at a time arrives here, and is kept in
 * memory while it is small, else in a temporary file.
 */

struct ms_captured;

/*
 * Open PATH ("-": standard input), a regular file or a symbolic link to one,
 * as FORMAT, which can be AUTO. TEMPDIR is for temporary files.
 *
 * MS_OK              *CAPTURED is for ms_captured_free()
 * MS_E_FORMAT        no capture that is known, or not of this format
 * MS_E_UNSUPPORTED   nothing here reads this format
 * MS_E_IO, MS_E_PEER cannot be read, no temporary file, no process
 */
enum ms_status ms_captured_open(const char *path,
    enum ms_capture_format format, const char *tempdir,
    struct ms_captured **captured, struct ms_error *err);

/* All its dialogues were freed before. */
void ms_captured_free(struct ms_captured *captured);

/* What it was found to be: never AUTO or NONE. */
enum ms_capture_format ms_captured_format(const struct ms_captured *captured);

/*
 * The next dialogue.
 *
 * MS_OK        *DIALOGUE is the caller's to free; many may be kept
 * MS_END       there are no more; also after any failure
 * MS_E_FORMAT  damaged: ERR says where. All before it were given
 * MS_E_LIMIT   temporary storage is full, or a small capture unpacks to far
 *              too much
 * MS_E_PEER    the reader died, or does not answer
 * MS_E_IO      cannot be read, or temporary storage failed
 */
enum ms_status ms_captured_next(struct ms_captured *captured,
    struct ms_dialogue **dialogue, struct ms_error *err);

#endif
