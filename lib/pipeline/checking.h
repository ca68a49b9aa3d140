#ifndef MS_CHECKING_H
#define MS_CHECKING_H

#include "pipeline/check.h"
#include "policy/plan.h"

/*
 * Messages at the scanners besides the engine: each check in a process of its
 * own, which waits for the scanner, some at once; those of one message one
 * after the other, until one has found something. Whatever becomes of such a
 * process, there is an answer: what it did not say is a gap (engine-failed).
 */

/* A scanner that one message is for. */
struct ms_checking_wish {
	char *name;		/* of the check */
	char *user;		/* or NULL */
	double score;		/* < 0: as the scanner says */
	bool pass;		/* what it makes of the message goes on */
	bool despite;		/* asked although malware was found, which may
				 * not count */
};

/* Wishes as one text, and back, which is never NULL but if TEXT is not such;
 * elements of the array are struct ms_checking_wish *. */
char *ms_checking_wishes_text(const GPtrArray *wishes);
GPtrArray *ms_checking_wishes(const char *text);
GPtrArray *ms_checking_wishes_new(void);

/* Those that PLAN has. */
GPtrArray *ms_checking_planned(const struct ms_plan *plan);

struct ms_checking_config {
	const struct ms_check *checks;
	size_t count;
	unsigned at_once;	/* processes */
	const char *dir;	/* for files that scanners are shown */
};

/* All from within ms_checking_turn(). */
struct ms_checking_events {
	/* FRAME passed ms_frame_read_fact(). */
	void (*fact)(void *arg, uint64_t id, const unsigned char *frame,
	    size_t size);
	/* It is over. FD, if it is not -1, is the callee's: what the message
	 * has become, of SIZE bytes under seal. */
	void (*done)(void *arg, uint64_t id, int fd, uint64_t size);
};

struct ms_checking;

/* All that is handed in outlives it; EVENTS are copied. */
struct ms_checking *ms_checking_new(const struct ms_checking_config *config,
    const struct ms_checking_events *events, void *arg);
/* Ends all processes. */
void ms_checking_free(struct ms_checking *checking);

/* Have the message of SIZE bytes in FD, which stays the caller's until it is
 * done, looked at by those in WISHES (NULL: by all, each as it is configured),
 * and tell under ID, which is the caller's and unique while it is there.
 * False: it is for none of them. */
bool ms_checking_begin(struct ms_checking *checking, uint64_t id, int fd,
    uint64_t size, const GPtrArray *wishes);

/* Is anything under way? */
bool ms_checking_is_busy(const struct ms_checking *checking);

/* Do so many messages wait that no other one should come? */
bool ms_checking_is_full(const struct ms_checking *checking);

/* A descriptor, on loan, that can be read from when there is something to
 * tell; but for deadlines. */
int ms_checking_fd(const struct ms_checking *checking);

/* Tell what there is to tell, without waiting. */
void ms_checking_turn(struct ms_checking *checking);

#endif
