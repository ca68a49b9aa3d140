#ifndef MS_HEADING_H
#define MS_HEADING_H

#include "message/doubt.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * What the header of a message or a part says about its structure, and where
 * it can be understood in more than one way.
 */

enum ms_heading_kind {
	MS_HEADING_LEAF,
	MS_HEADING_MULTIPART,
	MS_HEADING_MESSAGE	/* message/rfc822 and the like */
};

enum ms_heading_encoding {
	MS_HEADING_PLAIN,
	MS_HEADING_BASE64,
	MS_HEADING_QP,
	MS_HEADING_OTHER
};

struct ms_heading {
	enum ms_heading_kind kind;
	enum ms_heading_encoding encoding;
	bool text;		/* text of any kind, or nothing said */
	bool header_follows;	/* the body begins with a header of its own, if
				 * not of a whole message */
	char *boundary;		/* of a multipart; or NULL */
	bool crlf;		/* how its first line ends */
	size_t line;		/* of the body's first line */
	size_t body;		/* offset of the body */
};

struct ms_heading_input {
	const unsigned char *data;
	size_t size;
	size_t at;		/* where the header begins */
	size_t line;		/* and its line, from 1 */
	bool top;		/* a message begins here, not a part */
	struct ms_doubts *doubts;
};

/* Read one header into HEADING, whose boundary the caller frees (g_free). */
void ms_heading_read(const struct ms_heading_input *input,
    struct ms_heading *heading);

#endif
