#ifndef MS_FLOOR_H
#define MS_FLOOR_H

#include "capture/speech.h"

/*
 * For forms that have one dialogue after the other: the one that is going on,
 * and when the next begins.
 */
struct ms_floor {
	struct ms_desk *desk;
	bool blind;			/* as in ms_speech_new() */
	struct ms_speech *speech;	/* NULL: nothing was said */
	bool speaking;			/* a line was not whole */
};

/* What is going on, or has just begun. */
struct ms_speech *ms_floor_speech(struct ms_floor *floor);

/* Say it, after the end of what was before if it has to be another dialogue.
 * All fail as ms_speech_say() does. */
enum ms_status ms_floor_say(struct ms_floor *floor,
    const struct ms_said *said, struct ms_error *err);

/* A further piece of whatever line it was; forms that leave what it is to
 * this hand it all pieces that are not the first of their line. */
enum ms_status ms_floor_more(struct ms_floor *floor,
    const struct ms_piece *piece, struct ms_error *err);

/* A line that nobody said, unless nothing goes on. */
enum ms_status ms_floor_skip(struct ms_floor *floor, struct ms_error *err);

/* It is over, as ms_speech_done(). */
enum ms_status ms_floor_done(struct ms_floor *floor, const char *cut,
    struct ms_error *err);

#endif
