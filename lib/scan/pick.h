#ifndef MS_PICK_H
#define MS_PICK_H

#include <stdbool.h>

/*
 * Whose bytes are wanted, of all that is in a message.
 */
struct ms_pick {
	bool any;			/* else nobody's */
	bool found_only;		/* only of what has a finding */
	const char *const *types;	/* globs of media types, NULL-ended;
					 * NULL: of every type */
};

/* Are the bytes of something wanted that was declared (NULL: not) and
 * detected to be of these types, and was FOUND to be bad or not? Types are
 * compared in lower case, as they are given; one that is longer than any
 * media type (RFC 6838, 4.2) matches nothing. */
bool ms_pick_wants(const struct ms_pick *pick, const char *declared,
    const char *detected, bool found);

#endif
