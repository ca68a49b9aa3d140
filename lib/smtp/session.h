#ifndef MS_SESSION_H
#define MS_SESSION_H

#include "base/error.h"
#include "smtp/gather.h"
#include "smtp/payload.h"
#include "smtp/request.h"

#include <glib.h>

/*
 * The server's side of a session of SMTP (RFC 5321) or LMTP (RFC 2033) as a
 * machine: bytes of the client and codes of replies go in, events come out.
 * It answers nothing itself, and has no socket and no clock. A server that
 * stands on it answers every event that wants a reply; who listens to others
 * gives it the replies that were heard, or those that are likely.
 *
 *	while (ms_session_feed(s, data + at, size - at, &used, &event) ==
 *	    MS_OK)
 *		at += used, ...
 *	at += used;
 *
 * What changes with a reply changes when it is given to ms_session_answer(),
 * in the order of the commands: a sender that was refused never was one.
 */

struct ms_session_config {
	bool greeting;		/* the first reply is a greeting: false if
				 * there was one before, or none is heard */
	bool lmtp;		/* EHLO and HELO have a problem; without, so
				 * has LHLO. Which it is tells the verb that
				 * was accepted. */
	bool lenient;		/* lines that LF ends are commands as well */
	bool loose;		/* content is MS_PAYLOAD_LOOSE */
	size_t line_max;	/* bytes of a line with its end; 0: 4096 */
	size_t response_max;	/* of one in AUTH; 0: 12288 (RFC 4954, 4) */
	unsigned recipients_max;	/* of one transaction, refused ones
				 * included; 0: 1000 (RFC 5321, 4.5.3.1.8
				 * wants 100 at least) */
	unsigned pipeline_max;	/* commands that may be unanswered before it
				 * waits; 0: 1, as servers do it */
};

enum ms_event_kind {
	MS_EVENT_COMMAND,	/* wants a reply */
	MS_EVENT_CONTENT,	/* bytes of the message, dots undone */
	MS_EVENT_CONTENT_END,	/* of DATA: wants a reply, in LMTP one for
				 * each recipient that was accepted */
	MS_EVENT_CHUNK_END,	/* the bytes that BDAT named are here: now it
				 * is time for the reply to BDAT, and in LMTP,
				 * if LAST, for one for each recipient */
	MS_EVENT_RESPONSE,	/* a line in AUTH: wants a reply; is secret */
	MS_EVENT_BAD_LINE,	/* a line that is no command (or in AUTH, no
				 * response): wants a reply */
	MS_EVENT_TLS		/* the handshake begins. Bytes that were there
				 * before it (SIZE of them are in what was fed)
				 * are injected: throw them away, or close.
				 * Nothing is taken until
				 * ms_session_secured(). */
};

/* What points somewhere is valid until the session is used again. */
struct ms_event {
	enum ms_event_kind kind;
	uint64_t offset;	/* in all bytes of the client */
	uint64_t size;		/* as they were sent. Content: of this event;
				 * ends: of all of the content or chunk. */
	const unsigned char *data;	/* COMMAND, RESPONSE, BAD_LINE: the
				 * line, without its end; CONTENT: bytes */
	size_t data_size;
	unsigned flaws;		/* of the line: bits of enum ms_line_flaw */
	const struct ms_request *request;	/* COMMAND, CHUNK_END */
	bool last;		/* CHUNK_END: of LAST */
	const struct ms_payload_facts *facts;	/* CONTENT_END, CHUNK_END: of
				 * all chunks so far, whole if LAST */
	struct ms_refusal problem;	/* what a server should say: as the
				 * request has it, or it comes at the wrong
				 * time. That is only told while nothing before
				 * it is unanswered. Of a BDAT also with its
				 * content and its end: which should then be
				 * thrown away. */
};

struct ms_recipient {
	struct ms_address address;
	char *argument;		/* of RCPT, with its parameters */
	char *orcpt;		/* decoded, or NULL */
	unsigned notify;
	int code;		/* of the reply to it */
	char *reply;		/* its text, if that was given; cut at 512 */
};

/* What replies have made of the session. */
struct ms_session_state {
	char *helo;		/* NULL: none was accepted */
	enum ms_verb hello;	/* EHLO, HELO, LHLO, or UNKNOWN: none */
	bool tls;
	bool authenticated;
	GArray *client;		/* of struct ms_keyword: XCLIENT's, the last
				 * value of each */
	GArray *forwarded;	/* likewise XFORWARD's, which are for the next
				 * transaction, and end with it */
	/* The transaction: from a MAIL that was accepted until its end, RSET,
	 * hello. At its end it stays until the last reply to it is there. */
	bool open;
	struct ms_address sender;
	char *argument;		/* of MAIL, with its parameters */
	uint64_t announced;	/* SIZE=; only if HAS_SIZE */
	bool has_size;
	bool smtputf8;
	enum ms_request_body body;
	enum ms_request_ret ret;
	char *envid;
	char *auth;
	GArray *recipients;	/* of struct ms_recipient: accepted (CODE is
				 * 2xx) and refused, in their order */
	unsigned accepted;
	unsigned lost;		/* over recipients_max, and accepted: not in
				 * RECIPIENTS */
	bool chunks;		/* a BDAT was accepted */
	bool chunk_failed;	/* one was refused: no more are taken */
};

/* What a reply was the reply to. */
enum ms_asked {
	MS_ASKED_NOTHING,	/* nobody asked: 421 of a server that closes */
	MS_ASKED_GREETING,
	MS_ASKED_COMMAND,
	MS_ASKED_CONTENT,	/* the end of DATA */
	MS_ASKED_RESPONSE,
	MS_ASKED_BAD_LINE
};

struct ms_answered {
	enum ms_asked asked;
	enum ms_verb verb;	/* COMMAND */
	uint64_t offset;	/* of the event that asked, in the client's
				 * bytes: what it is known by */
	int recipient;		/* RCPT that is in the state, and replies of
				 * LMTP after the content: index in RECIPIENTS;
				 * else -1 */
	bool more;		/* another reply to the same is to come */
	bool ends;		/* with it the message was taken or refused */
	bool unseen;		/* CONTENT, or COMMAND of BDAT: the reply came
				 * before the end did. Of CONTENT that end will
				 * not be looked for. */
};

struct ms_session;

struct ms_session *ms_session_new(const struct ms_session_config *config);
void ms_session_free(struct ms_session *session);

/*
 * Take up to SIZE bytes of the client. *USED of them were taken.
 *
 * MS_OK   an EVENT; feed the rest, even if it has no bytes
 * MS_END  nothing more: *USED is SIZE, or it waits for a reply
 */
enum ms_status ms_session_feed(struct ms_session *session, const void *data,
    size_t size, size_t *used, struct ms_event *event);

/* Does it take no more bytes until it gets a reply (or, after MS_EVENT_TLS,
 * is secured)? After DATA, BDAT's chunk, AUTH, STARTTLS, XCLIENT and QUIT it
 * does, and when pipeline_max is reached. */
bool ms_session_waits(const struct ms_session *session);

/*
 * The reply to the oldest that is unanswered: CODE and TEXT (may be NULL).
 * A reply to DATA begins the content if it is 3xx. ANSWERED may be NULL.
 * The state of a transaction that ends with it stays as it is until the next
 * call of feed or answer. Content that a server answers before its end is
 * over: it takes something else to be the end, or the end was lost. Of a BDAT
 * that is answered so the bytes still come, unless nobody knows how many.
 *
 * MS_OK   so it was
 * MS_END  nothing is unanswered: it changes nothing
 */
enum ms_status ms_session_answer(struct ms_session *session, int code,
    const char *text, struct ms_answered *answered);

/* How many replies are owed. LMTP's after the content are counted as far as
 * recipients are known. */
unsigned ms_session_owes(const struct ms_session *session);

/* TLS stands: what was said before is forgotten (RFC 3207, 4.2). */
void ms_session_secured(struct ms_session *session);

/* SIZE bytes of the client were lost (0: nobody knows how many). A line that
 * has begun is left out. True: they were in a chunk; else an end may be among
 * them, and nobody knows what the next bytes are: they are taken for what they
 * would be if it was not. Offsets do not count them. */
bool ms_session_skip(struct ms_session *session, uint64_t size);

/* The BDAT that was told last was none to the server: its bytes are commands.
 * Nothing else may have been taken since. */
void ms_session_unchunk(struct ms_session *session);

/* Is it in content, or in a chunk? So what ends here is incomplete. */
bool ms_session_in_content(const struct ms_session *session);

/* QUIT was answered: what follows is left out. */
bool ms_session_is_over(const struct ms_session *session);

/* Valid until the session is used again. */
const struct ms_session_state *ms_session_state(
    const struct ms_session *session);

/* "ESMTPSA" and the like (RFC 3848), "UTF8SMTP..", "UTF8LMTP.." (RFC 6531) for
 * an open transaction that asks for it: static. */
const char *ms_session_protocol(const struct ms_session *session);

#endif
