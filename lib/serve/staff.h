#ifndef MS_STAFF_H
#define MS_STAFF_H

#include "base/error.h"
#include "serve/control.h"

#include <glib.h>

#include <stdint.h>

/*
 * The processes of a service, one of each kind, and how new ones take over:
 * all that are to be renewed begin, the front last; when all of them are ready
 * they serve, and the old ones leave, each when nobody needs it any more. If
 * one of them cannot begin, all stays as it was. One that dies is started
 * again.
 */

/* In the order in which they begin; they end in the other one. All but the
 * front talk to the front. */
enum ms_staff_kind {
	MS_STAFF_SCANNER,
	MS_STAFF_STORE,
	MS_STAFF_RUNNER,
	MS_STAFF_LOOKUP,
	MS_STAFF_FRONT,
	MS_STAFF_KINDS
};

#define MS_STAFF_ALL ((1u << MS_STAFF_KINDS) - 1)

/* How one of a kind is made; as struct ms_child (pool/child.h). */
struct ms_staff_row {
	const char *name;
	int (*body)(void *arg, int control);	/* NULL: there is none */
	void *arg;
	const int *keep;
	size_t count;
};

struct ms_staff_events {
	/* What was begun serves. */
	void (*renewed)(void *arg);
	/* It does not, because of WHY; what there was does. */
	void (*refused)(void *arg, enum ms_status status, const char *why);
	/* After ms_staff_drain(): the last front is gone. */
	void (*drained)(void *arg);
	/* A front has told all others this (DEATHS, BANNED). May be NULL. */
	void (*told)(void *arg, enum ms_control order, const char *text);
	/* One called NAME ended when it should not. May be NULL. */
	void (*died)(void *arg, const char *name);
};

struct ms_staff;

struct ms_staff *ms_staff_new(const struct ms_staff_events *events, void *arg);

/* End all processes, and wait for them. */
void ms_staff_free(struct ms_staff *staff);

/*
 * Begin to renew the kinds in WHICH (bits), as ROWS (one of each kind) say;
 * those that there are none of yet begin in any case. The rest stays, but is
 * made by ROWS, too, when it has to be started again. ROWS are copied; what
 * they point to must live until others take their place, or they are refused.
 * Not while another renewal is under way.
 */
void ms_staff_renew(struct ms_staff *staff, const struct ms_staff_row *rows,
    unsigned which);
bool ms_staff_is_renewing(const struct ms_staff *staff);

/* Let nobody in any more; sessions may end within the grace of the front. */
void ms_staff_drain(struct ms_staff *staff);

/* Send ORDER to all processes of KIND (also those that leave), or to all of
 * all kinds (MS_STAFF_KINDS). */
void ms_staff_tell(struct ms_staff *staff, enum ms_staff_kind kind,
    enum ms_control order, const char *text, int fd);

/* Append what poll() is to look at (struct pollfd), and then take COUNT of
 * them, beginning with the first one that was appended. */
void ms_staff_list(const struct ms_staff *staff, GArray *fds);
void ms_staff_hear(struct ms_staff *staff, const void *fds, size_t count);

/* SIGCHLD came. */
void ms_staff_reap(struct ms_staff *staff);

/* When ms_staff_do() has something to do, by ms_clock_ms(); -1: nothing. */
int64_t ms_staff_due(const struct ms_staff *staff);
void ms_staff_do(struct ms_staff *staff);

#endif
