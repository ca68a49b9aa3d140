#ifndef MS_ANSWER_H
#define MS_ANSWER_H

#include "policy/decide.h"

/*
 * What a server says to a client about a message that was decided about: the
 * reply to its end, with what was found. For all doors, so that a message gets
 * one answer at each.
 */

/* For ms_proxy_decide(): "550 5.7.1 Message refused: NAME", for g_free(); NULL
 * if the message goes on, and others are to answer. */
char *ms_answer(const struct ms_decision *decision);

#endif
