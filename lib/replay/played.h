#ifndef MS_PLAYED_H
#define MS_PLAYED_H

#include "policy/decide.h"
#include "replay/role.h"

/* What came of playing a role once. */

enum ms_difference_kind {
	MS_DIFFERENCE_REPLY,	/* another reply */
	MS_DIFFERENCE_CLOSED,	/* none: the server closed the connection */
	MS_DIFFERENCE_LATE,	/* none in time */
	MS_DIFFERENCE_UNSENT,	/* the server would not have it */
	MS_DIFFERENCE_UNASKED	/* a reply to nothing */
};

struct ms_difference {
	enum ms_difference_kind kind;
	char *command;		/* for people; nothing here is quoted */
	char *recorded;		/* "250 2.1.5 Ok", lines with line feeds
				 * between; NULL: nothing */
	char *received;		/* likewise; of those but REPLY and UNASKED
				 * a text for people */
};

/* What a proxy has decided about a message: of ms_offline(). */
struct ms_judgement {
	uint64_t number;	/* of the message in its session, from 1 */
	enum ms_verdict verdict;
	enum ms_action action;
	bool quarantine;	/* and a copy is kept */
	char *address;		/* of MS_ACTION_REDIRECT, else NULL */
	/* The fact that decided, or the first: one of them, or both are NULL.
	 * Not quoted. */
	char *finding;
	const char *reason;	/* static: see scan/facts.h */
};

/* As many are kept, the others are counted. */
#define MS_PLAYED_KEPT 200

struct ms_played {
	const struct ms_role *role;
	uint64_t run;		/* of this role, from 1 */
	size_t replies;		/* that came, and of them */
	size_t compared;	/* had one to be compared with */
	size_t unsent;		/* commands that it did not come to */
	size_t unmatched;	/* commands of a proxy to its next hop that
				 * nobody has recorded: of ms_offline() */
	size_t count;		/* of differences */
	GArray *differences;	/* struct ms_difference */
	GArray *judgements;	/* struct ms_judgement: all of them */
	char *failed;		/* it could not be played: why, not quoted.
				 * NULL: it was */
	bool connected;
	bool aborted;		/* on purpose */
	uint64_t sent;		/* bytes */
	int64_t elapsed_ms;
};

struct ms_played *ms_played_new(const struct ms_role *role, uint64_t run);
void ms_played_free(struct ms_played *played);

/* A difference in what was answered to STEP (NULL: to nothing); RECORDED may
 * be NULL, and RECEIVED is CODE (0: none) and TEXT. */
void ms_played_differ(struct ms_played *played, enum ms_difference_kind kind,
    const struct ms_step *step, const struct ms_recorded *recorded, int code,
    const char *text);

/* The DECISION about the message NUMBER, of which FACTS are known. */
void ms_played_judge(struct ms_played *played, uint64_t number,
    const struct ms_decision *decision, const struct ms_facts *facts);

/* Is there a message that did not just pass as clean? */
bool ms_played_is_judged(const struct ms_played *played);

/* "quarantine+redirect:ADDRESS": as it is chosen, not quoted, for g_free(). */
char *ms_played_action(const struct ms_judgement *judgement);

/* A reply on lines as a server sends them, with line feeds between; for
 * g_free(). */
char *ms_played_reply(int code, const char *text);

#endif
