#ifndef MS_BOX_H
#define MS_BOX_H

#include "message/intake.h"
#include "source/detect.h"
#include "source/input.h"
#include "source/source.h"
#include "source/trail.h"

/*
 * The messages in one input: it is one, or it is an mbox.
 */

struct ms_box_config {
	const struct ms_source_config *source;
	struct ms_intake *intake;	/* shared by all boxes */
	struct ms_input *input;		/* the box's from now on */
	enum ms_detect_kind kind;	/* EML, MBOX or RAW */
	const struct ms_origin *origin;	/* what the messages' begin as: copied.
					 * With a format it keeps it; with a
					 * time a single message has that */
	struct ms_memory_end from;	/* of an MBOX: take it up again there,
					 * where the input is */
	struct ms_trail *trail;		/* of an MBOX, up to there; the box's
					 * from now on; NULL: none is kept */
};

struct ms_box;

struct ms_box *ms_box_new(const struct ms_box_config *config);
void ms_box_free(struct ms_box *box);

/* The next item. MS_END: no more. Other: temporary storage is full. */
enum ms_status ms_box_next(struct ms_box *box, struct ms_source_item *item,
    struct ms_error *err);

/* Where the last message of an mbox began, if a trail was kept. */
struct ms_memory_end ms_box_end(const struct ms_box *box);

#endif
