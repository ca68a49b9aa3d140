#ifndef MS_SCRIPT_H
#define MS_SCRIPT_H

#include "base/error.h"
#include "capture/dialogue.h"

#include <stddef.h>
#include <stdint.h>

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

/*
 * One dialogue while it is being held, the only one of its file. What is said
 * is handed to PUT when there is much of it, and at the end. Failures of all
 * of these are those of PUT; after one there is nothing but to close it.
 */
struct ms_script;

/* CLIENT and SERVER as struct ms_dialogue has them. */
struct ms_script *ms_script_open(const char *client, const char *server,
    ms_script_put *put, void *arg);

/* Times that are less apart than that, while the same side goes on, are one. */
#define MS_SCRIPT_TICK_US INT64_C(100000)

enum ms_status ms_script_say(struct ms_script *script, enum ms_side side,
    int64_t time_us, const void *data, size_t size, struct ms_error *err);
enum ms_status ms_script_secure(struct ms_script *script, int64_t time_us,
    struct ms_error *err);
enum ms_status ms_script_end(struct ms_script *script, enum ms_side side,
    int64_t time_us, struct ms_error *err);

/* That was all; frees it in any case. */
enum ms_status ms_script_close(struct ms_script *script,
    struct ms_error *err);

#endif
