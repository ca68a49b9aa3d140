#ifndef MS_SUSPECT_H
#define MS_SUSPECT_H

#include "base/error.h"
#include "capture/answers.h"
#include "capture/lookout.h"
#include "capture/stray.h"

#include <stdbool.h>

/*
 * Chunks of BDAT that may be none: to a server that does not know it, their
 * bytes are commands. If some of them bring content, and the server was not
 * heard to take the chunk, then all from there on is to be heard once more, as
 * commands: after the message that the chunks are.
 */

struct ms_suspect {
	struct ms_stray_place place;	/* where the chunk begins */
	struct ms_lookout lookout;
	bool brings;		/* commands in it bring content */
	bool again;		/* it is to be heard once more, from BACK on */
	struct ms_stray_place back;
	uint64_t twice;		/* what the client said before this was */
};

/* A BDAT was heard; its bytes begin at PLACE. False: they were in a chunk
 * already, and are to be heard as commands. So nothing is heard a third
 * time. */
bool ms_suspect_begin(struct ms_suspect *suspect,
    const struct ms_stray_place *place);

/* SIZE bytes of the chunk. */
void ms_suspect_bytes(struct ms_suspect *suspect, const void *data,
    size_t size);

/* It is over; what follows in DIALOGUE is at TURN and AT. MS_E_IO: that cannot
 * be read. */
enum ms_status ms_suspect_end(struct ms_suspect *suspect,
    const struct ms_dialogue *dialogue, size_t turn, uint64_t at,
    struct ms_error *err);

/* ANSWER is to the chunk. */
void ms_suspect_judge(struct ms_suspect *suspect,
    const struct ms_answer *answer);

/* The client says no more, and the chunk is not over: judge it by the next of
 * ANSWERS. MS_E_IO as there. */
enum ms_status ms_suspect_cut(struct ms_suspect *suspect,
    struct ms_answers *answers, struct ms_error *err);

/* Go back, since AGAIN is set, when the client has said SO_FAR: to where. */
struct ms_stray_place ms_suspect_back(struct ms_suspect *suspect,
    uint64_t so_far);

#endif
