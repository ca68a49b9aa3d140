#ifndef MS_ACT_H
#define MS_ACT_H

#include "action/lock.h"
#include "base/error.h"
#include "report/report.h"
#include "scan/outcome.h"

#include <stdbool.h>

/*
 * What a scan does with single messages. Each outcome passes by here between
 * its verdict and its report; what was done is noted in it. First a message
 * is stored, and that is verified, then it is changed where it is; if
 * anything is not as it was scanned, or anything fails, it stays.
 */

/* Gets what was done with a mailbox when the messages had gone on to another
 * one. */
typedef void ms_act_tell(void *arg, const struct ms_report_action *action);

/* Strings are loans for the life of the actor. */
struct ms_act_config {
	const char *copy;	/* a quarantine to copy to; NULL: not */
	const char *move;	/* one to move to; NULL: not */
	bool remove;
	char flag;		/* a Maildir flag to set; 0: none */
	const char *folder;	/* a Maildir++ folder to move to; NULL: not */
	unsigned verdicts;	/* 1 << enum ms_verdict, or-ed: with which
				 * messages */
	bool expunge;		/* from an mbox; else a notice takes the
				 * message's place */
	bool zip;		/* store as zips */
	bool sure;		/* a file that was read as a message is one:
				 * somebody has said so */
	bool dry_run;		/* only say so, and open nothing to write */
	struct ms_lock_config locking;
	ms_act_tell *tell;	/* NULL: nobody wants to know */
	void *arg;
};

struct ms_act;

/* Is there anything to do? */
bool ms_act_is_asked(const struct ms_act_config *config);

/*
 * MS_OK       *ACT is for ms_act_close(); CONFIG is copied
 * MS_E_USAGE  a quarantine is not safe to use: the text says what to do
 * MS_E_IO     it could not be made or opened
 */
enum ms_status ms_act_open(const struct ms_act_config *config,
    struct ms_act **act, struct ms_error *err);
void ms_act_close(struct ms_act *act);

/* Do what is to be done with the message. Outcomes come in the order of the
 * source; what its mailbox had to be read for is done before the first one of
 * another is. */
void ms_act_message(struct ms_act *act, struct ms_outcome *outcome);

/* There are no more; INTERRUPTED: because somebody has interrupted, so that
 * what has to wait for the end of a mailbox is not done. */
void ms_act_end(struct ms_act *act, bool interrupted);

/* The verdicts of messages that something is done with: 1 << enum ms_verdict,
 * or-ed. NULL: none. */
unsigned ms_act_verdicts(const struct ms_act *act);

/* What is done with them, as a number: other things have another one. Never 0,
 * but for NULL. */
int64_t ms_act_policy(const struct ms_act *act);

const struct ms_report_actions *ms_act_totals(const struct ms_act *act);

#endif
