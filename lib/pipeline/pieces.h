#ifndef MS_PIECES_H
#define MS_PIECES_H

#include "base/error.h"
#include "base/spool.h"
#include "scan/facts.h"

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Messages that were sent in pieces (message/partial, RFC 2046 5.2.2), until
 * they are whole: pieces may come in any order, from any source of a run. A
 * number that comes twice is put together twice, so that no piece hides
 * another; but nobody knows which ones belong together, so none of them count
 * as whole.
 */

struct ms_pieces;

struct ms_piece {
	const char *id;		/* of the whole message */
	uint32_t number;	/* from 1 */
	uint32_t total;		/* 0: this piece does not say */
};

/* More than this many pieces in all are not kept. */
#define MS_PIECES_MAX 20000

/* Keeps up to BYTES_MAX bytes in a temporary file in DIR, which must outlive
 * the pieces. */
struct ms_pieces *ms_pieces_new(const char *dir, uint64_t bytes_max);
void ms_pieces_free(struct ms_pieces *pieces);

/*
 * Keep PIECE, whose content is SIZE bytes from OFFSET on in FD (which is read
 * with pread() and stays the caller's). OWNER is any number of the caller's.
 *
 * MS_OK       the message is whole with it: see ms_pieces_join()
 * MS_END      it is not yet
 * MS_E_LIMIT  too many pieces, or bytes: not kept
 * MS_E_IO     FD cannot be read, or temporary storage is full: not kept
 */
enum ms_status ms_pieces_add(struct ms_pieces *pieces,
    const struct ms_piece *piece, int fd, const uint64_t range[2],
    uint64_t owner, struct ms_error *err);

/*
 * Append the whole message to SPOOL, which became whole with the latest
 * ms_pieces_add(), and the owners of its pieces to OWNERS (of uint64_t).
 * MS_E_LIMIT: it has more than MAX bytes, and SPOOL the first of them.
 */
enum ms_status ms_pieces_join(struct ms_pieces *pieces, uint64_t max,
    struct ms_spool *spool, GArray *owners, struct ms_error *err);

/* Did different pieces of message ID have the same number? */
bool ms_pieces_doubtful(const struct ms_pieces *pieces, const char *id);

/* Take from a checked FRAME of SIZE bytes that its message is PIECE, if that
 * is what it says. */
void ms_pieces_note(const unsigned char *frame, size_t size,
    struct ms_facts_piece *piece);

/* Add to FACTS that the message that is PIECE never came together with the
 * others: what is missing is not there to be examined. */
void ms_pieces_tell(const struct ms_facts_piece *piece,
    struct ms_facts *facts);

#endif
