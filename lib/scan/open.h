#ifndef MS_OPEN_H
#define MS_OPEN_H

#include "base/budget.h"
#include "base/spool.h"
#include "message/textform.h"
#include "scan/facts.h"
#include "unpack/sniff.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * What is directly inside a content: the parts of a message, the messages of
 * a mailbox, the members of an archive, the blocks in text. One level; who
 * visits goes further down.
 */

/* Something with bytes in it, found at some place in a message. Loans. */
struct ms_content {
	const char *path;		/* "" for the message itself */
	const char *content_type;	/* declared, or NULL */
	const char *stored_type;	/* of all that is in it, whatever it
					 * looks like; or NULL */
	const char *filename;		/* declared, or NULL */
	const char *name;		/* that, or a member's; or NULL */
	const GPtrArray *names;		/* of char *: what else it may be
					 * called, if that was asked; or NULL */
	const char *encoding;		/* declared, or NULL */
	const char *charset;		/* declared, or NULL */
	const struct ms_textform *form;	/* how else it may be read, if that
					 * was asked and it may be a text; or
					 * NULL */
	const unsigned char *data;
	size_t size;
	unsigned depth;			/* containers around it */
	bool is_leaf;			/* of a MIME tree */
	bool is_text;			/* a block that is all of a leaf, whose
					 * encoding it is */
	bool ends_loosely;		/* line ends at its end may belong to
					 * what is around it: text in a
					 * message that is read in one way */
	bool has_lines;			/* likewise, and plain text that
					 * nobody saves as a file: it stands
					 * in the message as it is, and CRLF
					 * is how lines travel */
	bool is_reading;		/* one of several, of an ambiguous
					 * message, or inside of one */
	bool is_piece;			/* a reading that is a piece of it */
	unsigned level;			/* all that is around it: containers,
					 * multiparts, messages */
};

struct ms_open_visitor {
	/* MS_OK: go on; else stop with it. */
	enum ms_status (*content)(void *arg, const struct ms_content *inner,
	    struct ms_error *err);
	/* What is at PATH, or some of it, could not be had. */
	void (*trouble)(void *arg, const char *path, enum ms_status status,
	    const struct ms_error *why);
	/* The message at PATH can be read in more than one way. REASON is
	 * NULL if it may well be no message at all. */
	void (*ambiguity)(void *arg, const char *reason, const char *path,
	    const char *detail);
	/* As in unpack/unpack.h. */
	const char *const *(*passwords)(void *arg);
	/* A multipart or embedded message, before what is in it, and what else
	 * it may be called, as in struct ms_content; on loan. NULL: not asked
	 * for. */
	void (*node)(void *arg, const struct ms_part *node,
	    const GPtrArray *names);
	/* Something at PATH has NAME, and perhaps is not shown by it, or not
	 * at all. NULL: nobody asks. */
	void (*name)(void *arg, const char *path, const char *name);
};

struct ms_open_input {
	const struct ms_content *outer;
	const struct ms_sniff_type *type;	/* of its bytes */
	bool engine_opened;	/* the engine has found something in it */
	bool names;		/* all that parts may be called is asked for, */
	bool texts;		/* and all ways to read texts */
	const struct ms_spool_config *spool;	/* for what comes out */
	struct ms_budget *budget;
};

/*
 * Visit what is inside the content, by all ways that its bytes offer: those
 * are chosen by whoever sent them, so a picture may hold uuencode, and a zip
 * may stand behind something else.
 *
 * MS_OK       what is inside was visited; what was left out was told to
 *             trouble()
 * MS_E_LIMIT  the budget of the message is used up
 * other       the visitor's own failure, or the spool's
 */
enum ms_status ms_open_content(const struct ms_open_input *input,
    const struct ms_open_visitor *visitor, void *arg, struct ms_error *err);

/* The same for a content that is a message, whatever it looks like. */
enum ms_status ms_open_message(const struct ms_open_input *input,
    const struct ms_open_visitor *visitor, void *arg, struct ms_error *err);

#endif
