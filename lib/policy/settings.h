#ifndef MS_SETTINGS_H
#define MS_SETTINGS_H

#include "policy/decide.h"

#include <glib.h>

/*
 * What a policy says about mail from or to somebody: which scanners, what is
 * blocked, what is done. Written as simscan has it, "clam=yes,spam_hits=5.5,
 * attach=.exe:.scr", which is also what one line of a policy map says; what
 * it does not say is left to the one that stands before it.
 */

/* What can be said. */
enum ms_settings_field {
	MS_SETTINGS_CLAM,
	MS_SETTINGS_SPAM,
	MS_SETTINGS_SOPHIE,
	MS_SETTINGS_HITS,
	MS_SETTINGS_PASSTHRU,
	MS_SETTINGS_USER,
	MS_SETTINGS_ATTACH,
	MS_SETTINGS_REGEX,
	MS_SETTINGS_NEXT,
	MS_SETTINGS_ON,		/* the first of MS_OCCASIONS */
	MS_SETTINGS_FIELDS = MS_SETTINGS_ON + MS_OCCASIONS
};

/* Zeros: nothing is said. For ms_settings_clear(). */
struct ms_settings {
	unsigned said;		/* bits: 1 << enum ms_settings_field */
	bool clam;		/* the engine looks for malware */
	bool spam;		/* scanners for spam do */
	bool sophie;		/* scanners of that protocol do */
	bool passthru;		/* spam is delivered as its scanner marks it */
	double hits;		/* from so many on it is spam; < 0: the
				 * scanner says */
	char *user;		/* whose settings its scanner takes; NULL */
	char *next;		/* the program that gets the message; NULL */
	char **attach;		/* suffixes of names that are blocked, in
				 * lower case; NULL: none */
	char **regex;		/* expressions that are, as scan/rulebook has
				 * them; likewise */
	struct ms_rules rules;	/* only the ones that were said */
};

/* Most elements of a list. */
#define MS_SETTINGS_LIST_MAX 200

/*
 * Read TEXT. Names are the same in upper and lower case, - is as good as _ in
 * them; a value in quotation marks may hold commas.
 *
 * MS_OK
 * MS_E_FORMAT  ERR says what is wrong; SETTINGS is cleared
 */
enum ms_status ms_settings_parse(const char *text,
    struct ms_settings *settings, struct ms_error *err);

void ms_settings_clear(struct ms_settings *settings);
void ms_settings_copy(struct ms_settings *to, const struct ms_settings *from);

/* Has FIELD been said? */
bool ms_settings_has(const struct ms_settings *settings,
    enum ms_settings_field field);

/* What MORE says takes the place of what was said. */
void ms_settings_over(struct ms_settings *settings,
    const struct ms_settings *more);

/*
 * Of two that hold for two recipients of one message, which both say all, the
 * stricter in each: a scanner that one wants, the lower number of hits, no
 * passthru, what either of them blocks, the stricter action. A user or a next
 * program that is not the same in both is none.
 */
void ms_settings_strictest(struct ms_settings *settings,
    const struct ms_settings *other);

/* Do they say the same? */
bool ms_settings_equal(const struct ms_settings *a,
    const struct ms_settings *b);

/* Append what is said, as it is written. */
void ms_settings_print(const struct ms_settings *settings, GString *out);

#endif
