#ifndef MS_CALL_H
#define MS_CALL_H

#include "net/talk.h"
#include "net/tls.h"
#include "replay/compare.h"
#include "replay/played.h"

/*
 * One connection to a server, on which a role is played. A step is sent when
 * all steps are answered that were when it was recorded; those that wait for
 * the same replies leave together. What a server does not want is not sent: no
 * content after a DATA that was refused, no answer to an AUTH that asked
 * nothing.
 */

struct ms_call_config {
	struct ms_loop *loop;
	const struct ms_endpoint *list;
	size_t count;
	struct ms_tls *tls;	/* for roles that want it */
	const char *tls_name;	/* whom its certificate is to name, or NULL */
	enum ms_expect expect;
	double speed;		/* pauses as recorded, divided by that; 0: no
				 * pauses */
	int64_t connect_ms;
	int64_t timeout_ms;	/* for each reply */
	const char *user, *password;	/* of a step that logs in */
	const char *abort_after;	/* a verb, after its reply; "content":
					 * before the end of a message; NULL:
					 * never */
	uint64_t slow;		/* bytes a second; 0: as fast as it goes */
	size_t split;		/* bytes that are sent together; 0: all */
};

struct ms_call;

/* It is over: PLAYED is the callee's to free. The call is freed behind it. */
typedef void ms_call_done(void *arg, struct ms_played *played);

/* CONFIG and ROLE outlive the call. DONE is called from the loop, always once
 * unless the call is freed before. */
struct ms_call *ms_call_start(const struct ms_call_config *config,
    const struct ms_role *role, uint64_t run, ms_call_done *done, void *arg);

/* Give up at once; DONE is not called. */
void ms_call_free(struct ms_call *call);

#endif
