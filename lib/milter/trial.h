#ifndef MS_TRIAL_H
#define MS_TRIAL_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The mail server's side of the milter protocol, version 6, as far as it takes
 * to bring a filter one message and hear what is to become of it. Nothing is
 * asked of the filter but answers: it is to skip no step.
 */

/* What a filter says of the message. */
enum ms_trial_fate {
	MS_TRIAL_GO_ON,		/* let us see the next step */
	MS_TRIAL_ACCEPTED,
	MS_TRIAL_REFUSED,	/* for ever */
	MS_TRIAL_DEFERRED,
	MS_TRIAL_DROPPED,	/* accepted, and thrown away */
	MS_TRIAL_KEPT		/* the server is to keep it to itself */
};

struct ms_trial_answer {
	enum ms_trial_fate fate;
	char *reply;		/* to the client; NULL: the server's own */
	bool kept;
};

void ms_trial_clear(struct ms_trial_answer *answer);

/*
 * Note in ANSWER, which begins as zeros, what the packet of SIZE bytes at DATA
 * says, which comes behind its length.
 *
 * MS_OK        more packets follow
 * MS_END       that was the last one for the step
 * MS_E_FORMAT  nonsense
 */
enum ms_status ms_trial_hear(struct ms_trial_answer *answer,
    const unsigned char *data, size_t size, struct ms_error *err);

struct ms_trial {
	const char *address;	/* as milter/socketname.h has it */
	int64_t timeout_ms;	/* most time for each answer */
	const char *sender;	/* "": the null one */
	const char *recipient;
	const char *data;	/* the message, with CR LF as line ends */
	size_t size;
};

/*
 * Bring it the message.
 *
 * MS_OK       *ANSWER is for ms_trial_clear(); its fate is not GO_ON
 * MS_E_USAGE  the address is none
 * MS_E_PEER   nobody is there, nobody answers, or it is no filter
 */
enum ms_status ms_trial(const struct ms_trial *trial,
    struct ms_trial_answer *answer, struct ms_error *err);

#endif
