#ifndef MS_ENFORCE_H
#define MS_ENFORCE_H

#include "base/budget.h"
#include "scan/open.h"
#include "scan/rulebook.h"
#include "scan/scan.h"

/*
 * The rules of a book, looked for in one message while it is taken apart. What
 * breaks one is told as a finding of a rule. So is a text that makes a rule
 * take too many steps, with a gap that says so: who wrote the text could have
 * meant that. Texts for which there is no time, or whose charset is not known,
 * are gaps, never a pass.
 */

struct ms_enforce {
	const struct ms_rulebook *book;	/* NULL: there are no rules */
	const struct ms_scan_sink *sink;
	void *arg;
	struct ms_budget *budget;
	unsigned char *told;	/* of each rule: how often */
	unsigned *latest;	/* of each rule: the turn in which it last was,
				 * so that one thing breaks it once */
	unsigned turn;
	unsigned total;
	uint32_t within;	/* the part that is looked at, as numbered for
				 * the sink */
	bool clean;		/* nothing was told yet */
	bool late;		/* the time for texts is over */
	bool full;		/* no more findings are told */
	const char *path;	/* of what is being looked at */
	GHashTable *unknown;	/* charsets that were told; NULL: none */
};

/* All that is handed in outlives it. */
void ms_enforce_init(struct ms_enforce *enforce,
    const struct ms_rulebook *book, const struct ms_scan_sink *sink,
    void *arg, struct ms_budget *budget);
void ms_enforce_clear(struct ms_enforce *enforce);

/* Is there any rule for names, or for texts? */
bool ms_enforce_asks_names(const struct ms_enforce *enforce);
bool ms_enforce_asks_texts(const struct ms_enforce *enforce);

/* The message as a whole: its header and its raw bytes. */
void ms_enforce_message(struct ms_enforce *enforce,
    const struct ms_scan_input *input, const char *path);

/* Something in it, of TYPE. */
void ms_enforce_content(struct ms_enforce *enforce,
    const struct ms_content *content, const struct ms_sniff_type *type);

/* Something at PATH that may also be called NAMES (of char *, or NULL),
 * besides NAME (or NULL). */
void ms_enforce_names(struct ms_enforce *enforce, const char *path,
    const char *name, const GPtrArray *names);

#endif
