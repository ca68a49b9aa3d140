#ifndef MS_TURNS_H
#define MS_TURNS_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * How many threads do something at once: the others wait for their turn, in
 * the order in which they came.
 */

struct ms_turns;

struct ms_turns *ms_turns_new(void);
void ms_turns_free(struct ms_turns *turns);

struct ms_turns_wish {
	unsigned at_once;	/* 0: any number */
	int64_t wait_ms;	/* for a turn, at most; 0: it is there or not */
	/* Called each idle_ms while waiting, unless it is NULL: false means
	 * that nobody wants the turn any more. */
	bool (*idle)(void *arg);
	void *arg;
	int64_t idle_ms;
	bool anyway;		/* after that time there is one, too many or
				 * not */
};

/*
 * MS_OK       it is ours, until ms_turns_give()
 * MS_E_LIMIT  there was none in that time
 * MS_END      IDLE said so
 */
enum ms_status ms_turns_take(struct ms_turns *turns,
    const struct ms_turns_wish *wish);
void ms_turns_give(struct ms_turns *turns);

#endif
