#ifndef MS_FRAME_H
#define MS_FRAME_H

#include "base/error.h"
#include "scan/facts.h"

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What supervisor, zygote and workers say to each other: one frame is one
 * datagram of a SOCK_SEQPACKET pair, with at most one descriptor beside it.
 * Whoever receives checks every field; a worker that was taken over can lie
 * about its own message, and nothing else.
 */

#define MS_FRAME_MAX 32768	/* bytes of one frame */

enum ms_frame_type {
	/* supervisor to worker */
	MS_FRAME_SCAN = 1,
	MS_FRAME_TAKEN,		/* a blob: the next one may come */
	/* worker to supervisor: STARTED or FAILED first, before anything
	 * from outside is read */
	MS_FRAME_STARTED,
	MS_FRAME_HEADERS,
	MS_FRAME_FINDING,
	MS_FRAME_GAP,
	MS_FRAME_AMBIGUITY,
	MS_FRAME_PIECE,
	MS_FRAME_PART,
	MS_FRAME_BLOB,		/* descriptor: the bytes, as sealed.h has
				 * them */
	MS_FRAME_END,
	/* supervisor to zygote */
	MS_FRAME_SPAWN,		/* descriptor: the worker's end of its pair */
	MS_FRAME_KILL,
	/* zygote to supervisor */
	MS_FRAME_READY,
	MS_FRAME_FAILED,
	MS_FRAME_EXITED
};

/* One message to look at; its bytes are the descriptor beside the frame. */
struct ms_frame_scan {
	uint64_t id;
	uint64_t size;
	uint64_t omitted;
	bool raw;
	bool joined;
	bool reduced;
};

/* The zygote is ready: what it loaded. Strings are the reader's to free with
 * ms_frame_ready_clear(). */
struct ms_frame_ready {
	char *engine;
	char *version;
	char *database;
	uint64_t signatures;
	int64_t database_time;
};

/* Build a frame; the caller unrefs the bytes. Strings over the limit are
 * cut; NULL strings stay NULL. */
GByteArray *ms_frame_scan(const struct ms_frame_scan *scan);
GByteArray *ms_frame_headers(const struct ms_headers *headers);
GByteArray *ms_frame_finding(enum ms_finding_kind kind, const char *engine,
    const char *name, const char *part);
GByteArray *ms_frame_gap(enum ms_reason reason, const char *part,
    const char *detail);
/* Say in FRAME, a finding or a gap, which part it is in; 0: not known. */
GByteArray *ms_frame_within(GByteArray *frame, uint32_t id);
GByteArray *ms_frame_ambiguity(const char *reason, const char *part,
    const char *detail);
GByteArray *ms_frame_piece(const struct ms_facts_piece *piece);
GByteArray *ms_frame_part(const struct ms_part *part);
GByteArray *ms_frame_blob(const struct ms_blob *blob);
GByteArray *ms_frame_taken(void);
GByteArray *ms_frame_end(uint64_t id);
GByteArray *ms_frame_slot(enum ms_frame_type type, uint32_t slot,
    int32_t status);
GByteArray *ms_frame_ready(const struct ms_frame_ready *ready);
GByteArray *ms_frame_failed(const char *text);

/* The type of the frame, 0 if it has none. */
enum ms_frame_type ms_frame_type(const unsigned char *data, size_t size);

/* Take a frame apart. Each: MS_OK, or MS_E_PEER if it is not what its type
 * says, to the last byte. */
enum ms_status ms_frame_read_scan(const unsigned char *data, size_t size,
    struct ms_frame_scan *scan);
enum ms_status ms_frame_read_taken(const unsigned char *data, size_t size);
enum ms_status ms_frame_read_blob(const unsigned char *data, size_t size,
    struct ms_blob *blob);
enum ms_status ms_frame_read_end(const unsigned char *data, size_t size,
    uint64_t *id);
enum ms_status ms_frame_read_slot(const unsigned char *data, size_t size,
    uint32_t *slot, int32_t *status);
enum ms_status ms_frame_read_ready(const unsigned char *data, size_t size,
    struct ms_frame_ready *ready);
enum ms_status ms_frame_read_failed(const unsigned char *data, size_t size,
    struct ms_error *text);
void ms_frame_ready_clear(struct ms_frame_ready *ready);

/* Check a HEADERS, FINDING, GAP, AMBIGUITY, PIECE, PART or BLOB frame and add
 * it to FACTS (NULL: only check). */
enum ms_status ms_frame_read_fact(const unsigned char *data, size_t size,
    struct ms_facts *facts);

/* Send FRAME, and FD unless it is -1. MS_E_PEER: nobody is there any more. */
enum ms_status ms_frame_send(int socket, const GByteArray *frame, int fd,
    struct ms_error *err);

/*
 * Receive one frame of up to SIZE bytes into DATA.
 *
 * MS_OK      *GOT bytes, and in *FD a descriptor of the caller's, or -1
 * MS_END     the other side closed
 * MS_E_PEER  not a frame
 * MS_E_IO    interrupted, or nothing there (errno says)
 */
enum ms_status ms_frame_receive(int socket, unsigned char *data, size_t size,
    size_t *got, int *fd);

#endif
