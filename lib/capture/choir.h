#ifndef MS_CHOIR_H
#define MS_CHOIR_H

#include "capture/speech.h"

/*
 * For logs in which several processes write at once: the dialogues that go
 * on, each under a name. They are few; who starts too many ends them all.
 */

#define MS_CHOIR_MAX 4096

struct ms_choir;

struct ms_choir *ms_choir_new(struct ms_desk *desk);
void ms_choir_free(struct ms_choir *choir);

/* The dialogue of that NAME, or NULL. */
struct ms_speech *ms_choir_find(struct ms_choir *choir, const char *name);

/*
 * A new one, after the end of the one that had that NAME; *SPEECH is on loan
 * until the next call of these. Where there would be too many, all that go on
 * are cut. Fails as ms_speech_done().
 */
enum ms_status ms_choir_start(struct ms_choir *choir, const char *name,
    struct ms_speech **speech, struct ms_error *err);

/* Say a line in the one of that NAME, which is started if there is none, or
 * another has to begin now. */
enum ms_status ms_choir_say(struct ms_choir *choir, const char *name,
    const struct ms_said *said, struct ms_error *err);

/* A further piece of whatever line it was. */
enum ms_status ms_choir_more(struct ms_choir *choir,
    const struct ms_piece *piece, struct ms_error *err);

/* The one of that NAME, if there is one, is over; so are all. */
enum ms_status ms_choir_done(struct ms_choir *choir, const char *name,
    struct ms_error *err);
enum ms_status ms_choir_all_done(struct ms_choir *choir, const char *cut,
    struct ms_error *err);

#endif
