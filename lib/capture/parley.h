#ifndef MS_PARLEY_H
#define MS_PARLEY_H

#include "base/error.h"
#include "capture/capture.h"
#include "capture/dialogue.h"

#include <stdint.h>

/*
 * Dialogues on their way down a pipe, from the boxed reader that parsed the
 * capture. Record by record: a type byte, three zero bytes, the size of the
 * content (32 bits, little-endian), then the content. The receiver believes
 * nothing: types, sizes, order and contents are checked.
 *
 *	dialogues = KIND *( DIALOGUE *TURN DONE ) ( OVER / FAILED )
 *	and FAILED instead of anything else
 */

enum ms_parley_type {
	MS_PARLEY_KIND = 'K',	/* enum ms_capture_format (8 bits) */
	MS_PARLEY_DIALOGUE = 'O',	/* number, position (64 bits); flags;
				 * unit, client and server, each with its
				 * size (8 bits) before it, size 0: unknown */
	MS_PARLEY_TURN = 'T',	/* kind, side (8 bits), time, size of a gap
				 * (64 bits), then bytes; those of a long turn
				 * are many such records */
	MS_PARLEY_DONE = 'd',	/* the dialogue is whole */
	MS_PARLEY_OVER = 'E',	/* all dialogues are sent */
	MS_PARLEY_FAILED = 'F'	/* nothing more is read: a negative status, as
				 * a positive number (8 bits), then why */
};

/* Bytes of a turn in one record; and of a note, which is cut to this. */
#define MS_PARLEY_BYTES 65536
#define MS_PARLEY_NOTE 4096

/* The sending half: it collects records, and writes them when there are many
 * and at the end of each dialogue. */
struct ms_parley_out;

struct ms_parley_out *ms_parley_out_new(int fd);
void ms_parley_out_free(struct ms_parley_out *out);

/* Each: MS_E_IO if nobody listens any more; of a dialogue also what its bytes
 * could not be read for, and then ERR says so and FAILED may still be sent. */
enum ms_status ms_parley_send_kind(struct ms_parley_out *out,
    enum ms_capture_format format);
enum ms_status ms_parley_send(struct ms_parley_out *out,
    const struct ms_dialogue *dialogue, struct ms_error *err);
enum ms_status ms_parley_send_over(struct ms_parley_out *out);
enum ms_status ms_parley_send_failed(struct ms_parley_out *out,
    enum ms_status status, const char *why);

/* The receiving half. */

struct ms_parley_config {
	int stream;		/* from the sender; stays the caller's */
	struct ms_stash *stash;	/* for the dialogues, which it outlives */
	int wait_ms;		/* how long the sender may say nothing; 0: for
				 * ever */
	uint64_t bytes_max;	/* of all records; 0: any number */
};

struct ms_parley;

struct ms_parley *ms_parley_new(const struct ms_parley_config *config);
void ms_parley_free(struct ms_parley *parley);

/*
 * What the capture was found to be; to be asked first.
 *
 * MS_OK      *FORMAT is neither AUTO nor NONE
 * MS_E_PEER  the sender died, sent nonsense, or sends nothing
 * other      as the sender's capture failed; ERR is its text
 */
enum ms_status ms_parley_kind(struct ms_parley *parley,
    enum ms_capture_format *format, struct ms_error *err);

/*
 * The next dialogue. What the stash has no room for is a gap.
 *
 * MS_OK       *DIALOGUE is the caller's to free
 * MS_END      there are no more; also after any failure
 * MS_E_LIMIT  the stash is full, or far too much was sent
 * other       as above
 */
enum ms_status ms_parley_next(struct ms_parley *parley,
    struct ms_dialogue **dialogue, struct ms_error *err);

#endif
