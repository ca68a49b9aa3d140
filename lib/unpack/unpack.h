#ifndef MS_UNPACK_H
#define MS_UNPACK_H

#include "base/budget.h"
#include "base/spool.h"
#include "unpack/sniff.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Archives, one level at a time, through libarchive: hand in the bytes of
 * what ms_sniff() called an archive, get a visit for each member. Only the
 * one format that was recognised is asked for, never "all", which would run
 * external programs. Recursion into members is the walker's business
 * (scan/walk.h), not ours.
 */

/* One member, on loan: every pointer is valid only until the visitor
 * returns. */
struct ms_member {
	const char *name;	/* as stored, "data" for a compressed stream,
				 * "#n" for the n-th entry if it has none; never
				 * to be opened */
	const unsigned char *data;
	size_t size;
};

struct ms_unpack_visitor {
	/* MS_OK: the next member; MS_END: stop without an error; else stop
	 * with it. */
	enum ms_status (*member)(void *arg, const struct ms_member *member,
	    struct ms_error *err);
	/*
	 * Something could not be read: member NAME, or the archive from here
	 * on if NAME is NULL.
	 * MS_E_FORMAT       damaged
	 * MS_E_ENCRYPTED    needs a password
	 * MS_E_UNSUPPORTED  a method that libarchive does not know
	 * MS_E_LIMIT        too large; what was read until then is visited
	 */
	void (*trouble)(void *arg, const char *name, enum ms_status status,
	    const struct ms_error *why);
	/* Encrypted members of a zip were met: passwords to try on them, in
	 * this order, with NULL behind them, on loan until ms_unpack()
	 * returns. What none of them opens is told. NULL: there are none. */
	const char *const *(*passwords)(void *arg);
	/* Something in the archive goes by NAME, on loan, for some programs:
	 * a member that is visited by another name, or a link or device, which
	 * is not visited. NULL: nobody asks. */
	void (*name)(void *arg, const char *name);
};

struct ms_unpack_input {
	const unsigned char *data;
	size_t size;
	enum ms_sniff_format format;
	struct ms_spool *spool;		/* for one member at a time */
	struct ms_budget *budget;
};

/*
 * Visit the members in stored order, charging every decoded byte to the
 * budget before it is kept. Directories, links and devices are not visited.
 *
 * MS_OK       all was visited or told to trouble(), or the visitor said
 *             MS_END
 * MS_E_LIMIT  the budget of the whole message ran out
 * other       the visitor's own failure, or the spool's
 */
enum ms_status ms_unpack(const struct ms_unpack_input *input,
    const struct ms_unpack_visitor *visitor, void *arg, struct ms_error *err);

#endif
