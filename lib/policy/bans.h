#ifndef MS_BANS_H
#define MS_BANS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Clients that are not listened to for a while, because they sent something
 * infected: the state of block-client-time. Who is never put here is
 * policy/policy's to say. Each try while it is banned begins the time again, as
 * with the classic milter.
 */

struct ms_bans;

/* Most clients of which it is known; the one whose time is over first goes
 * for a new one. */
#define MS_BANS_MAX 100000

/* For TIME_MS each. */
struct ms_bans *ms_bans_new(int64_t time_ms);
void ms_bans_free(struct ms_bans *bans);

/* CLIENT, an address, sent something infected now. */
void ms_bans_add(struct ms_bans *bans, const char *client, int64_t now_ms);

/* Is it banned? Then its time begins again. */
bool ms_bans_has(struct ms_bans *bans, const char *client, int64_t now_ms);

/* The reply for it, "550 5.7.1 ...", for g_free(). */
char *ms_bans_reply(const char *client);

/* How many there are, of which some may be over. */
unsigned ms_bans_count(const struct ms_bans *bans);

#endif
