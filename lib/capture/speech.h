#ifndef MS_SPEECH_H
#define MS_SPEECH_H

#include "base/error.h"
#include "capture/desk.h"
#include "capture/dialogue.h"
#include "capture/textlines.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A dialogue while it is put together from lines of text. It follows what is
 * said just enough to know where a mail's content is, where TLS begins, and
 * where another dialogue does: texts do not say so. It judges nothing.
 */

struct ms_speech;

/* What a side said: a line, or a piece of it. */
struct ms_said {
	enum ms_side side;
	int64_t time_us;		/* -1: unknown */
	const unsigned char *data;	/* what of PIECE was said */
	size_t size;
	const struct ms_piece *piece;	/* where it is from */
	bool bare;			/* a line that ends with LF was said
					 * to end so; else all end in CRLF */
};

/*
 * A dialogue that begins at DESK's line. BLIND: the text never has what comes
 * after DATA or BDAT, so that there are gaps. Unless ms_speech_done() was
 * called, ms_speech_free() throws it away.
 */
struct ms_speech *ms_speech_new(struct ms_desk *desk, bool blind);
void ms_speech_free(struct ms_speech *speech);

/* Where to say who they are. */
struct ms_dialogue *ms_speech_dialogue(struct ms_speech *speech);

/*
 * Where the stash is full, these say so to the desk, and the dialogue has a
 * gap and nothing after it: that is MS_OK. Failures are the stash's others.
 */

enum ms_status ms_speech_say(struct ms_speech *speech,
    const struct ms_said *said, struct ms_error *err);

/* A further piece of the line of which the first was said. */
enum ms_status ms_speech_more(struct ms_speech *speech,
    const struct ms_piece *piece, struct ms_error *err);

/* The time at which ms_speech_raw() says something, from now on. */
void ms_speech_at(struct ms_speech *speech, int64_t time_us);

/* Bytes as they are, not followed. */
enum ms_status ms_speech_raw(struct ms_speech *speech, enum ms_side side,
    const void *data, size_t size, struct ms_error *err);

/* Something of SIDE is missing. */
enum ms_status ms_speech_gap(struct ms_speech *speech, enum ms_side side,
    int64_t time_us, struct ms_error *err);

/* The side said no more. */
enum ms_status ms_speech_end(struct ms_speech *speech, enum ms_side side,
    int64_t time_us, struct ms_error *err);

/* TLS begins, says the text. Where it does not, ms_speech_say() knows by
 * what comes after STARTTLS and 220. */
enum ms_status ms_speech_secure(struct ms_speech *speech, int64_t time_us,
    struct ms_error *err);

/* The desk's line is nothing that anybody said. Within a mail's content it is
 * a gap, because it may be a part of it. */
enum ms_status ms_speech_skip(struct ms_speech *speech,
    struct ms_error *err);

/* Must another dialogue have begun if SIDE says this line now? */
bool ms_speech_is_new(const struct ms_speech *speech, enum ms_side side,
    const void *line, size_t size);

/* Is a mail's content being said? */
bool ms_speech_in_content(const struct ms_speech *speech);

/* Was anything said? */
bool ms_speech_any(const struct ms_speech *speech);

/* It is over: hand it to the desk, and free the rest. CUT: by the end of the
 * file or for another reason that is none of the dialogue's. */
enum ms_status ms_speech_done(struct ms_speech *speech, const char *cut,
    struct ms_error *err);

#endif
