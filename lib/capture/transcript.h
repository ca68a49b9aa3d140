#ifndef MS_TRANSCRIPT_H
#define MS_TRANSCRIPT_H

#include "base/error.h"
#include "capture/capture.h"
#include "capture/dialogue.h"
#include "capture/stash.h"

#include <stddef.h>

/*
 * SMTP dialogues in text files: transcripts, logs and dumps that other
 * programs write, each read line by line, with bounded memory, whatever the
 * length of a line. What each form keeps of a dialogue, and what it leaves
 * out, is in mailscan-transcript(5); what a form leaves out is a gap.
 */

/* Of what form a file is that begins with the SIZE bytes at HEAD, 64 KB or
 * less: MS_CAPTURE_TRANSCRIPT or one of those after it. Strict: mail, a
 * mailbox or prose about SMTP is MS_CAPTURE_NONE. */
enum ms_capture_format ms_transcript_detect(const unsigned char *head,
    size_t size);

/* The next bytes of the file: at most SIZE of them to DATA, *GOT 0 at its
 * end. */
typedef enum ms_status ms_transcript_read(void *arg, void *data, size_t size,
    size_t *got, struct ms_error *err);

struct ms_transcript_config {
	enum ms_capture_format format;	/* AUTO: as ms_transcript_detect()
					 * says */
	struct ms_stash *stash;		/* must outlive the dialogues */
	ms_transcript_read *read;
	void *read_arg;
};

struct ms_transcript;

/*
 * Begin to read. CONFIG is copied.
 *
 * MS_OK        *TRANSCRIPT is the caller's to free
 * MS_E_FORMAT  no form was asked for, and it is none; or one that is no
 *              text
 * MS_E_IO      the read function's failure
 */
enum ms_status ms_transcript_open(const struct ms_transcript_config *config,
    struct ms_transcript **transcript, struct ms_error *err);
void ms_transcript_free(struct ms_transcript *transcript);

/*
 * The next dialogue, whole, in the order in which they ended.
 *
 * MS_OK        *DIALOGUE is the caller's to free
 * MS_END       that was all
 * MS_E_FORMAT  all dialogues were given, but lines were not understood: ERR
 *              names the first of them and their number. Where one stood
 *              within a dialogue this has a gap and a note. MS_END follows
 * MS_E_LIMIT   the stash is full
 * other        the stash or the read function failed
 * The last two come after the dialogues that were begun, with a note that
 * they are cut, and end it.
 */
enum ms_status ms_transcript_next(struct ms_transcript *transcript,
    struct ms_dialogue **dialogue, struct ms_error *err);

#endif
