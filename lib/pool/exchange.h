#ifndef MS_EXCHANGE_H
#define MS_EXCHANGE_H

#include "base/error.h"

#include <glib.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One command to clamd and its answer, on a connection of its own; nothing
 * waits, so that one process has many. Whoever has it asks what to poll for,
 * and says when there is something, or when time has passed.
 */

enum ms_exchange_command {
	MS_EXCHANGE_VERSION,
	MS_EXCHANGE_FILDES,	/* the content as a descriptor: unix only */
	MS_EXCHANGE_INSTREAM	/* its bytes */
};

struct ms_exchange_task {
	enum ms_exchange_command command;
	int fd;			/* the content, on loan: SIZE bytes that nobody
				 * can change; or -1 */
	uint64_t size;
	int64_t connected_ms;	/* deadlines, on base/clock's clock: of the */
	int64_t answered_ms;	/* connection, and of the answer */
};

enum ms_exchange_state {
	MS_EXCHANGE_GOING,
	MS_EXCHANGE_ANSWERED,
	MS_EXCHANGE_UNREACHABLE,	/* nobody has seen the content */
	MS_EXCHANGE_LOST	/* somebody may have, but says nothing */
};

struct ms_exchange;

/* ADDRESSES, of struct ms_endpoint, are tried one after the other; they and
 * TASK are copied. */
struct ms_exchange *ms_exchange_new(const struct ms_exchange_task *task,
    const GArray *addresses);
void ms_exchange_free(struct ms_exchange *exchange);

/* What to poll for, and when to go on in any case. */
struct pollfd ms_exchange_poll(const struct ms_exchange *exchange);
int64_t ms_exchange_wake_ms(const struct ms_exchange *exchange);

/* Go on as far as that is possible; if it is over without an answer, ERR says
 * why. */
enum ms_exchange_state ms_exchange_go(struct ms_exchange *exchange,
    int64_t now_ms, struct ms_error *err);

/* The answer without the NUL byte at its end: a loan. */
const unsigned char *ms_exchange_answer(const struct ms_exchange *exchange,
    size_t *size);

#endif
