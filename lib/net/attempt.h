#ifndef MS_ATTEMPT_H
#define MS_ATTEMPT_H

#include "net/endpoint.h"
#include "net/loop.h"

#include <stddef.h>
#include <stdint.h>

/* To connect to one after the other of several addresses until one answers,
 * for net/talk. */

struct ms_attempt;

/* FD is connected to PEER, does not block, and is the callee's; or it is -1,
 * and WHY (on loan) says what the last one said, LATE that it said nothing.
 * The attempt is over then, and may be freed. */
typedef void ms_attempt_done(void *arg, int fd,
    const struct ms_endpoint *peer, bool late, const char *why);

/* COUNT addresses of LIST, which are copied, MS milliseconds for each (0:
 * 30 seconds). DONE is called from the loop. For ms_attempt_free(), which may
 * come before. */
struct ms_attempt *ms_attempt_new(struct ms_loop *loop,
    const struct ms_endpoint *list, size_t count, int64_t ms,
    ms_attempt_done *done, void *arg);
void ms_attempt_free(struct ms_attempt *attempt);

#endif
