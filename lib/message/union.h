#ifndef MS_UNION_H
#define MS_UNION_H

#include "base/budget.h"
#include "base/spool.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The other readings of a message that can be read in several ways
 * (message/ambiguity.h): what any mail program might take for a part of it,
 * decoded as any mail program might decode it. No header is believed: parts
 * lie between all lines that could be delimiters, and every one is read as
 * plain text, as quoted-printable and as base64, in the variants of
 * message/qp.h and message/loose64.h that make a difference for it. Before
 * that come all runs of lines of base64, wherever they are. Blocks of
 * uuencode are left in the text they are in: message/uu.h finds them there.
 */

/* One reading, on loan until the visitor returns. */
struct ms_union_reading {
	const char *name;	/* "120-310 as base64": the bytes it is of */
	const unsigned char *data;
	size_t size;
	bool decoded;		/* an encoding was taken off: it may be an
				 * ambiguous message in its turn; if not, it
				 * is a piece of this one, or next to it */
	bool whole;		/* the message with its header */
};

/* MS_OK: go on; MS_END: stop without an error; else stop with it. */
typedef enum ms_status ms_union_visit(void *arg,
    const struct ms_union_reading *reading, struct ms_error *err);

/* Does it look like the body of a multipart, which has no header of its own
 * if it was encoded as a whole? */
bool ms_union_holds_parts(const struct ms_union_reading *reading);

struct ms_union_input {
	const unsigned char *data;
	size_t size;
	struct ms_spool *spool;		/* for the decoded bytes */
	struct ms_budget *budget;
	bool small;			/* short bodies are wanted, too */
};

/* Of a message of N bytes, at most so many are read, all readings taken
 * together: time and memory are linear in N. */
#define MS_UNION_TIMES 24
#define MS_UNION_FLOOR (4u << 20)

/*
 * Visit the readings, each content once. Readings of less than 16 bytes, or of
 * less than 3 if SMALL ones are wanted, and the message itself, are left out.
 *
 * MS_OK       all were visited, or the visitor said MS_END
 * MS_E_LIMIT  the budget is used up, or there are more readings than may
 *             be looked at (above); those before were visited
 * other       the visitor's own failure, or the spool's
 */
enum ms_status ms_union_walk(const struct ms_union_input *input,
    ms_union_visit *visit, void *arg, struct ms_error *err);

#endif
