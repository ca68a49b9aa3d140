#ifndef MS_REPLIES_H
#define MS_REPLIES_H

#include "base/error.h"
#include "capture/dialogue.h"
#include "smtp/reply.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The replies of the server in a dialogue, one after the other. What is no
 * reply is passed over line by line, as gaps are.
 */

struct ms_replies;

/* DIALOGUE is a loan for the life of the replies. */
struct ms_replies *ms_replies_new(const struct ms_dialogue *dialogue);
void ms_replies_free(struct ms_replies *replies);

/*
 * The next one, which stays it until it is taken.
 *
 * MS_OK    *REPLY is a loan until then
 * MS_END   there are no more
 * MS_E_IO  the dialogue cannot be read
 */
enum ms_status ms_replies_peek(struct ms_replies *replies,
    const struct ms_reply **reply, struct ms_error *err);

/* In which turn it began. */
size_t ms_replies_turn(const struct ms_replies *replies);

void ms_replies_take(struct ms_replies *replies);

/* Was something passed over since this was asked last, so that replies may be
 * missing before the one that is next? */
bool ms_replies_shaken(struct ms_replies *replies);

#endif
