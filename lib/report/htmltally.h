#ifndef MS_HTMLTALLY_H
#define MS_HTMLTALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Counting under names from outside, and by month, in bounded memory. Two
 * things are counted side by side: what was found, and what could not be
 * examined.
 */

enum ms_htmltally_kind {
	MS_HTMLTALLY_FOUND,
	MS_HTMLTALLY_OPEN,	/* not examined */
	MS_HTMLTALLY_KINDS
};

/* So many names are told apart; what comes under further ones is counted
 * together. Names are compared up to so many bytes. */
#define MS_HTMLTALLY_NAMES_MAX 4096
#define MS_HTMLTALLY_NAME_BYTES 512

struct ms_htmltally_item {
	const char *name;	/* NULL: all others together */
	uint64_t counts[MS_HTMLTALLY_KINDS];
};

struct ms_htmltally;

struct ms_htmltally *ms_htmltally_new(void);
void ms_htmltally_free(struct ms_htmltally *tally);

/* One more under NAME, which is copied. */
void ms_htmltally_add(struct ms_htmltally *tally, const char *name,
    enum ms_htmltally_kind kind);

/* The names that were told apart. */
size_t ms_htmltally_names(const struct ms_htmltally *tally);

/* Did names come that were not told apart any more? */
bool ms_htmltally_is_full(const struct ms_htmltally *tally);

/*
 * The MAX names with the most found (then not examined, then by name), and
 * behind them one item for all others, if there are any: up to MAX + 1 go to
 * ITEMS. Returns how many. Names are loans until the tally changes.
 */
size_t ms_htmltally_top(const struct ms_htmltally *tally, size_t max,
    struct ms_htmltally_item *items);

/* Months from 1970-01 to 2099-12 are told apart; all other dates are
 * together, and so are messages without one. */
#define MS_HTMLTALLY_YEAR 1970
#define MS_HTMLTALLY_MONTHS (130 * 12)

struct ms_htmltally_months {
	uint64_t counts[MS_HTMLTALLY_MONTHS][MS_HTMLTALLY_KINDS];
	uint64_t odd[MS_HTMLTALLY_KINDS];	/* out of that range */
	uint64_t none[MS_HTMLTALLY_KINDS];	/* no date that can be read */
};

/* One more in MONTH (1 to 12) of YEAR; YEAR 0: no date. */
void ms_htmltally_month(struct ms_htmltally_months *months, int year,
    int month, enum ms_htmltally_kind kind);

/*
 * The months to show: the last SPAN ones that end with the latest which has
 * anything in it and is not behind LAST, a number of months since 1970-01;
 * but none before the first that has. Returns how many, *FIRST being the
 * first of them; 0: there are none.
 */
size_t ms_htmltally_span(const struct ms_htmltally_months *months, size_t last,
    size_t span, size_t *first);

/* The sums of the months before FIRST and from END on. */
struct ms_htmltally_item ms_htmltally_before(
    const struct ms_htmltally_months *months, size_t first);
struct ms_htmltally_item ms_htmltally_after(
    const struct ms_htmltally_months *months, size_t end);

#endif
