#ifndef SCANNER_OPTIONS_H
#define SCANNER_OPTIONS_H

#include "mailscan.h"
#include "option.h"

/*
 * Scanners besides the engine: what a section "scanner NAME { ... }" of the
 * configuration file says, or --scanners in one word for each of them, as
 * "NAME type=spamc address=127.0.0.1:783".
 */

/* The one row; its field is SCANNERS of struct scan_options. */
extern const struct opt scanner_options_rows[];

/* What the section is called, and what may stand in it; NULL-ended. */
#define SCANNER_SECTION "scanner"
extern const char *const scanner_options_keys[];

/* The section TITLE of CONF in one word, for g_free(). */
char *scanner_options_word(const struct ms_conf *conf, const char *title);

/* What they mean; all in it belongs to it. */
struct scanner_plan {
	struct ms_check *checks;
	struct ms_policy_scanner *scanners;
	size_t count;
	GPtrArray *owned;	/* of char ** and char *, by their frees */
};

/* Make PLAN, for scanner_options_clear() in any case, of WORDS (or NULL).
 * False: it has been said what is wrong. */
bool scanner_options_plan(const struct command *cmd,
    const char *const *words, struct scanner_plan *plan);
void scanner_options_clear(struct scanner_plan *plan);

#endif
