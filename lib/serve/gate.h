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

/* What a client has asked for in the transaction that it is in, whether there
 * is a reply to it already or not. Zeros at first; g_free() all. */
struct ms_gate_asked {
	char *sender;
	char *recipient;	/* the first that was let through */
};

/* The reply, "550 5.7.1 ...", for g_free(), to REQUEST, a MAIL or RCPT of the
 * client at the address HOST (NULL: it came over a unix socket), of which STATE
 * says what else is known; NULL: let it be relayed. A recipient who must not
 * share the message with those before is told to come later, so that the client
 * sends it another time (RFC 5321, 4.5.3.1.10). */
char *ms_gate(const struct ms_case_config *config,
    const struct ms_session_state *state, const char *host,
    const struct ms_request *request, struct ms_gate_asked *asked);

/* The answer, for the caller to unref, to a door that asks about somebody of
 * the envelope ASKED, as GATE says (pool/errand.h). */
GByteArray *ms_gate_answer(const struct ms_case_config *config,
    const struct ms_errand_envelope *asked,
    const struct ms_errand_gate *gate);

/* The reply, for g_free(), to a message of which ASKED is all that is known,
 * and about whom nobody has asked before: that to its client, its sender, or a
 * recipient, for as a whole it is taken or not. NULL: let it be looked at. */
char *ms_gate_message(const struct ms_case_config *config,
    const struct ms_errand_envelope *asked);

/* The client at the address CLIENT, or NULL, sent something infected. */
void ms_gate_infected(const struct ms_case_config *config,
    const char *client);

#endif
