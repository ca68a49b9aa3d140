#ifndef MS_ERROR_H
#define MS_ERROR_H

#include <glib.h>

/*
 * What every function that can fail answers: a status to act on, and a text
 * for people in the caller's struct ms_error. Zero is done, positive is "no,
 * and that is fine", negative is a failure.
 */
enum ms_status {
	MS_OK = 0,
	MS_END = 1,		/* nothing more; or: stop, as asked */
	MS_E_IO = -1,		/* the system said no: errno is in the text */
	MS_E_FORMAT = -2,	/* not what it claims to be, or damaged */
	MS_E_LIMIT = -3,	/* a budget ran out; the budget says which */
	MS_E_ENCRYPTED = -4,	/* needs a password */
	MS_E_UNSUPPORTED = -5,	/* recognised, but nothing here opens it */
	MS_E_ENGINE = -6,	/* the signature engine failed */
	MS_E_USAGE = -7,	/* the caller asked for something impossible */
	MS_E_PEER = -8		/* another process died or broke the protocol */
};

struct ms_error {
	char text[1024];	/* one line, not quoted: see base/quote.h */
};

/* Store the formatted text in ERR (may be NULL) and return STATUS, so that
 * "return ms_error_set(err, MS_E_FORMAT, ...)" is one statement. */
enum ms_status ms_error_set(struct ms_error *err, enum ms_status status,
    const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Likewise MS_E_IO, with ": " and the text of errno appended. */
enum ms_status ms_error_errno(struct ms_error *err, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

/* Put the formatted text and ": " in front of what ERR says already. */
void ms_error_context(struct ms_error *err, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

#endif
