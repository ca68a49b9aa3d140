#ifndef MS_NOTIFY_H
#define MS_NOTIFY_H

#include "base/error.h"

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Mail of our own: a short text to people, as an RFC 5322 message that no
 * program answers (Auto-Submitted, RFC 3834). Whatever the texts hold, they
 * make no header and no part that was not meant.
 */

struct ms_notify {
	const char *from;		/* an address; see below */
	const char *const *to;		/* likewise, NULL-ended, not empty */
	const char *subject;		/* UTF-8 */
	const char *text;		/* UTF-8, lines that end with LF */
	const char *host;		/* for the Message-ID */
	int64_t time;			/* seconds since 1970 */
	/* All below may be 0. */
	bool hidden;			/* none of TO learns of the others */
	const char *key;		/* that proves the Message-ID, */
	const char *references;		/* and the field of others, which ends
					 * with LF (action/provenance.h) */
	const char *fields;		/* more of the header: whole ones, that
					 * end with LF */
	const char *attached;		/* a message that goes with it, as it
					 * is but for its line ends */
	size_t attached_size;
	const char *status;		/* a message/delivery-status (RFC 3464),
					 * lines that end with LF: then it is a
					 * report about a message of which
					 * ATTACHED is the header */
};

/*
 * Append the message to OUT, lines ending with LF: as sendmail takes it, and
 * mailboxes have it.
 *
 * MS_OK
 * MS_E_USAGE  an address is none: ERR names it
 * MS_E_IO     the system has no random numbers
 */
enum ms_status ms_notify_build(const struct ms_notify *notify, GString *out,
    struct ms_error *err);

/* Append the subject TEXT as a field, encoded if it must be (RFC 2047), with
 * line ends LF. */
void ms_notify_subject(const char *text, GString *out);

/* Is TEXT an address that may be written into a header, and handed to a program
 * as an argument? local@domain, or the bare name of a local user: a dot-atom
 * of RFC 5322 each, or an address literal as domain; UTF-8 is not taken. */
bool ms_notify_is_address(const char *text);

/*
 * Text that grows up to a limit of bytes, by whole lines; what comes after that
 * is counted.
 */
struct ms_notify_text {
	GString *text;
	size_t max;
	uint64_t omitted;		/* lines */
	bool full;
};

/* Add a piece of text, which may hold any number of lines, and begin or end
 * within one. */
void ms_notify_text_add(struct ms_notify_text *text, const char *data,
    size_t size);

#endif
