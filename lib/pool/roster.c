#include "pool/roster.h"

#include <glib.h>

/* How long a server is left alone after its first failure, and at most. */
#define ALONE_MS 500
#define ALONE_MAX_MS 30000

struct server {
	bool down;
	int64_t since_ms;	/* down since then */
	int64_t alone_ms;	/* how long it is left alone, */
	int64_t until_ms;	/* and until when */
};

struct ms_roster {
	unsigned count;
	unsigned turn;		/* whose it is */
	int64_t patience_ms;
	struct server servers[MS_ROSTER_MAX];
};

struct ms_roster *
ms_roster_new(unsigned count, int64_t patience_ms)
{
	struct ms_roster *roster = g_new0(struct ms_roster, 1);

	roster->count = MIN(count, MS_ROSTER_MAX);
	roster->patience_ms = patience_ms;
	return roster;
}

void
ms_roster_free(struct ms_roster *roster)
{
	g_free(roster);
}

/* Is A, which is down, to be asked before B? */
static bool
is_sooner(const struct ms_roster *roster, unsigned a, int b)
{
	return b < 0 ||
	    roster->servers[a].until_ms < roster->servers[b].until_ms;
}

int
ms_roster_pick(struct ms_roster *roster, uint32_t tried, int64_t now_ms)
{
	int last = -1;

	for (unsigned i = 0; i < roster->count; i++) {
		const unsigned k = (roster->turn + i) % roster->count;
		const struct server *server = &roster->servers[k];

		if (tried & (1u << k))
			continue;
		if (!server->down || server->until_ms <= now_ms) {
			roster->turn = (k + 1) % roster->count;
			return (int)k;
		}
		if (is_sooner(roster, k, last))
			last = (int)k;
	}
	return ms_roster_is_hopeless(roster, now_ms) ? -1 : last;
}

void
ms_roster_good(struct ms_roster *roster, int server)
{
	roster->servers[server] = (struct server){ .down = false };
}

void
ms_roster_bad(struct ms_roster *roster, int server, int64_t now_ms)
{
	struct server *s = &roster->servers[server];

	if (!s->down)
		*s = (struct server){ .down = true, .since_ms = now_ms };
	/* Failures of several who asked at once are one. */
	if (s->until_ms > now_ms)
		return;
	s->alone_ms = CLAMP(s->alone_ms * 2, ALONE_MS, ALONE_MAX_MS);
	s->until_ms = now_ms + s->alone_ms;
}

bool
ms_roster_is_hopeless(const struct ms_roster *roster, int64_t now_ms)
{
	for (unsigned i = 0; i < roster->count; i++) {
		const struct server *server = &roster->servers[i];

		if (!server->down ||
		    now_ms - server->since_ms < roster->patience_ms)
			return false;
	}
	return true;
}
