#ifndef MS_CODED_H
#define MS_CODED_H

#include "message/doubt.h"
#include "message/heading.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Bodies that are encoded, line by line: where do decoders differ? And text
 * in which a paragraph is base64 that nobody declared.
 */

struct ms_coded {
	enum ms_heading_encoding encoding;
	bool text;		/* people write it, not always by the book */
	struct ms_doubts *doubts;
	size_t line;		/* the latest with something in it */
	size_t letters;		/* base64, padding included */
	unsigned short_lines;	/* in a row */
	bool uneven;		/* the latest line is no whole groups */
	bool ended;		/* an equals sign was there */
	bool blank;		/* the latest line is */
	bool pure;		/* a paragraph of base64, so far */
};

/* A body of ENCODING begins, which is TEXT or not. */
void ms_coded_start(struct ms_coded *coded, struct ms_doubts *doubts,
    enum ms_heading_encoding encoding, bool text);

/* Its next line, of SIZE bytes at DATA without the end, is number LINE. */
void ms_coded_line(struct ms_coded *coded, const unsigned char *data,
    size_t size, size_t line);

/* It ends. */
void ms_coded_end(struct ms_coded *coded);

/* Does the line look like encoded data, though nobody said so? */
bool ms_coded_looks_so(const unsigned char *data, size_t size);

#endif
