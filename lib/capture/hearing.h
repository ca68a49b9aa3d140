#ifndef MS_HEARING_H
#define MS_HEARING_H

#include "base/error.h"
#include "capture/dialogue.h"
#include "message/envelope.h"

#include <stddef.h>
#include <stdint.h>

/*
 * From dialogues to messages: the session machine (smtp/session.h) listens to
 * the client, and gets the replies that the server gave, in the order of the
 * commands; where none was captured, those that are likely. Listening is
 * lenient where it costs nothing: all that could be a message is one, because
 * a message that is missed is not scanned. So bytes of the client that are
 * neither commands nor content are handed out, too, and so is what TLS hides.
 */

enum ms_hearing_kind {
	MS_HEARING_MESSAGE,	/* its bytes are exact: dots undone, chunks put
				 * together, line ends as they were */
	MS_HEARING_STRAY,	/* bytes that belong to no message, dots undone
				 * as in one; or none, where bytes of the
				 * client are missing between messages */
	MS_HEARING_SEALED	/* TLS */
};

struct ms_hearing_mail {
	enum ms_hearing_kind kind;
	uint64_t number;	/* in its dialogue, from 1 */
	int64_t time_us;	/* when it began, since 1970; -1: unknown */
};

/* What is handed out, in this order for each: begin, bytes, end. Each answers
 * MS_OK, or what ms_hearing() is to fail with. */
struct ms_hearing_ops {
	enum ms_status (*begin)(void *arg, const struct ms_hearing_mail *mail,
	    struct ms_error *err);
	enum ms_status (*bytes)(void *arg, const void *data, size_t size,
	    struct ms_error *err);
	/* ENVELOPE: what is known of it, on loan; of a message that was
	 * accepted and of one that was not. WHY: it is incomplete, or what
	 * seals it; NULL: neither. */
	enum ms_status (*end)(void *arg, const struct ms_hearing_mail *mail,
	    const struct ms_envelope *envelope, const char *why,
	    struct ms_error *err);
};

/*
 * Hand out all that is in DIALOGUE. Takes time that grows with its size and
 * nothing else, and memory that does not.
 *
 * MS_OK    that was all
 * MS_E_IO  the dialogue cannot be read
 * other    a function's own failure
 */
enum ms_status ms_hearing(const struct ms_dialogue *dialogue,
    const struct ms_hearing_ops *ops, void *arg, struct ms_error *err);

#endif
