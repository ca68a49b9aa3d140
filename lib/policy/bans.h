#ifndef MS_BANS_H
#define MS_BANS_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Clients that are not listened to for a while, because they sent something
 * infected: the state of block-client-time. Who is never put here is
 * policy/policy's to say. Each try while it is banned begins the time again, as
 * with the classic milter. The fronts of a service and its master each have
 * such a table, in which is the same. Of IPv6 it is a network of 64 bits that
 * is known, all of which one sender has (RFC 4291, 2.5.4), with an address for
 * each message if he wants.
 */

struct ms_bans;

/* Most clients of which it is known; the one whose time is over first goes
 * for a new one. */
#define MS_BANS_MAX 100000

/* For TIME_MS each (0: nobody is banned), which may change: of those that are
 * there, too. */
struct ms_bans *ms_bans_new(int64_t time_ms);
void ms_bans_free(struct ms_bans *bans);
void ms_bans_set_time(struct ms_bans *bans, int64_t time_ms);
/* Can anybody be? NULL: no. */
bool ms_bans_are_on(const struct ms_bans *bans);

/* From now on TOLD gets a line of text when somebody is banned, and, now and
 * then, that the time has begun again, for others that keep the same: they
 * _learn() it. */
typedef void ms_bans_told(void *arg, const char *text);
void ms_bans_tell(struct ms_bans *bans, ms_bans_told *told, void *arg);

/* As if it had been added here, but nobody is told. MS_E_PEER: TEXT is nothing
 * of the kind. */
enum ms_status ms_bans_learn(struct ms_bans *bans, const char *text,
    int64_t now_ms);

/* CLIENT, an address, sent something infected now. */
void ms_bans_add(struct ms_bans *bans, const char *client, int64_t now_ms);

/* Is it banned? Then its time begins again. */
bool ms_bans_has(struct ms_bans *bans, const char *client, int64_t now_ms);

/* The reply for it, "550 5.7.1 ...", for g_free(). */
char *ms_bans_reply(const char *client);

/* How many there are, of which some may be over. */
unsigned ms_bans_count(const struct ms_bans *bans);

#endif
