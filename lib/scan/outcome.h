#ifndef MS_OUTCOME_H
#define MS_OUTCOME_H

#include "message/message.h"
#include "scan/facts.h"
#include "scan/verdict.h"

/* What was done with a message, one thing after the other. */
enum ms_deed_state {
	MS_DEED_DONE,
	MS_DEED_PENDING,	/* will be, when the mailbox is at its end */
	MS_DEED_WOULD,		/* would have been */
	MS_DEED_FAILED,
	MS_DEED_STATES
};
struct ms_deed {
	const char *action;	/* "quarantine", "remove", ...: static */
	enum ms_deed_state state;
	char *detail;		/* where to, or why not; NULL: nothing to say */
};

/* The bytes that were scanned, where they can be read nowhere else. */
struct ms_body {
	int fd;			/* which the body owns; -1: it was taken */
	uint64_t size;
};

/*
 * All there is to say of one message: what every report, log and reply is
 * made from.
 */
struct ms_outcome {
	struct ms_origin origin;
	uint64_t size;		/* as struct ms_message */
	uint64_t omitted;
	struct ms_digest sha256;
	struct ms_digest sha256_canonical;
	struct ms_facts facts;
	enum ms_verdict verdict;
	int64_t elapsed_ms;
	unsigned deaths;	/* of workers, over it */
	struct ms_envelope *envelope;	/* NULL: has none */
	GPtrArray *deeds;	/* of struct ms_deed * */
	struct ms_body *body;	/* NULL: was not kept */
	struct ms_body *rewritten;	/* what takes the message's place if it
					 * goes on; NULL: it stays as it is */
};

/* Take the description (not the body) of MESSAGE, and no facts yet. */
struct ms_outcome *ms_outcome_new(const struct ms_message *message);
void ms_outcome_free(struct ms_outcome *outcome);

/* Give OUTCOME the body of SIZE bytes in FD, which is then its own. */
void ms_outcome_body(struct ms_outcome *outcome, int fd, uint64_t size);

/* Likewise what takes its place; the one before is forgotten. */
void ms_outcome_rewrite(struct ms_outcome *outcome, int fd, uint64_t size);

/* Note what was done; DETAIL is copied. */
void ms_outcome_deed(struct ms_outcome *outcome, const char *action,
    enum ms_deed_state state, const char *detail);

/* "done", "pending", "would", "failed". */
const char *ms_outcome_deed_name(enum ms_deed_state state);

#endif
