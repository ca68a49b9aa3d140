#ifndef MS_RULING_H
#define MS_RULING_H

#include "policy/decide.h"
#include "policy/marking.h"
#include "policy/plan.h"

/*
 * From what is known of a message to what a door does with it: the action, the
 * reply, the header fields. Pure.
 */

struct ms_ruling_config {
	const struct ms_rules *rules;
	const char *reject_reply;	/* policy/wording: "550 5.7.1 No: %v";
					 * NULL: that of policy/answer */
	const char *defer_reply;	/* "451 4.7.1 ..."; likewise */
	const char *subject;	/* of mail that goes on marked, before what it
				 * was: policy/wording; NULL: nothing */
	const char *hostname;
	struct ms_marking_config marking;
	/* The names of fields that nobody else may have put there, as
	 * ms_marking_names() has them. */
	const char *const *names;
	/* Globs, the same in upper and lower case; NULL-ended, or NULL: what
	 * would be rejected because it is infected is dropped if its
	 * Message-ID is like one of them. */
	const char *const *drop_ids;
};

/* What is known of a message. */
struct ms_ruling_case {
	const char *failure;	/* it could not be scanned, and why; NULL: the
				 * rest is known. Not quoted. */
	const struct ms_facts *facts;
	enum ms_verdict verdict;	/* of FACTS */
	const struct ms_rules *rules;	/* that hold for it; NULL: those of the
					 * configuration */
};

/* What texts may name besides. Any may be NULL. */
struct ms_ruling_about {
	const char *client, *server;	/* addresses */
	const char *kept;	/* the id in quarantine */
	const char *date;	/* RFC 5322: now, if ms_ruling_has_date() */
	char *const *recipients;	/* NULL-ended: whom it was for, which
					 * mail that is redirected says */
};

struct ms_ruling {
	enum ms_action action;
	bool quarantine;	/* keep a copy before that is done */
	char *address;		/* of REDIRECT; else NULL */
	enum ms_verdict verdict;
	char *what;		/* the finding, or why it was not examined, that
				 * decided; NULL: there is none. Not quoted. */
	char *part;		/* where; "": the message as a whole */
	char *why;		/* who failed to examine it, how; likewise */
	enum ms_verdict alone;	/* what made it decided: the verdict of that
				 * alone; else VERDICT */
	char *usual;		/* reply; NULL: there is none */
	char *next;		/* the program that a queue hands it to; NULL:
				 * as configured */
	/* What ms_ruling_word() finds: */
	char *reply;		/* of REJECT and DEFER; else NULL */
	char *fields;		/* for a header, of PASS, TAG and REDIRECT;
				 * else NULL */
	char **names;		/* likewise: of the fields that go before, NULL-
				 * ended */
	char *subject;		/* to put before it, of TAG and REDIRECT in
				 * which something was found; else NULL */
};

/* Decide. The result is for ms_ruling_clear(). A failure is a reason to defer,
 * whatever the rules say. */
void ms_ruling(const struct ms_ruling_config *config,
    const struct ms_ruling_case *known, struct ms_ruling *ruling);

/* The same for a message for which there is PLAN, with one group: FACTS are
 * freed of what does not count. Where the engine's word does not, nothing is
 * clean: it is SKIPPED. Without an error in FAILURE, as above. */
void ms_ruling_planned(const struct ms_ruling_config *config,
    const struct ms_plan *plan, const char *failure, struct ms_facts *facts,
    struct ms_ruling *ruling);

/* A message that is refused with REPLY, "550 5.7.1 text" or a 4 in front,
 * before anybody has looked at it. */
void ms_ruling_refused(const char *reply, struct ms_ruling *ruling);

/* A message over which workers die again and again is not deferred any more:
 * it is rejected, and kept if it CAN be. Other rulings stay as they are. Was it
 * that? */
bool ms_ruling_end_retries(struct ms_ruling *ruling, bool can);

/* It could not be kept: it is deferred, whatever was decided. */
void ms_ruling_unkept(struct ms_ruling *ruling);

/* Does any text name the date? Making one takes longer than the rest. */
bool ms_ruling_has_date(const struct ms_ruling_config *config);

/* Write the reply or the fields. */
void ms_ruling_word(const struct ms_ruling_config *config,
    const struct ms_ruling_about *about, struct ms_ruling *ruling);
void ms_ruling_clear(struct ms_ruling *ruling);

/* Can TEXT be a reply of the class CLASS, '4' or '5': three digits, a blank,
 * words that policy/wording takes? MS_OK or MS_E_USAGE. */
enum ms_status ms_ruling_check(const char *text, char class,
    struct ms_error *err);

#endif
