#ifndef MS_TRANSCRIPT_H
#define MS_TRANSCRIPT_H

#include "base/error.h"
#include "capture/dialogue.h"
#include "capture/stash.h"

#include <stddef.h>

/*
 * SMTP dialogues in text files: transcripts, logs and dumps that other
 * programs write, each read line by line, with bounded memory, whatever the
 * length of a line. What each form keeps of a dialogue, and what it leaves
 * out, is in mailscan-transcript(5); what a form leaves out is a gap.
 */

enum ms_transcript_form {
	MS_TRANSCRIPT_NONE,	/* none of these */
	MS_TRANSCRIPT_SCRIPT,	/* our own: exact, and what script.h writes */
	MS_TRANSCRIPT_SIDES,	/* "C: EHLO a" and "S: 250 b", as in RFCs */
	MS_TRANSCRIPT_SWAKS,
	MS_TRANSCRIPT_POSTFIX,	/* log of its smtpd or smtp with -v */
	MS_TRANSCRIPT_SINK,	/* dumps of smtp-sink -d, -D */
	MS_TRANSCRIPT_CLAMSMTPD,	/* log of clamsmtpd -d 4 */
	MS_TRANSCRIPT_CURL,	/* what curl -v says */
	MS_TRANSCRIPT_BSMTP,	/* batch SMTP, RFC 2442: a client's side */
	MS_TRANSCRIPT_STREAM,	/* raw bytes of one side, as tcpflow writes */
	MS_TRANSCRIPT_FLOWSYNTH,	/* .syn: text that makes flows */
	MS_TRANSCRIPT_CURLTEST,	/* a test definition of curl's */
	MS_TRANSCRIPT_FORMS	/* how many */
};

/* Of what form a file is that begins with the SIZE bytes at HEAD, 64 KB or
 * less. Strict: mail, a mailbox or prose about SMTP is NONE. */
enum ms_transcript_form ms_transcript_detect(const unsigned char *head,
    size_t size);

/* The name of FORM for options and reports ("swaks"); "" for NONE. */
const char *ms_transcript_name(enum ms_transcript_form form);

/* The form of that name, or NONE. */
enum ms_transcript_form ms_transcript_named(const char *name);

/* The next bytes of the file: at most SIZE of them to DATA, *GOT 0 at its
 * end. */
typedef enum ms_status ms_transcript_read(void *arg, void *data, size_t size,
    size_t *got, struct ms_error *err);

struct ms_transcript_config {
	enum ms_transcript_form form;	/* NONE: as ms_transcript_detect()
					 * says */
	struct ms_stash *stash;		/* must outlive the dialogues */
	ms_transcript_read *read;
	void *read_arg;
};

struct ms_transcript;

/* A read function for a descriptor: ARG is an int *. */
enum ms_status ms_transcript_read_fd(void *arg, void *data, size_t size,
    size_t *got, struct ms_error *err);

/*
 * Begin to read. CONFIG is copied.
 *
 * MS_OK        *TRANSCRIPT is the caller's to free
 * MS_E_FORMAT  no form was asked for, and it is none
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
 * MS_E_LIMIT   the stash is full; MS_E_IO: read function or stash failed.
 *              Both end it
 */
enum ms_status ms_transcript_next(struct ms_transcript *transcript,
    struct ms_dialogue **dialogue, struct ms_error *err);

#endif
