#ifndef MS_ENTRY_H
#define MS_ENTRY_H

#include "message/intake.h"
#include "source/cursor.h"

#include <stdbool.h>

/*
 * A message that is put together from what a mail system keeps of it: its
 * bytes and its envelope. The readers of queue formats fill it.
 */

/* Addresses and what else is one text is cut to this many bytes. */
#define MS_ENTRY_TEXT 4096

/* No more recipients are listed, and no more bytes of them kept. */
#define MS_ENTRY_RECIPIENTS 100000
#define MS_ENTRY_BYTES ((size_t)16 << 20)

struct ms_entry {
	struct ms_intake *intake;	/* on loan, and begun */
	struct ms_envelope *envelope;
	uint64_t fed;			/* bytes of the message */
	uint64_t unlisted;		/* recipients over the limit */
	size_t kept;			/* bytes of recipients */
	GHashTable *done;		/* those that have it; NULL: none */
	bool full;			/* the intake has failed */
	bool elsewhere;			/* parts of it are in other files */
};

/* An entry whose message begins now. */
void ms_entry_begin(struct ms_entry *entry, struct ms_intake *intake);
void ms_entry_clear(struct ms_entry *entry);

/* More of the message. Not MS_OK: temporary storage is full, and all ends. */
enum ms_status ms_entry_feed(struct ms_entry *entry, const void *data,
    size_t size, struct ms_error *err);

/* All of CURSOR from where it is to END (of the file at most). */
enum ms_status ms_entry_feed_file(struct ms_entry *entry,
    struct ms_cursor *cursor, uint64_t end, struct ms_error *err);

/* SIZE bytes of a text, up to a NUL, in place of *TEXT. */
void ms_entry_text(char **text, const unsigned char *data, size_t size);

/* The sender, or a recipient, with or without its angle brackets. */
void ms_entry_sender(struct ms_entry *entry, const unsigned char *data,
    size_t size);
void ms_entry_recipient(struct ms_entry *entry, const unsigned char *data,
    size_t size);

/* A recipient that has got the message: those like it that are named later are
 * none. The case of domains does not matter. */
void ms_entry_done(struct ms_entry *entry, const unsigned char *data,
    size_t size);

/* The number that the SIZE bytes begin with, blanks before it or not; -1: with
 * none, or with more than 18 digits. */
int64_t ms_entry_number(const unsigned char *data, size_t size);

#endif
