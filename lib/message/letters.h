#ifndef MS_LETTERS_H
#define MS_LETTERS_H

#include "base/budget.h"
#include "base/spool.h"

#include <stddef.h>

/* The messages of an mbox that is in memory. */

/* One of them, on loan until the visitor returns. */
struct ms_letter {
	const char *name;	/* "#1", ... */
	const unsigned char *data;
	size_t size;
};

/* MS_OK: go on; MS_END: stop without an error; else stop with it. */
typedef enum ms_status ms_letters_visit(void *arg,
    const struct ms_letter *letter, struct ms_error *err);

struct ms_letters_input {
	const unsigned char *data;
	size_t size;
	const struct ms_spool_config *spool;	/* for one after the other */
	struct ms_budget *budget;
};

/*
 * Visit the messages in order; each is charged to the budget as a part.
 *
 * MS_OK       all were visited, or the visitor said MS_END
 * MS_E_LIMIT  the budget is used up
 * other       the visitor's own failure, or the spool's
 */
enum ms_status ms_letters(const struct ms_letters_input *input,
    ms_letters_visit *visit, void *arg, struct ms_error *err);

#endif
