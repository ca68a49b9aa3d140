#ifndef MS_CARGO_H
#define MS_CARGO_H

#include "base/spool.h"
#include "serve/case.h"
#include "smtp/proxy.h"

/*
 * The messages of a visit, one after the other: each is spooled, becomes a
 * case (serve/case.h), and is read again with its header edited. For
 * serve/visit.h, which brings it to and from the machine of smtp/proxy.
 */

struct ms_cargo;

struct ms_cargo_config {
	struct ms_case_config cases;
	struct ms_spool_config spool;
	struct ms_spool_purse *purse;	/* NULL: memory is not counted */
};

/* Whose they are. The visit may change it between two messages. */
struct ms_cargo_origin {
	const char *name;	/* of the visit, in the log */
	const char *client;	/* "192.0.2.1:1234" */
	const char *host;	/* of it; NULL: a unix socket */
	const char *server;	/* the next hop's; likewise */
};

/* All that is handed in outlives the cargo. */
struct ms_cargo *ms_cargo_new(const struct ms_cargo_config *config,
    const struct ms_cargo_origin *origin, ms_case_ruled *ruled, void *arg);
void ms_cargo_free(struct ms_cargo *cargo);

/* Has a message begun that is not at its end? */
bool ms_cargo_is_open(const struct ms_cargo *cargo);

/* The reply to REQUEST, if it is not to be relayed, as ms_gate(). */
char *ms_cargo_object(struct ms_cargo *cargo,
    const struct ms_session_state *state, const struct ms_request *request);

/* Somebody was refused, by us or by the next hop: tell of it. */
void ms_cargo_refused(const struct ms_cargo *cargo,
    const struct ms_session_state *state,
    const struct ms_proxy_refusal *refusal);

/* As the owner of a proxy has them (smtp/proxy.h): content, that it is whole,
 * and, after RULED, what of it goes to the next hop. */
enum ms_status ms_cargo_spool(struct ms_cargo *cargo, const void *data,
    size_t size);
void ms_cargo_scan(struct ms_cargo *cargo,
    const struct ms_session_state *envelope, const char *protocol);
enum ms_status ms_cargo_fetch(struct ms_cargo *cargo,
    const unsigned char **data, size_t *size);

/* It is over: tell of it, and forget it. */
void ms_cargo_end(struct ms_cargo *cargo, const struct ms_proxy_end *end,
    const struct ms_session_state *envelope, const char *protocol);

#endif
