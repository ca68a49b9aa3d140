#ifndef MS_MEMORY_H
#define MS_MEMORY_H

#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/*
 * What is still known of folders and files from an earlier run: lib/state
 * does it. It is asked of each before it is read, with what the system said
 * of it at that moment, and told when it was read to its end.
 */

enum ms_memory_answer {
	MS_MEMORY_READ,		/* new or changed: read it */
	MS_MEMORY_PASS,		/* known, and nothing is to be said of it */
	MS_MEMORY_TELL,		/* known, and something was found in it */
	MS_MEMORY_OWN		/* a file of the memory itself */
};

/* A folder's list of files, or one of these files. */
struct ms_memory_thing {
	uint64_t list;		/* ticket of the list it is in; 0: of none */
	const char *name;	/* in that list, else a path */
	size_t unique;		/* of a Maildir's message: so much of its name
				 * never changes; else 0 */
	const struct stat *st;
	bool must_read;		/* whatever is known of it */
};

/* Where the last message of a mailbox begins: who comes back continues there,
 * if what is before it is the same. */
struct ms_memory_end {
	uint64_t offset;	/* 0: nowhere */
	uint64_t index;		/* of that message */
	struct ms_digest before;
};

/* *TICKET is then the number by which the thing is known: never 0, unless
 * the answer is OWN. */
struct ms_memory {
	enum ms_memory_answer (*list)(void *arg,
	    const struct ms_memory_thing *thing, uint64_t *ticket);
	enum ms_memory_answer (*file)(void *arg,
	    const struct ms_memory_thing *thing, uint64_t *ticket);
	/* Was the file with this TICKET, which is to be read and has SIZE
	 * bytes, a mailbox that may have grown? */
	bool (*grown)(void *arg, uint64_t ticket, uint64_t size,
	    struct ms_memory_end *end);
};

#endif
