#ifndef MS_CAPTURE_H
#define MS_CAPTURE_H

#include "base/error.h"
#include "capture/dialogue.h"
#include "capture/stash.h"

#include <stddef.h>
#include <stdint.h>

/*
 * One door to all formats of captures: detect, open, and take one dialogue
 * after the other. What parses is the format's own module.
 */

enum ms_capture_format {
	MS_CAPTURE_AUTO,	/* see what it is */
	MS_CAPTURE_NONE,	/* no capture */
	MS_CAPTURE_PCAP,	/* and pcapng */
	/* Text, from here on. */
	MS_CAPTURE_TRANSCRIPT,	/* C: and S:, our own and those in RFCs */
	MS_CAPTURE_SWAKS,
	MS_CAPTURE_POSTFIX,	/* smtpd -v, smtp -v */
	MS_CAPTURE_CLAMSMTPD,	/* its debugging log */
	MS_CAPTURE_CURL,	/* curl -v */
	MS_CAPTURE_BSMTP,	/* commands and mail, no replies */
	MS_CAPTURE_STREAM,	/* one side of a connection as it was */
	MS_CAPTURE_SINK,	/* dumps of smtp-sink */
	MS_CAPTURE_FLOWSYNTH,	/* .syn: text that makes flows */
	MS_CAPTURE_CURLTEST	/* a test definition of curl's */
};

/* The word for FORMAT in options and reports, static; and back: NONE if WORD
 * is no such word. */
const char *ms_capture_name(enum ms_capture_format format);
enum ms_capture_format ms_capture_by_name(const char *word);

/* What a capture is that begins with the SIZE bytes at HEAD, decompressed; of
 * a large one MS_INFLOW_HEAD of them. */
enum ms_capture_format ms_capture_detect(const unsigned char *head,
    size_t size);

/* What the error says if a capture is to be known by itself, and is not. */
#define MS_CAPTURE_UNKNOWN "is no capture of SMTP that is known here"

struct ms_capture;

/*
 * Open the capture in FD, a regular file or a pipe, compressed or not. FD and
 * STASH stay the caller's and outlive the capture.
 *
 * MS_OK        *CAPTURE is the caller's to free
 * MS_E_FORMAT  AUTO, and it is no capture (MS_CAPTURE_UNKNOWN), or is empty;
 *              or not of this FORMAT
 * other        cannot be read
 */
enum ms_status ms_capture_open(int fd, enum ms_capture_format format,
    struct ms_stash *stash, struct ms_capture **capture,
    struct ms_error *err);
void ms_capture_free(struct ms_capture *capture);

/* What it was found to be: never AUTO or NONE. */
enum ms_capture_format ms_capture_kind(const struct ms_capture *capture);

/*
 * MS_OK        *DIALOGUE is the caller's to free
 * MS_END       there are no more (also after a failure)
 * MS_E_FORMAT  damaged from here on: ERR says where, and what to do. The
 *              dialogues before it were given, cut ones too; none follow
 * MS_E_LIMIT   the stash is full; none follow
 * MS_E_IO      cannot be read; none follow
 */
enum ms_status ms_capture_next(struct ms_capture *capture,
    struct ms_dialogue **dialogue, struct ms_error *err);

#endif
