#ifndef MS_GATE_H
#define MS_GATE_H

#include "pool/errand.h"
#include "serve/case.h"
#include "smtp/request.h"
#include "smtp/session.h"

/*
 * Whom a service refuses before there is a message: clients, senders and
 * recipients as policy/policy has them, and clients that sent something
 * infected (policy/bans).
 */

/* The reply, "550 5.7.1 ...", for g_free(), to REQUEST, a MAIL or RCPT of the
 * client at the address HOST (NULL: it came over a unix socket), of which STATE
 * says what else is known; NULL: let it be relayed. */
char *ms_gate(const struct ms_case_config *config,
    const struct ms_session_state *state, const char *host,
    const struct ms_request *request);

/* The answer, for the caller to unref, to a door that asks about somebody of
 * the envelope ASKED, as GATE says (pool/errand.h). */
GByteArray *ms_gate_answer(const struct ms_case_config *config,
    const struct ms_errand_envelope *asked,
    const struct ms_errand_gate *gate);

/* The client at the address CLIENT, or NULL, sent something infected. */
void ms_gate_infected(const struct ms_case_config *config,
    const char *client);

#endif
