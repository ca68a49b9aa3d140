#ifndef MS_JOURNAL_H
#define MS_JOURNAL_H

#include "action/lock.h"
#include "base/error.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The file ".NAME.mailscan-journal" beside the mailbox NAME: what is about to
 * be done with it, on disk before anything is. It begins with a head; behind
 * that stands
 *
 * overwriting  the old bytes and the new ones;
 * appending    the new bytes;
 * compacting   the holes, and two slots for bytes on their way, each with a
 *              record that says where to. They are written in turn, so that
 *              one of them is whole at any time.
 *
 * Every piece has a digest, without which it does not count: a piece that
 * was not written to its end has not been acted upon either.
 */

#define MS_JOURNAL_BLOCK 4096u

enum ms_journal_kind {
	MS_JOURNAL_OVERWRITE = 1,
	MS_JOURNAL_COMPACT = 2,
	MS_JOURNAL_APPEND = 3
};

struct ms_journal_head {
	enum ms_journal_kind kind;
	uint64_t dev, ino;	/* of the mailbox */
	uint64_t box_size;	/* of it, when this began */
	uint64_t offset;	/* overwriting, appending: from here */
	uint64_t length;	/* so many bytes */
	uint64_t holes;		/* compacting: how many */
	uint64_t slot;		/* bytes that a slot has room for */
	struct ms_digest content;	/* of all old and new bytes, or of the
					 * holes */
};

/* What a journal of one of these kinds has in a block before each piece of
 * bytes that is moved. */
struct ms_journal_record {
	uint64_t number;	/* from 1; the highest counts */
	uint64_t to;		/* where in the mailbox its bytes belong */
	uint64_t length;	/* how many they are */
	uint64_t next;		/* where those come from that are next */
	uint64_t box_size;	/* when this was written */
	bool ending;		/* all was moved, and the mailbox is cut off
				 * at TO where TOKEN is, if it is there */
	char token[MS_HASH_HEX];	/* printable */
	struct ms_digest witness;	/* of bytes of the mailbox that stay
					 * what they are while this counts */
	struct ms_digest data;		/* of the bytes */
};

/* Into a block, and out of one. MS_E_FORMAT: this is none, or not whole; of a
 * head also MS_E_UNSUPPORTED: it is whole, and not one of ours. */
void ms_journal_put_head(const struct ms_journal_head *head,
    unsigned char block[MS_JOURNAL_BLOCK]);
enum ms_status ms_journal_get_head(
    const unsigned char block[MS_JOURNAL_BLOCK],
    struct ms_journal_head *head, struct ms_error *err);
void ms_journal_put_record(const struct ms_journal_record *record,
    unsigned char block[MS_JOURNAL_BLOCK]);
enum ms_status ms_journal_get_record(
    const unsigned char block[MS_JOURNAL_BLOCK],
    struct ms_journal_record *record, struct ms_error *err);

/* Where the record of slot I (0, 1) is; its bytes follow it. */
uint64_t ms_journal_slot(const struct ms_journal_head *head, unsigned i);

struct ms_journal;

/* The path of it, for what is told; the caller's to free. */
char *ms_journal_path(const char *mailbox);

/* Make one. MS_E_IO: cannot, as where there is one. */
enum ms_status ms_journal_make(const struct ms_lock_target *box,
    struct ms_journal **journal, struct ms_error *err);

/*
 * Open the one that is there; WRITE: to go on with it, else to look.
 *
 * MS_END     there is none
 * MS_E_PEER  there is, but others can or could write to it, or it is a link
 * MS_E_IO    it cannot be opened
 */
enum ms_status ms_journal_open(const struct ms_lock_target *box, bool write,
    struct ms_journal **journal, struct ms_error *err);
void ms_journal_close(struct ms_journal *journal);

/* How many bytes it has; 0 also if that cannot be said. */
uint64_t ms_journal_size(const struct ms_journal *journal);

/* Each MS_OK or MS_E_IO. Reading less than asked for is MS_E_FORMAT. */
enum ms_status ms_journal_read(const struct ms_journal *journal,
    uint64_t offset, void *data, size_t size, struct ms_error *err);
enum ms_status ms_journal_write(struct ms_journal *journal, uint64_t offset,
    const void *data, size_t size, struct ms_error *err);

/* Take the disk space up to SIZE now rather than in the middle. */
enum ms_status ms_journal_reserve(struct ms_journal *journal, uint64_t size,
    struct ms_error *err);

/* Have the SIZE bytes behind its head this digest? MS_OK, MS_E_FORMAT (no) or
 * MS_E_IO. */
enum ms_status ms_journal_check(const struct ms_journal *journal,
    uint64_t size, const struct ms_digest *digest, struct ms_error *err);

/* Write SIZE of its bytes from FROM into its mailbox, at TO, on disk. MS_OK,
 * MS_E_FORMAT (it has not so many) or MS_E_IO: some may be written. */
enum ms_status ms_journal_play(const struct ms_journal *journal,
    uint64_t from, uint64_t size, uint64_t to, struct ms_error *err);

/* On disk: its bytes; NAME: also that it is there. */
enum ms_status ms_journal_sync(struct ms_journal *journal, bool name,
    struct ms_error *err);

/* It is over: without its name, on disk. */
enum ms_status ms_journal_remove(struct ms_journal *journal,
    struct ms_error *err);

#endif
