#ifndef MS_RELAYING_H
#define MS_RELAYING_H

#include "smtp/dots.h"
#include "smtp/newlines.h"
#include "smtp/offer.h"
#include "smtp/proxy.h"

/*
 * What the parts of smtp/proxy share: the state of one session, and what each
 * does for the others. For these parts only: smtp/proxy keeps the queue of
 * replies that are awaited, smtp/clientside takes what the client says,
 * smtp/hopside the replies of the next hop, smtp/handing brings a message to
 * it.
 */

/* What a reply of the next hop is the reply to. */
enum ms_waited {
	MS_WAITED_GREETING,
	MS_WAITED_EHLO,		/* our own, before the client is greeted */
	MS_WAITED_STARTTLS,
	MS_WAITED_XCLIENT,
	MS_WAITED_COMMAND,	/* the client's */
	MS_WAITED_READY,	/* nothing: the proxy's own reply to the
				 * client, which waits for its turn */
	MS_WAITED_RESET,	/* our own RSET */
	MS_WAITED_NOOP,		/* our own */
	MS_WAITED_STEP,		/* of handing a message over */
	MS_WAITED_CHUNK,
	MS_WAITED_FINAL		/* the end of a message */
};

struct ms_waiting {
	enum ms_waited what;
	enum ms_verb verb;	/* COMMAND */
	int code;		/* READY */
	char *text;		/* READY */
	char *address;		/* of MAIL and RCPT; else NULL */
};

enum ms_phase {
	MS_PHASE_PRELUDE,	/* the client is not greeted yet */
	MS_PHASE_COMMANDS,	/* or content */
	MS_PHASE_TLS,		/* the client's handshake */
	MS_PHASE_SCANNING,	/* a decision is awaited */
	MS_PHASE_HANDING,	/* the next hop is being given the message */
	MS_PHASE_OVER
};

enum ms_step_of {
	MS_STEP_OF_RSET,
	MS_STEP_OF_MAIL,
	MS_STEP_OF_RCPT,
	MS_STEP_OF_DATA,
	MS_STEP_OF_CONTENT,
	MS_STEP_OF_END
};

struct ms_proxy {
	struct ms_proxy_config config;
	struct ms_proxy_owner owner;
	struct ms_session *session;
	enum ms_phase phase;
	uint64_t heard[2];	/* by enum ms_proxy_side */
	GQueue *waiting;	/* of struct ms_waiting, the oldest first */
	bool client_gone, client_secure;
	bool inside;		/* of a line of the client, while replies are
				 * awaited */
	bool in_auth;
	/* The next hop. */
	bool hop_gone, hop_closed, hop_secure;
	bool hop_handshake;
	struct ms_reply reply;
	struct ms_offer offer;
	bool tell_client;	/* XCLIENT is due */
	char *hello;		/* the client's, while XCLIENT is answered */
	enum ms_verb hello_verb;
	/* The message. */
	bool begun;		/* end() is owed */
	bool by_chunks;
	uint64_t size;
	struct ms_newlines newlines;
	int spoiled;		/* the code that its end gets; 0: it is good */
	const char *why_spoiled;	/* static */
	bool spoiled_closes;
	bool decided;
	enum ms_action action;
	char *address;
	/* Handing it over. */
	enum ms_step_of step;
	struct ms_dots dots;
	unsigned finals;	/* replies that are to come */
	int first_code;		/* of them */
	char *first_text;
	bool delivered;
	char *stopping;		/* text of the 421 that is due */
	GString *out;		/* scratch */
};

/*
 * smtp/proxy
 */

/* Bytes for a side, unless that is gone. */
void ms_proxy_write(struct ms_proxy *proxy, enum ms_proxy_side side,
    const void *data, size_t size);

/* A line for the next hop, without its end; its reply will be for WHAT. */
void ms_proxy_ask(struct ms_proxy *proxy, enum ms_waited what,
    enum ms_verb verb, const char *line);
void ms_proxy_await(struct ms_proxy *proxy, enum ms_waited what);

/* The reply to what the client asked first: lines with line feeds between
 * them. In LMTP, one of those to the end of a message. */
void ms_proxy_reply(struct ms_proxy *proxy, int code, const char *text);

/* Likewise, for all of those that the same is owed. */
void ms_proxy_reply_all(struct ms_proxy *proxy, int code, const char *text);

/* A reply of our own, in its turn. */
void ms_proxy_ready(struct ms_proxy *proxy, int code, const char *enhanced,
    const char *text);

/* Tell the owner of that. */
void ms_proxy_refused(struct ms_proxy *proxy,
    const struct ms_proxy_refusal *refusal);

/* The message is over: tell the owner. */
void ms_proxy_finish(struct ms_proxy *proxy, int code, const char *text);

/* Likewise, and CODE and TEXT are the reply to its end; the next hop forgets
 * its envelope. */
void ms_proxy_refuse(struct ms_proxy *proxy, int code, const char *text);

/* The next hop is of no use any more. What awaits its reply gets a 4xx; the
 * first that does, or the end of a message, gets the next hop's own reply if
 * that says why (REPLIED): 421, 4xx or 5xx. */
void ms_proxy_lose(struct ms_proxy *proxy, const char *why, bool replied);

/* The client is not listened to any more, and the next hop is taken leave of
 * as far as that is possible. */
void ms_proxy_hang_up(struct ms_proxy *proxy);

/* What is ready to be said, and what is next to be done. */
void ms_proxy_advance(struct ms_proxy *proxy);

struct ms_offer_own ms_proxy_own(const struct ms_proxy *proxy);

/*
 * The others
 */

void ms_clientside_event(struct ms_proxy *proxy, const struct ms_event *event,
    size_t behind);
/* May bytes be fed to the session now? What is next is at DATA. */
bool ms_clientside_takes(const struct ms_proxy *proxy, const void *data,
    size_t size);

/* The next hop has answered WAITING (of NULL: nobody asked). */
void ms_hopside_reply(struct ms_proxy *proxy,
    const struct ms_waiting *waiting);
void ms_hopside_secured(struct ms_proxy *proxy);
/* Send the hello that the client said, or XCLIENT before it. */
void ms_hopside_hello(struct ms_proxy *proxy);

void ms_handing_start(struct ms_proxy *proxy, enum ms_step_of step);
/* Nothing is awaited: go on. */
void ms_handing_next(struct ms_proxy *proxy);
void ms_handing_reply(struct ms_proxy *proxy,
    const struct ms_waiting *waiting);
/* The next hop said something before the message was at its end. */
void ms_handing_early(struct ms_proxy *proxy);

#endif
