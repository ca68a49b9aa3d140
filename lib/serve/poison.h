#ifndef MS_POISON_H
#define MS_POISON_H

#include "base/error.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Messages over which workers die: how often each did it, by its digest, and
 * whether so many die at all that something is wrong. The fronts of a service
 * and its master each have such a table, in which is the same. Bounded, and
 * without a clock: NOW_MS is that of ms_clock_ms().
 */

/* A message that has ended so many workers is not tried again. */
#define MS_POISON_DEATHS 3

/* More deaths in a minute are an alarm, if no message was scanned well between
 * them: otherwise it is the messages, of which anybody can send some, and not
 * the scanner. */
#define MS_POISON_MINUTE_MAX 10

/* So often during an alarm somebody may try whether it still holds. */
#define MS_POISON_TRIAL_MS 5000

/* Messages that are known; of more, those are forgotten that did nothing for
 * the longest time. And all are after so long. */
#define MS_POISON_MESSAGES_MAX 4096
#define MS_POISON_MEMORY_MS ((int64_t)7 * 86400 * 1000)

struct ms_poison;

struct ms_poison *ms_poison_new(void);
void ms_poison_free(struct ms_poison *poison);

/* DEATHS more workers, at least one, died over the message SHA256. How many it
 * was in all is returned. */
unsigned ms_poison_add(struct ms_poison *poison,
    const struct ms_digest *sha256, unsigned deaths, int64_t now_ms);

/* It took too long to be examined: that counts as a death of the message's,
 * and not for alarms; but only if a message was scanned well since the last
 * time, or else it is not the message: 0. */
unsigned ms_poison_late(struct ms_poison *poison,
    const struct ms_digest *sha256, int64_t now_ms);

/* From now on TOLD gets a line of text for each of them, for others that count
 * the same: they _learn() it. */
typedef void ms_poison_told(void *arg, const char *text);
void ms_poison_tell(struct ms_poison *poison, ms_poison_told *told, void *arg);

/* As if it had been added here, but nobody is told. MS_E_PEER: TEXT is nothing
 * of the kind. */
enum ms_status ms_poison_learn(struct ms_poison *poison, const char *text,
    int64_t now_ms);

/* A message was scanned, and nobody died. */
void ms_poison_well(struct ms_poison *poison);

/* Did more than MS_POISON_MINUTE_MAX workers die in the minute before, and
 * nothing went well since? */
bool ms_poison_alarm(const struct ms_poison *poison, int64_t now_ms);

/* During an alarm: may one more client come in, who could end it? */
bool ms_poison_try(struct ms_poison *poison, int64_t now_ms);

#endif
