#ifndef NONDELIVERY_H
#define NONDELIVERY_H

#include "door.h"

/*
 * A message of DOOR's went on to some of its recipients, and FAILED, of struct
 * ms_submit_failure, are the others. Whoever called us is told one thing of
 * all, so the sender is told of these here; or the postmaster, if it has none
 * who can be told (RFC 5321, 6.1). MS_OK, or the door's err says why he is not.
 */
enum ms_status nondelivery(struct door *door, const GPtrArray *failed);

#endif
