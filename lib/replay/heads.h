#ifndef MS_HEADS_H
#define MS_HEADS_H

#include "message/envelope.h"

#include <stddef.h>

/*
 * An envelope out of the header of a message, where nobody wrote one down:
 * X-Envelope-From and X-Envelope-To, Return-Path and Delivered-To (or
 * X-Original-To), and else From (or Sender), To, Cc and Bcc.
 */

/* Most recipients that are taken of one header. */
#define MS_HEADS_RECIPIENTS_MAX 1000

/*
 * Read the SIZE bytes at DATA, a header. A sender and recipients that ENVELOPE
 * has stay; what is found in addition is added to it: nothing that could not
 * stand in an envelope.
 */
void ms_heads(const unsigned char *data, size_t size,
    struct ms_envelope *envelope);

#endif
