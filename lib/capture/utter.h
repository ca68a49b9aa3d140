#ifndef MS_UTTER_H
#define MS_UTTER_H

#include "base/error.h"
#include "capture/desk.h"
#include "capture/dialogue.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the readers of texts add to a dialogue goes through here: many lines
 * become one write to the stash, and when that is full the dialogue ends, with
 * gaps of both sides, and the desk is told. After that nothing is added any
 * more, and all calls are MS_OK. Failures are the stash's others.
 */
struct ms_utter {
	struct ms_desk *desk;
	struct ms_dialogue *dialogue;
	GString *held;		/* said by SIDE at TIME_US, and not added */
	enum ms_side side;
	int64_t time_us;
	bool full;
};

/* A dialogue that begins at DESK's line. */
void ms_utter_init(struct ms_utter *utter, struct ms_desk *desk);

/* Throw the dialogue away, if it is there. */
void ms_utter_clear(struct ms_utter *utter);

/* As the functions of dialogue.h. */
enum ms_status ms_utter_say(struct ms_utter *utter, enum ms_side side,
    int64_t time_us, const void *data, size_t size, struct ms_error *err);
enum ms_status ms_utter_gap(struct ms_utter *utter, enum ms_side side,
    int64_t time_us, uint64_t size, struct ms_error *err);
enum ms_status ms_utter_end(struct ms_utter *utter, const struct ms_turn *end,
    struct ms_error *err);
enum ms_status ms_utter_note(struct ms_utter *utter, enum ms_side side,
    int64_t time_us, const char *text, struct ms_error *err);
enum ms_status ms_utter_secure(struct ms_utter *utter, int64_t time_us,
    struct ms_error *err);

/* Was there anything yet? */
bool ms_utter_any(const struct ms_utter *utter);

/* It is over: the dialogue is the desk's. */
enum ms_status ms_utter_done(struct ms_utter *utter, struct ms_error *err);

#endif
