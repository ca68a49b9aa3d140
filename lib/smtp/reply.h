#ifndef MS_REPLY_H
#define MS_REPLY_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Replies of SMTP servers (RFC 5321, 4.2), from bytes in pieces of any size:
 * no socket, no clock. One or more lines, each a code of three digits with
 * "-" behind it, the last with a blank or nothing. A line may end with a line
 * feed alone. What a server of any kind would not send is refused, because
 * after it nobody knows which reply belongs to which command.
 */

/* Most bytes of a line with its end, and of all lines of a reply. RFC 5321
 * has 512 for a line; some servers do not keep to that. */
#define MS_REPLY_LINE_MAX 4096
#define MS_REPLY_BYTES_MAX 65536

struct ms_reply {
	int code;		/* 200 to 559 */
	GString *text;		/* the lines without their codes, with a line
				 * feed between them: not quoted */
	unsigned lines;
	/* for the parser's own use */
	GString *line;
	size_t bytes;
	bool over;
};

void ms_reply_init(struct ms_reply *reply);
void ms_reply_clear(struct ms_reply *reply);

/*
 * Feed up to SIZE bytes. *USED of them belong to this reply, or to what is
 * there of it; what is behind them is not looked at.
 *
 * MS_OK      REPLY is whole; the next byte that is fed begins another one
 * MS_END     all were used, and it is not at its end
 * MS_E_PEER  that is no reply: give the connection up
 */
enum ms_status ms_reply_feed(struct ms_reply *reply, const void *data,
    size_t size, size_t *used, struct ms_error *err);

/* The enhanced status code (RFC 3463) that the text begins with, as in
 * "5.7.1 no"; false: none, or one that does not go with the code. */
bool ms_reply_enhanced(const struct ms_reply *reply, unsigned status[3]);

/* Does a reply to EHLO name the extension KEYWORD (RFC 5321, 4.1.1.1)?
 * *VALUE (may be NULL), for the caller to free, is what stands behind it. */
bool ms_reply_extension(const struct ms_reply *reply, const char *keyword,
    char **value);

#endif
