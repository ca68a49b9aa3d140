#ifndef HOLDINGS_H
#define HOLDINGS_H

#include "command.h"
#include "mailscan.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Which messages of a quarantine a command is about: those named by id, or
 * those that all filters let through.
 */

/* Everything that "mailscan quarantine" can be told. */
struct quarantine_options {
	const char *quarantine;
	/* filters */
	const char *since, *until, *verdict;
	const char *const *source, *const *name, *const *from, *const *to,
	    *const *subject;
	bool all, unreleased;
	/* output */
	bool json, quiet, dry_run;
	const char *directory;
	bool unquoted;
	/* release */
	const char *into, *smtp, *sender, *helo;
	const char *const *recipients;
	int64_t smtp_timeout, lock_timeout;
	const char *lock_order;
	bool again;
	/* purge */
	const char *older_than;
};

struct holdings {
	const struct command *cmd;
	const struct quarantine_options *options;
	struct ms_quarantine *q;
	int count;		/* of ids named, 0: the filters say which */
	char **ids;
	int64_t since, until;	/* -1: no such filter */
	bool verdicts[MS_VERDICTS];
	bool filtered;		/* there is a filter that needs a record */
	struct ms_lock_config locking;	/* of mailboxes */
	bool lock;		/* the messages are going to be changed */
	bool failed;		/* something went wrong, and was said */
	uint64_t messages;	/* that were handled */
};

/* Take over filters and ids. False: option_error() has said what is wrong. */
bool holdings_select(struct holdings *holdings, int count, char **ids);

/* What is done with each. */
typedef void holdings_visit(struct holdings *holdings,
    struct ms_holding *holding);

/* What is done with what is no message, and named by nobody. */
typedef void holdings_other(struct holdings *holdings,
    const struct ms_inventory_name *name);

/* Visit what was selected. What cannot be visited is said, and OTHER, which
 * may be NULL, gets what is foreign or left over. */
void holdings_each(struct holdings *holdings, holdings_visit *visit,
    holdings_other *other);

/* Say on stderr what ERR says of the message ID (NULL: of none), and that
 * something failed. */
void holdings_complain(struct holdings *holdings, const char *id,
    const struct ms_error *err);

/* Say what was done: with --json as a line of it, else as TEXT, which is
 * quoted here. RECEIPT.state "failed" is a failure. */
void holdings_tell(struct holdings *holdings,
    const struct ms_receipt *receipt, const char *text);

#endif
