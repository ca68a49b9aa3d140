#ifndef MS_CURSOR_H
#define MS_CURSOR_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A place in a regular file from where bytes, pieces and lines are read, with
 * 64 KB of the file in memory. For formats that jump back and forth.
 */

#define MS_CURSOR_PIECE 65536

struct ms_cursor;

/* The first SIZE bytes of FD, which stays the caller's. */
struct ms_cursor *ms_cursor_new(int fd, uint64_t size);
void ms_cursor_free(struct ms_cursor *cursor);

uint64_t ms_cursor_size(const struct ms_cursor *cursor);
uint64_t ms_cursor_at(const struct ms_cursor *cursor);

/* Go on at OFFSET; beyond the end is the end. */
void ms_cursor_seek(struct ms_cursor *cursor, uint64_t offset);

/*
 * Go over up to WANT bytes and lend those of them that are at hand, until the
 * next call. *SIZE is 0 only at the end, or if WANT is.
 *
 * MS_OK
 * MS_E_IO      cannot be read
 * MS_E_FORMAT  the file was shortened while it was read
 */
enum ms_status ms_cursor_piece(struct ms_cursor *cursor, uint64_t want,
    const unsigned char **data, size_t *size, struct ms_error *err);

/* Go over WANT bytes and lend them all; there are no more than
 * MS_CURSOR_PIECE. MS_END: there are not so many left, and the cursor has not
 * moved. Otherwise as ms_cursor_piece(). */
enum ms_status ms_cursor_take(struct ms_cursor *cursor, size_t want,
    const unsigned char **data, struct ms_error *err);

/*
 * Go over a line and lend it without its LF, or the first MS_CURSOR_PIECE
 * bytes of it; *WHOLE says whether its end was seen. MS_END: nothing is left.
 * Otherwise as ms_cursor_piece().
 */
enum ms_status ms_cursor_line(struct ms_cursor *cursor,
    const unsigned char **data, size_t *size, bool *whole,
    struct ms_error *err);

#endif
