#ifndef MS_DEPOT_H
#define MS_DEPOT_H

#include "source/source.h"

#include <stdbool.h>

/*
 * Directories of mail systems: which they are, and what in them is mail.
 * Recognised by what lies in them, never by their own names.
 */

enum ms_depot {
	MS_DEPOT_NONE,
	MS_DEPOT_POSTFIX,	/* its queue_directory */
	MS_DEPOT_EXIM,		/* its spool directory, or that of a named
				 * queue */
	MS_DEPOT_QMAIL,		/* its queue */
	MS_DEPOT_QMAIL_MESS,	/* one of the directories in mess */
	MS_DEPOT_CYRUS,		/* a mailbox */
	MS_DEPOT_DBOX		/* with Dovecot's indexes beside the mail */
};

enum ms_depot ms_depot_kind(const struct ms_source_config *config, int dir);

/* The format of the file NAME in it: "qmail" or "cyrus"; or NULL: its content
 * says. */
const char *ms_depot_format(enum ms_depot depot, const char *name);

/* Is NAME in the directory DIR something that is not to be read? */
bool ms_depot_ignores(enum ms_depot depot, int dir, const char *name);

#endif
