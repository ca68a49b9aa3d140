#ifndef MS_ROSTER_H
#define MS_ROSTER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Which of several servers to ask. All that answer get their turns; one that
 * fails is left alone for a while, twice as long each time, unless there is
 * nobody else. Times are those of base/clock's ms_clock_ms(), and are given:
 * nothing here waits.
 */

#define MS_ROSTER_MAX 32	/* servers */

struct ms_roster;

/* COUNT servers, of which none has failed. PATIENCE_MS: how long after all of
 * them went down there is hope that one comes back. */
struct ms_roster *ms_roster_new(unsigned count, int64_t patience_ms);
void ms_roster_free(struct ms_roster *roster);

/* The server to ask now, but none of those whose bits are set in TRIED; -1:
 * there is none, or none that it would be worth while to ask. */
int ms_roster_pick(struct ms_roster *roster, uint32_t tried, int64_t now_ms);

/* SERVER has answered, or has not. */
void ms_roster_good(struct ms_roster *roster, int server);
void ms_roster_bad(struct ms_roster *roster, int server, int64_t now_ms);

/* Have all been down for so long that nobody should wait for them? */
bool ms_roster_is_hopeless(const struct ms_roster *roster, int64_t now_ms);

#endif
