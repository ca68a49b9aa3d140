#ifndef MS_PAYLOAD_H
#define MS_PAYLOAD_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The content of a message on its way to a server: after DATA (RFC 5321,
 * 4.5.2), where CR LF . CR LF ends it and nothing else does, and one dot is
 * removed from every line that begins with one; or in chunks of BDAT (RFC
 * 3030), where every byte is content. A line is what CR LF ends. CRs and LFs
 * that stand alone are content like any other byte: they are counted, because
 * there are servers that take them for ends of lines, which is how messages
 * are smuggled.
 */

enum ms_payload_kind {
	MS_PAYLOAD_DATA,
	MS_PAYLOAD_CHUNKS,
	MS_PAYLOAD_LOOSE	/* as DATA, but LF alone ends lines, too: for
				 * files that were never on the wire */
};

struct ms_payload_facts {
	uint64_t size;		/* of the content, dots undone */
	uint64_t raw_size;	/* as it was sent, with the line of the dot */
	uint64_t lines;		/* that CR LF ended */
	uint64_t longest;	/* line, with its end */
	uint64_t dots;		/* that were undone */
	uint64_t bare_cr;
	uint64_t bare_lf;
	uint64_t nul;
	uint64_t eight_bit;	/* bytes over 127 */
	uint64_t like_end;	/* line ends of other kinds around a dot, as
				 * LF . LF: what a lenient server takes to be
				 * the end. NULs beside the dot do not hide
				 * it. */
	uint64_t first_like_end;	/* of those: where its dot is, in the
				 * content; only if there is one */
	uint64_t first_bare;	/* of bare_cr and bare_lf, likewise */
	bool ended_line;	/* the content is empty or ends with CR LF */
};

struct ms_payload {
	enum ms_payload_kind kind;
	struct ms_payload_facts facts;
	/* for its own use */
	uint64_t line;		/* bytes of the line so far */
	uint64_t dot;		/* where the last dot behind a line end is */
	int like;		/* what stands before looks like */
	bool start;		/* of a line */
	bool dotted;		/* a dot that begins a line was taken */
	bool cr;		/* the last byte was CR, and it was given */
	bool held;		/* a CR behind the dot of a line was not */
};

void ms_payload_init(struct ms_payload *payload, enum ms_payload_kind kind);

/*
 * Take up to SIZE bytes. *USED of them were taken, and *BYTES_SIZE bytes at
 * *BYTES are what they gave of the content: in DATA, or a byte of ours that
 * stays; it may be none.
 *
 * MS_OK   that was the end; what is behind *USED is not content. *BYTES_SIZE
 *         is 0. Never of chunks.
 * MS_END  go on with the rest
 */
enum ms_status ms_payload_feed(struct ms_payload *payload, const void *data,
    size_t size, size_t *used, const unsigned char **bytes,
    size_t *bytes_size);

/* Bytes were lost here, and nobody counts them: what follows continues some
 * line. */
void ms_payload_skip(struct ms_payload *payload);

/* There will be no more: the last chunk is over, or the connection is. A byte
 * that was held is content (*BYTES_SIZE), and facts are whole. */
void ms_payload_end(struct ms_payload *payload, const unsigned char **bytes,
    size_t *bytes_size);

#endif
