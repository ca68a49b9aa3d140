#ifndef MS_POLICY_H
#define MS_POLICY_H

#include "policy/settings.h"
#include "scan/rulebook.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Who gets what scanned, and whose mail is let through, refused or thrown
 * away: the one engine of all doors. Made from settings and files once, and
 * immutable; a reload makes a new one. Nothing here does I/O but
 * ms_policy_open().
 *
 * A door asks ms_policy_client() when a client comes and has said who it is,
 * ms_policy_sender() and ms_policy_recipient() for each of those, and what
 * policy/plan has when it comes to a message.
 */

struct ms_policy;

/* If recipients of one message want different things: the strictest of them,
 * for all; what the last of them says, as simscan; or each its own. */
enum ms_policy_conflict {
	MS_POLICY_STRICTEST,
	MS_POLICY_LAST,
	MS_POLICY_SPLIT
};

/* Scanners besides the engine, as there are. */
enum ms_policy_kind {
	MS_POLICY_SPAM,		/* spam= in a policy is about these */
	MS_POLICY_SOPHIE,	/* trophie= or sophie= */
	MS_POLICY_COMMAND	/* on for all who have clam=yes */
};

struct ms_policy_scanner {
	const char *name;
	enum ms_policy_kind kind;
	double hits;		/* < 0: it says itself what is spam */
	bool passthru;
	bool skip_auth;		/* not for those who are authenticated */
	const char *user;	/* NULL: nobody's; "rcpt": the only
				 * recipient's */
};

/* Plain values. Lists end with NULL, and may be NULL; all is copied. */
struct ms_policy_config {
	/* Rules. */
	const char *const *maps;	/* files (policy/policymap) */
	const char *const *lines;	/* the same, written here; they come
					 * first */
	const char *const *clients;	/* "NETWORK SETTINGS" */
	const char *ext_sep;		/* NULL: "-" */
	enum ms_policy_conflict conflict;
	bool unmatched_skip;
	const struct ms_rules *rules;	/* where no policy says other;
					 * NULL: ms_decide_init() */
	bool keeps;			/* there is a quarantine, so that
					 * policies may want it */
	const struct ms_rulebook *blocked;	/* what the configuration
						 * blocks; NULL: nothing */
	const struct ms_policy_scanner *scanners;
	size_t scanner_count;
	/* Allowing. */
	const char *const *allow_from, *const *allow_to;
	const char *const *allow_lists;		/* files of old milters */
	const char *const *allow_signatures;	/* globs */
	const char *allow_sha256;		/* a file */
	const char *const *local_nets;	/* NULL: "private"; "local" are
					 * programs of this machine */
	bool skip_local;	/* scan-local=no */
	bool skip_outgoing;	/* scan-outgoing=no */
	const char *const *skip_auth;	/* policy/logins */
	bool force_scan;
	/* Clients and addresses. */
	const char *hostname;	/* ours; NULL: unknown */
	bool reject_forged_local;
	bool forged_by_name;	/* only for the name that it has, and whoever
				 * it is */
	const char *const *local_domains;
	const char *const *blackhole;
	const char *block_address_chars;	/* NULL: none */
	const char *const *block_exempt;	/* networks, besides those of
						 * local_nets */
	const char *const *allow_clients;	/* networks of those who are
						 * listened to; NULL: all */
};

/*
 * MS_OK        *POLICY is for ms_policy_free()
 * MS_E_IO      a file cannot be read
 * MS_E_FORMAT  a file or a value is wrong; ERR says which and where
 * MS_E_LIMIT   there is too much of it
 */
enum ms_status ms_policy_open(const struct ms_policy_config *config,
    struct ms_policy **policy, struct ms_error *err);
void ms_policy_free(struct ms_policy *policy);

/* Must the engine go on behind the first thing it finds, because some are
 * allowed, or because something else is done with some? */
bool ms_policy_wants_all(const struct ms_policy *policy);

/* Does it have to know the parts of messages, because contents are allowed? */
bool ms_policy_wants_parts(const struct ms_policy *policy);

/* The names and expressions that policies block for anybody, each once; lists
 * on loan. Whoever sees the bytes looks for all of them and for what the
 * configuration blocks; ms_plan_apply() drops what is not for those who get the
 * message. */
struct ms_rulebook_config ms_policy_blocked(const struct ms_policy *policy);

/* Whom and what a decision is about; loans. */
struct ms_policy_query {
	const char *door;	/* "smtp", "milter", "queue", "filter" */
	const char *client;	/* address, "192.0.2.1", "2001:db8::1"; NULL:
				 * a program of this machine */
	const char *client_name;	/* resolved; NULL: not known */
	const char *helo;	/* likewise */
	bool authenticated;
	const char *login;	/* as whom; NULL: not known */
	const char *sender;	/* without < >; "": the null sender; NULL:
				 * not known yet */
	const char *const *recipients;	/* likewise */
	size_t recipient_count;
	bool can_split;		/* the door can treat recipients of one
				 * message differently */
};

/* A reply, "550 5.7.1 ...", for g_free(), for a client that is not wanted
 * (when it said its name), a sender, or one recipient; NULL: go on.
 * RECIPIENT is without < >. */
char *ms_policy_client(const struct ms_policy *policy,
    const struct ms_policy_query *query);
char *ms_policy_sender(const struct ms_policy *policy,
    const struct ms_policy_query *query);
char *ms_policy_recipient(const struct ms_policy *policy,
    const char *recipient);

/* Can these functions say anything but NULL, so that it makes sense to ask the
 * first two, and the third one? */
bool ms_policy_minds_senders(const struct ms_policy *policy);
bool ms_policy_minds_recipients(const struct ms_policy *policy);

/* May a client never be blocked for what it sent: one of this machine, of the
 * local networks, or exempt? For policy/bans. */
bool ms_policy_is_exempt(const struct ms_policy *policy, const char *client);

#endif
