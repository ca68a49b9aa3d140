#ifndef MS_ANSWERS_H
#define MS_ANSWERS_H

#include "base/error.h"
#include "capture/dialogue.h"
#include "smtp/session.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the server of a dialogue answered to what its client asked: the replies
 * in the order of the commands. Where some are missing on either side, time
 * tells, and where there are none, what the client does next.
 */

/* Where the client is, and what it asked; kept by whoever hears it. */
struct ms_asking {
	size_t turn;
	uint64_t at;			/* in that turn, behind the question */
	enum ms_event_kind event;	/* what wants a reply */
	enum ms_verb verb;		/* of the last command */
};

struct ms_answer {
	int code;
	char *text;		/* the caller's to free; NULL: it is a guess */
	char *refusal;		/* likewise: of DATA, which was refused, but
				 * the client sends content: CODE is 354 */
	const char *doubtful;	/* why what follows this DATA may be content,
				 * though it looks like commands; or NULL */
};

struct ms_answers;

/* DIALOGUE is a loan for the life of the answers. */
enum ms_status ms_answers_new(const struct ms_dialogue *dialogue,
    struct ms_answers **answers, struct ms_error *err);
void ms_answers_free(struct ms_answers *answers);

/* Is the first reply a greeting? */
bool ms_answers_greets(const struct ms_answers *answers);

/* Commands or replies are missing: from now on order does not tell. */
void ms_answers_doubt(struct ms_answers *answers);

/* The client is heard once more from an earlier place on: what was answered is
 * not answered again. */
void ms_answers_back(struct ms_answers *answers);

/* The answer to what ASKING asked. MS_E_IO: the dialogue cannot be read. */
enum ms_status ms_answers_next(struct ms_answers *answers,
    const struct ms_asking *asking, struct ms_answer *answer,
    struct ms_error *err);

/* A client was not heard at all: did the server answer somebody? */
enum ms_status ms_answers_somebody(struct ms_answers *answers, bool *did,
    struct ms_error *err);

/* "550 5.1.1 no such user", for the caller to free: lines of TEXT, which may
 * be NULL, have blanks between them. */
char *ms_answers_text(int code, const char *text);

#endif
