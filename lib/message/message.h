#ifndef MS_MESSAGE_H
#define MS_MESSAGE_H

#include "base/hash.h"
#include "base/spool.h"
#include "message/envelope.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * A message: its bytes, and where they came from. Sources make them, the
 * pipeline consumes them.
 */

/* Where a message was found. Strings belong to the origin and are bytes as
 * the system gave them: quote before printing. */
struct ms_origin {
	char *source;		/* path as given or found; "-" for stdin; a
				 * member is ARCHIVE/MEMBER */
	const char *format;	/* "eml", "mbox", "maildir", "mh", "raw", "smtp"
				 * (of a capture; "stray", "tls": what is there
				 * besides messages), or one of a queue or
				 * store, as "postfix": static; NULL:
				 * unknown */
	bool many;		/* the source may hold other messages */
	uint64_t stream;	/* of a capture: the number of the connection,
				 * from 1; else 0 */
	uint64_t index;		/* in its source or stream, from 1; 0: what
				 * stands before the first message of an
				 * mbox */
	uint64_t offset;	/* of the slice in the source, with its From_
				 * line */
	uint64_t length;	/* of the slice; slices add up to the source */
	char *flags;		/* Maildir flags ("FS"); NULL: has none */
	int64_t delivered;	/* seconds since 1970; -1: unknown */
	uint64_t dev, ino;	/* of the file in which the slice stands as it
				 * is; 0: there is no such file */
	uint64_t ticket;	/* by which the memory of sources knows the
				 * file; 0: it does not */
};

/* Why a message usually is cut. */
#define MS_MESSAGE_CUT "the source could not be read to its end"

struct ms_message {
	struct ms_origin origin;
	struct ms_envelope *envelope;	/* NULL: has none */
	struct ms_spool *body;	/* what is scanned: mbox quoting undone where
				 * the variant says so, line ends as found */
	uint64_t size;		/* of the message as found: without From_ line
				 * and the blank line that ends a slice */
	uint64_t omitted;	/* bytes over the size limit, not in body */
	bool cut;		/* the source failed before the message ended */
	bool sealed;		/* the bytes are what encryption made of
				 * nobody knows what */
	char *why;		/* is it cut or sealed; NULL: nothing to say */
	char *checks;		/* which scanners besides the engine it is for,
				 * as pipeline/checking writes it; NULL: all */
	struct ms_digest sha256;		/* as found, whole */
	struct ms_digest sha256_canonical;	/* LF, no mbox quoting */
};

/* A deep copy; ms_message_origin_clear() frees what is inside. */
void ms_message_origin_copy(struct ms_origin *to,
    const struct ms_origin *from);
void ms_message_origin_clear(struct ms_origin *origin);

void ms_message_free(struct ms_message *message);

#endif
