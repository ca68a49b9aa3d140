#ifndef MS_LINES_H
#define MS_LINES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Lines of text, as most see them and as the most forgiving reader does.
 */

struct ms_line {
	const unsigned char *data;
	size_t size;		/* without its end */
	const unsigned char *next;	/* behind its end */
};

/* Cut the line at AT off, which LF or CRLF ends, and the last one the end of
 * the text, or a CR before that. False: AT is END. */
bool ms_lines_cut(const unsigned char *at, const unsigned char *end,
    struct ms_line *line);

/* All lines, of which LF, CRLF and CR alone each end one. Linear whatever the
 * ends are. */
struct ms_lines {
	const unsigned char *at, *end;
	const unsigned char *lf, *cr;	/* next of each, or END */
};

void ms_lines_start(struct ms_lines *lines, const unsigned char *data,
    size_t size);

/* Cut the next line off; false if nothing is left. */
bool ms_lines_next(struct ms_lines *lines, struct ms_line *line);

/* Nothing but blanks and control characters? */
bool ms_lines_is_blank(const struct ms_line *line);

#endif
