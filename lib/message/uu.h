#ifndef MS_UU_H
#define MS_UU_H

#include "base/budget.h"
#include "base/spool.h"

#include <stddef.h>

/*
 * uuencoded blocks in text, as uuencode(1p) writes them and mail programs
 * before MIME sent them: "begin MODE NAME", lines, "end". A block that never
 * ends is given as far as it goes.
 */

/* One block, on loan until the visitor returns. */
struct ms_uu_block {
	const char *name;	/* as written; never to be opened */
	const unsigned char *data;
	size_t size;
};

/* MS_OK: go on; MS_END: stop without an error; else stop with it. */
typedef enum ms_status ms_uu_visit(void *arg, const struct ms_uu_block *block,
    struct ms_error *err);

struct ms_uu_input {
	const unsigned char *data;
	size_t size;
	struct ms_spool *spool;		/* for the decoded bytes */
	struct ms_budget *budget;
};

/*
 * Visit the blocks in order.
 *
 * MS_OK       all were visited, or the visitor said MS_END
 * MS_E_LIMIT  a block is larger than one part may be, or the budget of the
 *             message is used up; blocks before it were visited
 * other       the visitor's own failure, or the spool's
 */
enum ms_status ms_uu_walk(const struct ms_uu_input *input,
    ms_uu_visit *visit, void *arg, struct ms_error *err);

#endif
