#ifndef MS_DESK_H
#define MS_DESK_H

#include "base/error.h"
#include "capture/dialogue.h"

#include <glib.h>
#include <stdint.h>

/*
 * What the readers of all text forms share: the line that is being read, the
 * dialogues that are finished, and what was not understood.
 */

struct ms_desk;

/* STASH outlives the desk and what is taken from it. */
struct ms_desk *ms_desk_new(struct ms_stash *stash);
void ms_desk_free(struct ms_desk *desk);

/* Line NUMBER is read now. */
void ms_desk_at(struct ms_desk *desk, uint64_t number);
uint64_t ms_desk_line(const struct ms_desk *desk);

/* A new dialogue that begins at this line. */
struct ms_dialogue *ms_desk_begin(struct ms_desk *desk);

/* DIALOGUE is whole, and the desk's now; one without any turn is freed. */
void ms_desk_finish(struct ms_desk *desk, struct ms_dialogue *dialogue);

/* The next that is finished, the caller's to free; NULL: none. */
struct ms_dialogue *ms_desk_take(struct ms_desk *desk);

/* The line that is read now was not understood. Of many complaints the first
 * is kept, the others are counted. */
void ms_desk_complain(struct ms_desk *desk, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

/* The same, where nothing is wrong with the line, but the stash is full. */
void ms_desk_full(struct ms_desk *desk, const char *why);

/* MS_OK: no complaints. MS_E_FORMAT: there were, and are in ERR; they are
 * forgotten then. MS_E_LIMIT: the stash was full at some time. */
enum ms_status ms_desk_verdict(struct ms_desk *desk, struct ms_error *err);

#endif
