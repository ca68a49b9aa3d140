#ifndef MS_STANDIN_H
#define MS_STANDIN_H

#include "replay/role.h"

/*
 * A server of the past stands in for a server: commands get the replies that
 * were recorded for the same command, with the same arguments, in the same
 * order. What was never said to it gets the reply that is likely, and is
 * counted.
 */
struct ms_standin {
	const struct ms_role *role;
	GHashTable *places;	/* of GArray of size_t: the steps in which
				 * something was said, by what it is */
	size_t next;		/* steps before it are of the past */
	size_t until;		/* those behind it of the future: for the user
				 * to set */
	GString *line;		/* as far as it is here */
	uint64_t chunk;		/* bytes of it that are to come */
	bool in_content, in_auth, chunk_last;
	GString *replies;	/* that were not taken yet, for the user to
				 * take */
	bool closes;		/* it has closed the connection behind them */
	size_t unmatched;	/* commands that nobody has recorded */
};

/* It has said its greeting. ROLE must outlive it. */
void ms_standin_init(struct ms_standin *standin, const struct ms_role *role);
void ms_standin_clear(struct ms_standin *standin);

/* SIZE bytes are said to it. */
void ms_standin_hear(struct ms_standin *standin, const void *data,
    size_t size);

#endif
