#ifndef MS_QUEUE_H
#define MS_QUEUE_H

#include "message/intake.h"
#include "source/input.h"
#include "source/source.h"

/*
 * One file of a mail system's, with what lies beside it and belongs to it:
 * queue files of Postfix, Exim, sendmail and qmail, messages of Cyrus, files
 * of Dovecot's dbox. Messages are put together as the mail system would
 * deliver them and have their envelopes. As they do not stand in their files
 * as they are, and are others' business, their origins name no file that
 * could be changed.
 */

/* Where the file is, for what lies beside it: a directory, and a name that is
 * in it; or AT_FDCWD and the path. */
struct ms_queue_place {
	int dir;
	const char *name;
};

struct ms_queue_config {
	const struct ms_source_config *source;
	struct ms_intake *intake;	/* shared with others */
	struct ms_input *input;		/* the file; see below */
	const struct ms_origin *origin;	/* of the file: copied */
	struct ms_queue_place place;	/* on loan as long as the queue */
};

struct ms_queue;

/* NULL: it is no such file, by its content and, where the configuration says
 * so, its format. Otherwise the input is the queue's from now on. */
struct ms_queue *ms_queue_new(const struct ms_queue_config *config);
void ms_queue_free(struct ms_queue *queue);

/* The next item. MS_END: no more; there is none for a file that belongs to a
 * message that another file stands for. Other: temporary storage is full. */
enum ms_status ms_queue_next(struct ms_queue *queue,
    struct ms_source_item *item, struct ms_error *err);

/* Is what was handed out, or not, up to other files, too? */
bool ms_queue_is_of_many(const struct ms_queue *queue);

/* Bytes of the files that were read. */
uint64_t ms_queue_bytes(const struct ms_queue *queue);

#endif
