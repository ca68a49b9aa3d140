#ifndef DOOR_H
#define DOOR_H

#include "block_options.h"
#include "policy_options.h"
#include "scanner_options.h"
#include "serve_options.h"

/*
 * What filter and queue have in common: a message that somebody hands in on a
 * descriptor is spooled, brought to a service over its scan socket (or, alone,
 * to an engine of our own), and may go on as that says.
 */

struct door_options {
	struct serve_options serve;	/* first: rows of it are ours, too */
	int64_t answer_timeout_s;
	bool standalone;
};

/* Rows of these, the first ones not with --standalone; and defaults. */
extern const struct opt door_service[], door_rows[];
void door_defaults(struct door_options *options);

/* Tables of rows that only count with --standalone; without it the service was
 * told such things. */
#define DOOR_STANDALONE \
	serve_options_name, serve_actions_rows, serve_notices_rows, \
	policy_options_rules, policy_options_people, scan_options_engine, \
	scan_options_passwords, block_options_rows, scanner_options_rows, \
	scan_options_limits

/* Was CMD itself told something that does not count? False: it was explained
 * on stderr. What all commands are told in a configuration file is no
 * mistake. */
bool door_check(const struct command *cmd,
    const struct door_options *options);

struct door {
	const struct command *cmd;
	const struct door_options *options;
	const char *name;	/* "filter" */
	struct ms_spool *spool;	/* the message */
	int fd;			/* and it again, sealed; -1: not yet */
	struct ms_envelope *envelope;
	bool authenticated;
	const char *login;	/* as whom; NULL: not known */
	bool asked;
	struct ms_counter_reply reply;	/* if it was */
	struct ms_error err;	/* why something failed */
};

/* Begin; for door_close() in any case. */
void door_open(struct door *door, const struct command *cmd,
    const struct door_options *options);
void door_close(struct door *door);

/* TEXT says as whom the client has authenticated: a name; "yes", that is not
 * known; "no" or NULL: it has not. */
void door_authenticated(struct door *door, const char *text);

/* Each MS_OK, or what is wrong is in the door's err. */

/* Be where it can be asked, before anything is read (standalone.h). */
enum ms_status door_begin(struct door *door);
/* Spool all that IN gives. */
enum ms_status door_read(struct door *door, int in);
/* What is to be done with it? */
enum ms_status door_ask(struct door *door);
/* It as it goes on, with TRACE (or NULL) above it: *SPOOL is the caller's. */
enum ms_status door_depart(struct door *door, const char *trace,
    struct ms_spool **spool);

/* The name of this host, in NAME, or one that can stand in a header as well. */
const char *door_host(char name[256]);

/* May it go on, and to whom: NULL-ended, a loan of the door's (or of LIST,
 * which is filled in)? */
bool door_passes(const struct door *door);
const char *const *door_recipients(const struct door *door,
    const char *list[2]);

#endif
