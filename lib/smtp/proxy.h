#ifndef MS_PROXY_H
#define MS_PROXY_H

#include "base/error.h"
#include "policy/decide.h"
#include "smtp/session.h"

/*
 * A scanning proxy for SMTP and LMTP as a machine: between a client and the
 * next hop, one for each connection of a client. The envelope is relayed stage
 * by stage, the content is given to the owner's spool, and only when the owner
 * has decided about it does it go on. It has no socket, clock or file: bytes of
 * both sides, ends and decisions go in, bytes and orders come out through
 * struct ms_proxy_owner.
 *
 * What it promises, whatever the two sides send and however it is cut:
 * - the end of a message is only answered 2xx after the next hop did (in LMTP:
 *   for that recipient), or if the decision was to drop or to quarantine it
 * - replies come in the order of the commands, and no byte of the client is
 *   both content and command
 * - what is sent to the next hop is what the owner gives; no CR, LF or NUL
 *   that stands alone reaches it, but in chunks of BODY=BINARYMIME
 * - memory is bounded: replies, lines and one piece of content
 */

enum ms_proxy_side { MS_PROXY_CLIENT, MS_PROXY_HOP };

/* What stands alone in content: CR, LF, NUL. Nothing of it is passed on. */
enum ms_proxy_newlines {
	MS_PROXY_REJECT,	/* 550 5.5.2, and the connection is closed */
	MS_PROXY_NORMALISE	/* line ends become CR LF, NULs go, before the
				 * content is spooled */
};

enum ms_proxy_tls {
	MS_PROXY_TLS_OFF,
	MS_PROXY_TLS_MAY,	/* offered; used where offered */
	MS_PROXY_TLS_REQUIRE
};

struct ms_proxy_config {
	const char *hostname;	/* ours, in greetings and EHLO */
	const char *banner;	/* behind it in the greeting; NULL: "ESMTP" or
				 * "LMTP" */
	bool lmtp;		/* on both sides */
	enum ms_proxy_newlines newlines;
	uint64_t size_max;	/* of a message; 0: what the next hop says */
	unsigned recipients_max;	/* 0: 1000 */
	enum ms_proxy_tls client_tls;
	enum ms_proxy_tls hop_tls;	/* by STARTTLS */
	bool client_secure;	/* TLS stands already, as on port 465 */
	bool trusts_xclient, trusts_xforward;	/* this client */
	bool xclient;		/* tell the next hop who the client is, if it
				 * offers XCLIENT: */
	const char *client_address;	/* "192.0.2.1", "IPV6:2001:db8::1";
					 * NULL: unknown */
	const char *client_port;	/* NULL: unknown */
	bool pass_unknown;	/* keywords of EHLO that nobody knows */
	const char *const *hide;	/* keywords that are not passed, ended
					 * by NULL; may be NULL */
	unsigned refuse;	/* verbs that are not relayed: bits
				 * 1 << MS_VERB_VRFY, _EXPN, _ETRN, _AUTH */
};

/* What became of a message. */
struct ms_proxy_end {
	enum ms_action action;	/* that was decided; PASS if it never came so
				 * far */
	bool decided;
	bool delivered;		/* the next hop took it, for some recipient
				 * at least */
	int code;		/* of the (first) reply to the client; 0: it had
				 * gone */
	const char *text;	/* of it */
	uint64_t size;		/* of the content, as it was spooled */
};

/* A MAIL or RCPT that was refused. Any of it may have bytes of either side in
 * it. */
struct ms_proxy_refusal {
	enum ms_verb verb;
	const char *address;
	bool hop;		/* by the next hop, and not by us */
	int code;
	const char *text;	/* of the reply, lines with "\n" between */
};

/* The owner. None of these may call the proxy. All but the last two are
 * wanted. */
struct ms_proxy_owner {
	void *arg;
	/* Bytes for a side. */
	void (*write)(void *arg, enum ms_proxy_side side, const void *data,
	    size_t size);
	/* No more is written to the side. Close it when all that was is sent,
	 * or, ABORT, at once, without it. */
	void (*close)(void *arg, enum ms_proxy_side side, bool abort);
	/* Begin TLS: as server of the client when what was written is sent, as
	 * client of the next hop. Then ms_proxy_secured(). */
	void (*secure)(void *arg, enum ms_proxy_side side);
	/* Content. Failures: MS_E_LIMIT means that there is no space for it,
	 * and the client may try again, as after all others. */
	enum ms_status (*spool)(void *arg, const void *data, size_t size);
	/* It is whole: ms_proxy_decide() is wanted now. */
	void (*scan)(void *arg);
	/* The next piece of the message that is sent to the next hop, with
	 * the fields that the owner adds; on loan until the next call. MS_OK,
	 * MS_END: there is no more, or a failure. */
	enum ms_status (*fetch)(void *arg, const unsigned char **data,
	    size_t *size);
	/* The message is over, and what was spooled of it can go. The envelope
	 * is still there. Once for each that was begun (that had a DATA or
	 * BDAT which was not refused), whatever happens. */
	void (*end)(void *arg, const struct ms_proxy_end *end);
	/* For the log: why something was refused or broken off. May have bytes
	 * of either side in it: quote it. */
	void (*note)(void *arg, const char *text);
	/* Why a MAIL or RCPT is not to be relayed, "550 5.7.1 No", for
	 * g_free(); NULL: it is. The envelope before it is there. May be NULL
	 * itself. */
	char *(*object)(void *arg, const struct ms_request *request);
	/* Somebody was refused. The envelope before him is there. Likewise. */
	void (*refused)(void *arg, const struct ms_proxy_refusal *refusal);
};

struct ms_proxy;

/* The next hop is being connected; the client is greeted when that one has
 * said its greeting. CONFIG's strings and OWNER must outlive the proxy. */
struct ms_proxy *ms_proxy_new(const struct ms_proxy_config *config,
    const struct ms_proxy_owner *owner);
/* end() was called for what had begun, or is. */
void ms_proxy_free(struct ms_proxy *proxy);

/*
 * Take bytes of the client. How many were taken is returned; the rest is to be
 * offered again, with what has come behind it, after anything else was told
 * to the proxy. (In one piece: what is offered may be less than what was read,
 * but at least 8 bytes, if so many are there.)
 */
size_t ms_proxy_client(struct ms_proxy *proxy, const void *data, size_t size);

/* Bytes of the next hop: all are taken. */
void ms_proxy_hop(struct ms_proxy *proxy, const void *data, size_t size);

/* A side is gone, or there never was one: the next hop cannot be reached, has
 * closed or does not answer in time; the client likewise. WHY is for the log
 * and, if it is the next hop, for the client: "connection refused". */
void ms_proxy_gone(struct ms_proxy *proxy, enum ms_proxy_side side,
    const char *why);

/* The handshake that secure() asked for is done. (It failed: gone.) */
void ms_proxy_secured(struct ms_proxy *proxy, enum ms_proxy_side side);

/* All that was written to the next hop is sent: it is time for more. */
void ms_proxy_drained(struct ms_proxy *proxy);

/* Does it want ms_proxy_drained() because it is sending a message? */
bool ms_proxy_is_sending(const struct ms_proxy *proxy);

/*
 * The answer to scan(). TEXT is the reply where the proxy answers of itself
 * (REJECT, DEFER, DROP, QUARANTINE), "554 5.7.1 No" with a code that fits the
 * action, or NULL for the usual one; what cannot stand in a reply is replaced.
 * ADDRESS is that of REDIRECT.
 */
void ms_proxy_decide(struct ms_proxy *proxy, enum ms_action action,
    const char *address, const char *text);

/* Send a NOOP to the next hop, if it is idle. */
void ms_proxy_keep_alive(struct ms_proxy *proxy);

/* End it: say 421 with TEXT ("4.3.2 Going down") to the client and close both
 * sides. A message whose end the next hop already has is waited for. */
void ms_proxy_stop(struct ms_proxy *proxy, const char *text);

/* Both sides were told to close, and nothing more will happen. */
bool ms_proxy_is_over(const struct ms_proxy *proxy);

/* The envelope of the message, also in scan() and end(); and whom XCLIENT and
 * XFORWARD have named. Until the proxy is used again. */
const struct ms_session_state *ms_proxy_state(const struct ms_proxy *proxy);

/* "ESMTPS": as ms_session_protocol(). */
const char *ms_proxy_protocol(const struct ms_proxy *proxy);

/* A reply is awaited from the next hop, or it is the client's turn. */
bool ms_proxy_awaits(const struct ms_proxy *proxy, enum ms_proxy_side side);

/* For deadlines: what a side has to do now. A client may owe content while
 * the next hop owes a reply to NOOP. */
enum ms_proxy_due {
	MS_PROXY_DUE_NOTHING,
	MS_PROXY_DUE_HANDSHAKE,
	MS_PROXY_DUE_WORDS,	/* a command, or a reply */
	MS_PROXY_DUE_CONTENT,	/* to say it, or to take it */
	MS_PROXY_DUE_END	/* the reply to its end */
};

enum ms_proxy_due ms_proxy_due(const struct ms_proxy *proxy,
    enum ms_proxy_side side);

/* Commands and ends of content so far, or replies; and handshakes. */
uint64_t ms_proxy_heard(const struct ms_proxy *proxy, enum ms_proxy_side side);

#endif
