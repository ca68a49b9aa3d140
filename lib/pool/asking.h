#ifndef MS_ASKING_H
#define MS_ASKING_H

#include "base/error.h"
#include "engine/engine.h"
#include "pool/exchange.h"
#include "pool/roster.h"

#include <glib.h>

#include <stdbool.h>
#include <stdint.h>

/*
 * How one content gets its answer from several servers: which is asked, by
 * which command, and what comes after a failure. Nothing waits here; see
 * pool/exchange.h.
 */

/* The servers, as the broker's process has them. */
struct ms_asking_server {
	const char *text;	/* the address as it was given, */
	char *address;		/* and as net/endpoint.h has it */
	GArray *addresses;	/* of struct ms_endpoint; NULL: look it up */
	int64_t looked_up_ms;	/* when that was last done; 0: never */
	bool is_unix;
	bool streams;		/* takes no descriptors: it gets the bytes */
};

struct ms_asking_servers {
	unsigned count;
	struct ms_asking_server servers[MS_ROSTER_MAX];
	struct ms_roster *roster;
	struct ms_error why;	/* what the latest failure was */
};

/* SERVERS as in struct ms_broker_config. MS_E_USAGE: ERR says what is no
 * address. */
enum ms_status ms_asking_servers(const char *const *servers,
    int64_t patience_ms, struct ms_asking_servers **list,
    struct ms_error *err);
void ms_asking_servers_free(struct ms_asking_servers *list);

/* The exchange for TASK with server NUMBER, whose address is looked up if
 * that has to be. MS_E_PEER: that is no use now. */
enum ms_status ms_asking_reach(struct ms_asking_servers *list, int number,
    const struct ms_exchange_task *task, struct ms_exchange **exchange,
    struct ms_error *err);

struct ms_asking;

/* Ask about the SIZE bytes in FD, which is the callee's, until DEADLINE_MS. */
struct ms_asking *ms_asking_new(struct ms_asking_servers *list, int fd,
    uint64_t size, int64_t deadline_ms);
void ms_asking_free(struct ms_asking *asking);

/* As those of pool/exchange.h. */
struct pollfd ms_asking_poll(const struct ms_asking *asking);
int64_t ms_asking_wake_ms(const struct ms_asking *asking);

/* Go on. Returns whether *ANSWER is set, and all is over. */
bool ms_asking_go(struct ms_asking *asking, int64_t now_ms,
    struct ms_engine_answer *answer);

#endif
