#ifndef MS_HANDOUT_H
#define MS_HANDOUT_H

#include "base/error.h"
#include "capture/hearing.h"
#include "smtp/session.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What capture/hearing hands out, one thing after the other, each with what
 * is known of it at its end: an envelope, the reply, and why it is incomplete.
 */

struct ms_handout;

/* All three are loans for the life of the handout. */
struct ms_handout *ms_handout_new(const struct ms_dialogue *dialogue,
    const struct ms_hearing_ops *ops, void *arg);
void ms_handout_free(struct ms_handout *handout);

/* Who the client said it is: for sessions that do not know it any more. NULL
 * changes nothing. */
void ms_handout_helo(struct ms_handout *handout, const char *helo);

/*
 * Something of KIND begins, if nothing is open. These fail as the functions of
 * OPS do, and with nothing else. Bytes may be none; they are what ARG of
 * ms_stray_bytes() is a handout for, too.
 */
enum ms_status ms_handout_begin(struct ms_handout *handout,
    enum ms_hearing_kind kind, int64_t time_us, struct ms_error *err);
enum ms_status ms_handout_bytes(void *handout, const void *data, size_t size,
    struct ms_error *err);

bool ms_handout_is_open(const struct ms_handout *handout);

/* Of what is open: it is incomplete, WHY is copied unless there is a reason
 * already; its DATA was refused with REPLY, which is taken over and better
 * than one that comes at its end; a recipient at PLACE in the session gets it
 * not, with REPLY, taken over. Of a message the second may be said before it
 * begins. */
void ms_handout_lacks(struct ms_handout *handout, const char *why);
void ms_handout_refused(struct ms_handout *handout, char *reply);
void ms_handout_late(struct ms_handout *handout, unsigned place, char *reply);

/* What is open is over; nothing is: MS_OK. REPLY: to it, or NULL. WHY: it is
 * not complete, unless there is a better reason. */
enum ms_status ms_handout_end(struct ms_handout *handout,
    const struct ms_session *session, const char *reply, const char *why,
    struct ms_error *err);

#endif
