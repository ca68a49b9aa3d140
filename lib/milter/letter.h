#ifndef MS_LETTER_H
#define MS_LETTER_H

#include "base/spool.h"
#include "message/envelope.h"

#include <glib.h>

/*
 * One message as a mail server brings it to a filter: the envelope, then field
 * after field, then the body piece by piece. What is put together here are the
 * bytes of the mail, on the heap while they are few, then in memory, then in an
 * unlinked file. A letter can be begun again any number of times.
 *
 * Whatever goes wrong is remembered, and makes the letter one that cannot be
 * sealed: so each step need not be answered.
 */

struct ms_letter;

/* CONFIG is copied, as ms_spool_new() does. BLANKS: the values of fields have
 * the white space that stands behind the colon; else there is one blank. */
struct ms_letter *ms_letter_new(const struct ms_spool_config *config);
void ms_letter_free(struct ms_letter *letter);

/* An empty spool that keeps what it gets where LETTER would; the caller's. */
struct ms_spool *ms_letter_aside(const struct ms_letter *letter);

void ms_letter_blanks(struct ms_letter *letter, bool are_there);

/* Forget what there is. */
void ms_letter_clear(struct ms_letter *letter);

/* The next message: clears, and begins. SENDER as the client said it, with or
 * without brackets. */
void ms_letter_begin(struct ms_letter *letter, const char *sender);
/* Has one begun, that was not cleared? */
bool ms_letter_is_open(const struct ms_letter *letter);

/* A new envelope with the letter's sender, and RECIPIENT alone, as it was said;
 * NULL: none. Not to be asked for before one has begun. */
struct ms_envelope *ms_letter_ask(const struct ms_letter *letter,
    const char *recipient);

void ms_letter_recipient(struct ms_letter *letter, const char *recipient);
/* A line end within VALUE may lack its CR. */
void ms_letter_field(struct ms_letter *letter, const char *name,
    const char *value);
/* The blank line that ends a header. */
void ms_letter_blank_line(struct ms_letter *letter);
void ms_letter_body(struct ms_letter *letter, const void *data, size_t size);

/* The envelope: a loan, to which more may be added. Recipients in it have no
 * brackets; ms_letter_recipients() has them as they were said. Both live until
 * the next letter. NULL: none has begun. */
struct ms_envelope *ms_letter_envelope(struct ms_letter *letter);
const GPtrArray *ms_letter_recipients(const struct ms_letter *letter);

/* The whole message. MS_E_IO: ERR says what went wrong, now or earlier. */
enum ms_status ms_letter_seal(struct ms_letter *letter, int *fd,
    uint64_t *size, struct ms_error *err);

/* All bytes, SIZE of them at DATA, of which the first HEADER are those of the
 * header, with the blank line: a loan until the next letter. To be asked for
 * once it is sealed. */
struct ms_letter_bytes {
	const unsigned char *data;
	size_t size, header;
};

enum ms_status ms_letter_map(struct ms_letter *letter,
    struct ms_letter_bytes *bytes, struct ms_error *err);

#endif
