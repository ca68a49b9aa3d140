#ifndef MS_SCRIPT_H
#define MS_SCRIPT_H

#include "base/error.h"
#include "capture/dialogue.h"

#include <stddef.h>

/*
 * Dialogues as text of our own form, mailscan-transcript(5): for people to
 * read and edit, and no byte, time or gap of the dialogue is lost.
 * MS_TRANSCRIPT_SCRIPT of transcript.h reads it.
 */

/* Take SIZE bytes of the text. */
typedef enum ms_status ms_script_put(void *arg, const void *data, size_t size,
    struct ms_error *err);

/* The line with which a file begins, before the first dialogue. */
enum ms_status ms_script_begin(ms_script_put *put, void *arg,
    struct ms_error *err);

/* One dialogue. Fails as PUT does, or as the dialogue's bytes cannot be
 * read. */
enum ms_status ms_script_write(const struct ms_dialogue *dialogue,
    ms_script_put *put, void *arg, struct ms_error *err);

#endif
