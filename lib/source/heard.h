#ifndef MS_HEARD_H
#define MS_HEARD_H

#include "message/intake.h"
#include "source/detect.h"
#include "source/source.h"

/*
 * The messages in a capture of SMTP, as its boxed reader (capture/messages.h)
 * sends them. The records are checked: the reader may have been taken over by
 * what it read.
 */

/* Is that which begins with the SIZE bytes at DATA, and would be taken for
 * KIND, to be heard? AUTO only where nobody knows what it is: a file of a
 * Maildir is a message. */
enum ms_source_capture ms_heard_detect(const struct ms_source_config *config,
    const struct ms_origin *origin, enum ms_detect_kind kind,
    const unsigned char *data, size_t size);

/* As ms_detect(); but packets, which have the headers of mail in them, are no
 * message to who reads no captures. */
enum ms_detect_kind ms_heard_kind(const struct ms_source_config *config,
    const unsigned char *data, size_t size);

struct ms_heard_config {
	const struct ms_source_config *source;
	struct ms_intake *intake;
	int fd;				/* of the capture: duplicated */
	enum ms_source_reader reader;	/* not of archives */
	const struct ms_origin *origin;	/* of the capture: copied */
	bool asked;			/* somebody said that it is a capture;
					 * else what is damaged or empty is not
					 * told of text, which is then none */
};

struct ms_heard;

/* Nothing is read before ms_heard_next(). */
struct ms_heard *ms_heard_new(const struct ms_heard_config *config);
void ms_heard_free(struct ms_heard *heard);

/* The next item. MS_END: no more. Other: temporary storage is full. */
enum ms_status ms_heard_next(struct ms_heard *heard,
    struct ms_source_item *item, struct ms_error *err);

/* MS_END was answered, and there was nothing to be heard in what only looked
 * like a capture: it is for whoever scans files. Not so of text. */
bool ms_heard_is_raw(const struct ms_heard *heard);

/* Its descriptor, on loan, and where it is. */
int ms_heard_fd(const struct ms_heard *heard);
const struct ms_origin *ms_heard_origin(const struct ms_heard *heard);

#endif
