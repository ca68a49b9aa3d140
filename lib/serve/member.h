#ifndef MS_MEMBER_H
#define MS_MEMBER_H

#include "serve/staff.h"

/* One process of a service, as its master knows it. */

/* Who has a place serves, or comes to take it; the others leave. */
struct ms_member {
	enum ms_staff_kind kind;
	int pid;
	int socket;		/* -1: it says nothing any more */
	bool ready;
	int64_t started_ms;
	bool drained;		/* it has been told */
	bool known;		/* why it ends */
	int64_t left_ms;	/* when it lost its place; -1: it has one */
	int64_t asked_ms;	/* whether it is alive */
	bool owes;		/* an answer to that */
	/* Of fronts: whom they talk to. */
	struct ms_member *partners[MS_STAFF_KINDS];
};

/* NULL: ERR says why there is no process. Its socket is to be closed, it is to
 * be waited for, and this is for g_free(). */
struct ms_member *ms_member_new(const struct ms_staff_row *row,
    enum ms_staff_kind kind, struct ms_error *err);

/* If it listens, and has room. */
void ms_member_send(struct ms_member *member, enum ms_control order,
    const char *text, int fd);

/* Have FRONT and MEMBER know each other by name. */
enum ms_status ms_member_introduce(struct ms_member *front,
    const char *front_name, struct ms_member *member, const char *name,
    struct ms_error *err);

/* Have it end now. */
void ms_member_end(struct ms_member *member);

/* Wait for it until END_MS, by ms_clock_ms(), and no longer: then it is
 * killed. */
void ms_member_await(struct ms_member *member, int64_t end_ms);

/* Those that only wait for what comes are asked now and then whether they are
 * alive, and killed when they do not answer for a minute. */
void ms_member_heard(struct ms_member *member);
int64_t ms_member_due(const struct ms_member *member);	/* -1: never */
/* False: it was killed. */
bool ms_member_do(struct ms_member *member);

/* Why a process ended, into TEXT. */
void ms_member_describe(int status, char *text, size_t size);

#endif
