#ifndef MS_ARTICLES_H
#define MS_ARTICLES_H

#include "base/subnet.h"
#include "policy/logins.h"
#include "policy/policy.h"
#include "policy/policymap.h"
#include "policy/whom.h"

/* What a policy is made of. Only for policy/policy, which makes it, and
 * policy/plan, which reads it; and how they and policy/bans read addresses. */

struct ms_articles_client {
	struct ms_subnet subnet;
	struct ms_settings settings;
	char *text;		/* as it was written */
};

struct ms_policy {
	struct ms_policymap *map;
	GPtrArray *clients;	/* of struct ms_articles_client *, the longest
				 * network first */
	GHashTable *own;	/* set of char *: what rules of the
				 * configuration are called */
	bool own_names, own_regex, own_others;	/* of which kinds they are */
	GPtrArray *names, *regexes;	/* of policies; NULL-ended once it is
					 * made */
	GHashTable *known;	/* set of "n..." and "r..." that are there */
	char *ext_sep;
	enum ms_policy_conflict conflict;
	bool unmatched_skip;
	struct ms_settings base;	/* what holds without any policy */
	GArray *scanners;	/* of struct ms_policy_scanner */
	bool keeps;
	struct ms_whom *allow_from, *allow_to, *redirected;
	struct ms_whom *blackhole, *local_domains;
	bool has_classes;	/* something is chosen for a class of what is
				 * infected, */
	bool grades;		/* and not all that is chosen is one */
	char **signatures;	/* in lower case; NULL: none */
	GHashTable *contents;	/* set of struct ms_digest *; NULL: none */
	GArray *local, *exempt, *allowed;	/* of struct ms_subnet */
	bool local_programs;	/* LOCAL has those without an address */
	struct ms_logins *skip_logins;
	bool skip_local, skip_outgoing, force_scan;
	char *hostname;		/* NULL: not known, or not to be looked at */
	bool reject_forged, forged_by_name;
	char *address_chars;	/* NULL: none */
};

/* Read an address, which may be as XFORWARD has it: IPV6:2001:db8::1. */
bool ms_articles_address(const char *text, struct ms_subnet *address);

/* Is the address CLIENT in any of the networks? NULL is in none. */
bool ms_articles_in(const GArray *subnets, const char *client);

/* Does CLIENT speak from this very machine? */
bool ms_articles_is_own(const char *client);

/* Note what SETTINGS choose for what is infected, and for classes of that: if
 * all of it is not one, what was found first does not decide. */
void ms_articles_note(struct ms_policy *policy,
    const struct ms_settings *settings);

#endif
