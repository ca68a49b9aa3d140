#ifndef MS_TEXTLINES_H
#define MS_TEXTLINES_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A text file, line by line, from whatever can be read. Lines of any length
 * come in pieces, so that memory is bounded.
 */

/* Bytes of a line that come as one piece, if it has no more. */
#define MS_TEXTLINES_PIECE ((size_t)65536)

enum ms_textlines_ending {
	MS_TEXTLINES_NONE,
	MS_TEXTLINES_LF,
	MS_TEXTLINES_CRLF
};

/* A line, or a piece of one; the bytes are on loan until the next call. */
struct ms_piece {
	const unsigned char *data;	/* without what ends the line */
	size_t size;
	uint64_t number;		/* of the line, from 1 */
	bool first, last;		/* both: it is the whole line */
	enum ms_textlines_ending ending;	/* of the last piece; NONE:
						 * the file ends with it */
};

/* At most SIZE bytes to DATA; *GOT 0: there are no more. */
typedef enum ms_status ms_textlines_read(void *arg, void *data, size_t size,
    size_t *got, struct ms_error *err);

struct ms_textlines;

/* Nothing is read yet. */
struct ms_textlines *ms_textlines_new(ms_textlines_read *read, void *arg);
void ms_textlines_free(struct ms_textlines *lines);

/* Loan of what comes next, MS_TEXTLINES_PIECE bytes or less if there are no
 * more; it will come all the same. Fails as the read function does. */
enum ms_status ms_textlines_head(struct ms_textlines *lines,
    const unsigned char **data, size_t *size, struct ms_error *err);

/* MS_OK: PIECE is filled in; MS_END; or the read function's failure. A piece
 * that is not the last of its line ends with no carriage return. */
enum ms_status ms_textlines_next(struct ms_textlines *lines,
    struct ms_piece *piece, struct ms_error *err);

/* The next line of the *LEFT bytes at *AT, which move on; false: there is
 * none. For those who look at a head. */
bool ms_textlines_cut(const unsigned char **at, size_t *left,
    struct ms_piece *line);

/* Does the line, or piece, begin with TEXT? */
bool ms_textlines_starts(const struct ms_piece *line, const char *text);

/* Is there nothing but spaces and tabs? */
bool ms_textlines_is_blank(const struct ms_piece *line);

/* Leave out the first SIZE bytes. */
void ms_textlines_drop(struct ms_piece *line, size_t size);

#endif
