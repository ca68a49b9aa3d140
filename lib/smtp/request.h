#ifndef MS_REQUEST_H
#define MS_REQUEST_H

#include "smtp/address.h"

#include <glib.h>

#include <stdint.h>

/*
 * Commands of SMTP clients, one line each (RFC 5321, 4.1.1; LMTP: RFC 2033):
 * verb, address, parameters. Parameters are those of SIZE (RFC 1870), BODY
 * (6152, 3030), SMTPUTF8 (6531), DSN (3461) and AUTH (4954); others are kept.
 * XCLIENT and XFORWARD are those of Postfix. Nothing is refused here: what is
 * wrong with a command comes as the reply that a server would give, next to
 * all that could be read of it, for those who listen to servers that accepted
 * it.
 */

enum ms_verb {
	MS_VERB_UNKNOWN,	/* also of an empty line */
	MS_VERB_EHLO,
	MS_VERB_HELO,
	MS_VERB_LHLO,
	MS_VERB_MAIL,
	MS_VERB_RCPT,
	MS_VERB_DATA,
	MS_VERB_BDAT,
	MS_VERB_RSET,
	MS_VERB_NOOP,
	MS_VERB_QUIT,
	MS_VERB_VRFY,
	MS_VERB_EXPN,
	MS_VERB_HELP,
	MS_VERB_ETRN,
	MS_VERB_AUTH,
	MS_VERB_STARTTLS,
	MS_VERB_XCLIENT,
	MS_VERB_XFORWARD
};

/* A reply that is suggested: all static. Code 0: none, all is well. 421 and
 * 521 mean that the connection should be closed behind it, because nobody can
 * know what the bytes that follow are. */
struct ms_refusal {
	int code;
	const char *enhanced;	/* "5.5.4" */
	const char *text;	/* "Syntax: BDAT size [LAST]" */
};

enum ms_request_flaw {
	MS_REQUEST_BLANKS = 1 << 0,	/* before the verb, behind the last
					 * word, around "FROM:", or tabs */
	MS_REQUEST_EIGHT_BIT = 1 << 1	/* bytes over 127 */
};

enum ms_request_body {
	MS_BODY_NONE,		/* it was not said */
	MS_BODY_7BIT,
	MS_BODY_8BITMIME,
	MS_BODY_BINARYMIME
};

enum ms_request_ret { MS_RET_NONE, MS_RET_FULL, MS_RET_HDRS };

enum ms_request_notify {
	MS_NOTIFY_NEVER = 1 << 0,
	MS_NOTIFY_SUCCESS = 1 << 1,
	MS_NOTIFY_FAILURE = 1 << 2,
	MS_NOTIFY_DELAY = 1 << 3
};

/* NAME=VALUE behind an address, or an attribute of XCLIENT or XFORWARD. */
struct ms_keyword {
	char *name;		/* in capitals */
	char *value;		/* as it was sent; of attributes decoded, with
				 * "" for [UNAVAILABLE] and [TEMPUNAVAIL];
				 * NULL: no "=" behind the name */
	bool known;		/* it is one of those named above, and goes
				 * with this command */
};

struct ms_request {
	enum ms_verb verb;
	char *word;		/* the verb as it was sent; "": empty line */
	char *argument;		/* what stands behind it, without blanks
				 * around; "": nothing. Of AUTH it is secret. */
	unsigned flaws;		/* bits of enum ms_request_flaw */
	struct ms_refusal problem;
	struct ms_address address;	/* MAIL, RCPT: what could be read */
	GArray *parameters;	/* of struct ms_keyword, in their order */
	bool has_size;		/* MAIL: there is SIZE=. BDAT: it is good */
	bool last;		/* BDAT: LAST */
	bool smtputf8;
	uint64_t size;		/* MAIL: as announced. BDAT: of the chunk, up to
				 * 2^63 */
	enum ms_request_body body;
	enum ms_request_ret ret;
	unsigned notify;	/* bits of enum ms_request_notify; 0: none */
	char *envid;		/* decoded, NULL: none; so are the next ones */
	char *orcpt;		/* "rfc822;a@b" */
	char *auth;		/* who the sender is, "" for <> */
};

/* Read the SIZE bytes at LINE, which hold neither its end nor a NUL. REQUEST
 * is the caller's to clear. */
void ms_request_parse(struct ms_request *request, const char *line,
    size_t size);

void ms_request_clear(struct ms_request *request);

/* Append the command as RFC 5321 has it, without the end of the line: verb in
 * capitals, address in < >, one blank between words. What is read from that
 * is the same request. Only for requests without a problem. */
void ms_request_append(const struct ms_request *request, GString *out);

/* The parameter NAME (in capitals), or NULL. */
const struct ms_keyword *ms_request_find(const struct ms_request *request,
    const char *name);

/* "MAIL"; "" for MS_VERB_UNKNOWN. */
const char *ms_request_verb(enum ms_verb verb);

/* Append to OUT what the xtext of SIZE bytes at TEXT stands for (RFC 3461, 4).
 * False: it is none, or it stands for a control character. */
bool ms_request_undo_xtext(const char *text, size_t size, GString *out);

/* The other way. */
void ms_request_xtext(const char *text, GString *out);

#endif
