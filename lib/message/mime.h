#ifndef MS_MIME_H
#define MS_MIME_H

#include "base/budget.h"
#include "base/spool.h"
#include "message/textform.h"

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * What is inside a message by RFC 2045 to 2049, through GMime: the leaves of
 * its tree with their content decoded, and the header fields that people
 * know a message by.
 */

/* Once per process, before any other call here; opens nothing later. */
void ms_mime_start(void);

/* One leaf, on loan until the visitor returns. */
struct ms_mime_leaf {
	const char *path;		/* "2.1": positions in multiparts, from
					 * 1; what is in a message/rfc822 is
					 * numbered inside it */
	const char *content_type;	/* "text/plain", lower case */
	const char *filename;		/* decoded (RFC 2231, 2047); NULL */
	const GPtrArray *names;		/* of char *: what else it may be
					 * called (message/partnames.h); NULL:
					 * not asked for, or nothing */
	const char *encoding;		/* as declared; NULL: not */
	const char *charset;		/* likewise */
	const struct ms_textform *form;	/* of all fields that say what it is;
					 * NULL: not asked for */
	bool inlined;			/* to be shown: no attachment, and
					 * nothing says what it is called */
	unsigned level;			/* 1: the message's own body; what is
					 * in a multipart or message is one
					 * deeper */
	const unsigned char *data;	/* decoded content */
	size_t size;
};

/* A multipart or an embedded message, on loan likewise. */
struct ms_mime_node {
	const char *path;		/* "" for the body of the message */
	const char *content_type;
	const char *filename;
	const GPtrArray *names;
	const char *encoding;
	const char *boundary;		/* NULL: none, or no multipart */
	unsigned level;
	bool is_message;
};

struct ms_mime_visitor {
	/* MS_OK: go on; MS_END: stop without an error; else stop with it. */
	enum ms_status (*leaf)(void *arg, const struct ms_mime_leaf *leaf,
	    struct ms_error *err);
	/* Something at PATH was left out: MS_E_LIMIT (budget->hit says which
	 * limit) with the reason in WHY. */
	void (*trouble)(void *arg, const char *path, enum ms_status status,
	    const struct ms_error *why);
	/* NULL, or called for each node before what is in it. */
	void (*node)(void *arg, const struct ms_mime_node *node);
};

/*
 * Visit the leaves of the message of SIZE bytes at DATA in order. Decoded
 * bytes are charged to BUDGET and kept in SPOOL while they are visited.
 *
 * MS_OK       all leaves were visited, or the visitor said MS_END; what was
 *             left out was told to trouble()
 * MS_E_LIMIT  the budget for the whole message is used up
 * other       the visitor's own failure, or SPOOL's
 */
struct ms_mime_input {
	const unsigned char *data;
	size_t size;
	struct ms_spool *spool;
	struct ms_budget *budget;
	bool names;		/* all that parts may be called is wanted */
	bool texts;		/* and how texts may be read */
	bool outermost;		/* that it is a piece of another message is
				 * known from ms_mime_fields() */
};
enum ms_status ms_mime_walk(const struct ms_mime_input *input,
    const struct ms_mime_visitor *visitor, void *arg, struct ms_error *err);

/* Header fields, decoded; NULL where there is none. ms_mime_fields_clear()
 * frees them. */
struct ms_mime_fields {
	char *message_id;
	char *subject;
	char *from;
	char *to;
	char *date;		/* RFC 3339 where it could be parsed */
	/* Of message/partial (RFC 2046, 5.2.2): */
	char *piece_of;		/* the id of the whole message */
	uint32_t piece_number;	/* from 1 */
	uint32_t piece_total;	/* 0: not said */
	size_t body;		/* offset of the body */
};
void ms_mime_fields(const unsigned char *data, size_t size,
    struct ms_mime_fields *fields);
void ms_mime_fields_clear(struct ms_mime_fields *fields);

#endif
