#ifndef MS_PASS_H
#define MS_PASS_H

#include "unpack/aliases.h"
#include "unpack/unpack.h"

#include <glib.h>

/*
 * One reading of an archive from front to back, through a reader of
 * libarchive's that unpack.c has set up: some archives are read more than
 * once, by another list of their members or with a password.
 */

enum ms_pass_mode {
	MS_PASS_FIRST,
	MS_PASS_SECOND,		/* visit what is new, tell only what of that is
				 * encrypted */
	MS_PASS_UNLOCK		/* visit what the reader's password opens, tell
				 * nothing */
};

/* An encrypted member that the first pass has met. */
struct ms_pass_locked {
	uint64_t entry;		/* number of its header */
	char *name;
	bool opened;
};

struct ms_pass {
	struct ms_unpack_input input;	/* of this pass */
	const struct ms_unpack_visitor *visitor;
	void *arg;
	enum ms_pass_mode mode;
	uint64_t decoded;	/* bytes of all members so far */
	uint64_t entries;	/* headers read in this pass */
	GHashTable *members;	/* NULL, or digests of name and content of what
				 * was visited */
	GHashTable *closed;	/* NULL, or how many encrypted members of a
				 * name the second pass has yet to meet */
	GPtrArray *locked;	/* of struct ms_pass_locked, in order; NULL:
				 * encrypted members are told at once */
	guint at_locked;	/* first one that may come next */
	unsigned refused;	/* members that the password did not open */
	bool accepted;		/* it opened one */
	GHashTable *sealed;	/* NULL, or names of members that libarchive
				 * does not know to be encrypted */
	struct ms_aliases *aliases;	/* NULL, or names that were not
					 * shown yet */
	bool told;		/* how a pass ended */
	size_t rest;		/* bytes that the pass left */
	/* only for pass.c */
	struct archive *archive;
	bool opened;
};

/* Read the archive with READER, which is then freed. Statuses as of
 * ms_unpack(), and MS_END: the visitor wants no more. */
enum ms_status ms_pass_run(struct ms_pass *pass, struct archive *reader,
    struct ms_error *err);

/* Tell trouble() of member NAME (NULL: of the archive). */
void ms_pass_tell(const struct ms_pass *pass, const char *name,
    enum ms_status status, const char *format, ...) G_GNUC_PRINTF(4, 5);

#endif
