#ifndef MS_ALTER_H
#define MS_ALTER_H

#include <glib.h>

#include <stddef.h>

/*
 * What a filter has to ask of a mail server so that the header of a message
 * becomes what it is to be. A server takes no new header, only edits of single
 * fields, each by its name and the number it has among those of that name, as
 * they are once the edits before it were made. Pure.
 */

enum ms_alter_kind {
	MS_ALTER_REMOVE,
	MS_ALTER_CHANGE,
	MS_ALTER_PUT		/* in front of all others */
};

struct ms_alter_edit {
	enum ms_alter_kind kind;
	char *name;
	unsigned number;	/* from 1; of PUT: 0 */
	char *value;		/* all behind the colon, blanks as well, with LF
				 * between its lines; of REMOVE: NULL */
};

struct ms_alter_config {
	/* The header that the server has, with its line ends; what stands
	 * behind the blank line is not looked at. */
	const unsigned char *header;
	size_t size;
	/* The header of what takes the message's place; NULL: the same one. */
	const unsigned char *rewritten;
	size_t rewritten_size;
	/* Names of fields that go, as those of struct ms_label_config, and
	 * whole fields that are put in front; NULL-ended, or NULL. */
	const char *const *names, *const *fields;
	/* To be put before the subject, which is kept as X-Original-Subject;
	 * NULL. */
	const char *subject;
};

/* Edits (struct ms_alter_edit) in the order in which they are to be made; the
 * caller unrefs them. NULL: a header of so many fields is not compared. */
GPtrArray *ms_alter(const struct ms_alter_config *config);

#endif
