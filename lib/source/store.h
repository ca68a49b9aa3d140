#ifndef MS_STORE_H
#define MS_STORE_H

#include "source/source.h"

#include <stdbool.h>

/*
 * Directories of mail systems: which they are, and what in them is mail.
 * Recognised by what lies in them, never by their own names.
 */

enum ms_store {
	MS_STORE_NONE,
	MS_STORE_POSTFIX,	/* its queue_directory */
	MS_STORE_EXIM,		/* its spool directory, or that of a named
				 * queue */
	MS_STORE_QMAIL,		/* its queue */
	MS_STORE_QMAIL_MESS,	/* one of the directories in mess */
	MS_STORE_CYRUS,		/* a mailbox */
	MS_STORE_DBOX		/* with Dovecot's indexes beside the mail */
};

enum ms_store ms_store_kind(const struct ms_source_config *config, int dir);

/* The format of the file NAME in it: "qmail" or "cyrus"; or NULL: its content
 * says. */
const char *ms_store_format(enum ms_store store, const char *name);

/* Is NAME in the directory DIR something that is not to be read? */
bool ms_store_ignores(enum ms_store store, int dir, const char *name);

#endif
