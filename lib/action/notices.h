#ifndef MS_NOTICES_H
#define MS_NOTICES_H

#include "base/error.h"
#include "scan/outcome.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Who is told by mail of a message in which something was found: the
 * postmaster, its recipients, its sender, and those who collect phishing. Pure:
 * mails are made here, and sent elsewhere. None is made for a message that is
 * such a notice itself, or was made because of one (action/provenance.h), so
 * that no two programs talk to each other for ever; and of what only looks like
 * one nobody is told but those who look after the server.
 */

enum ms_notices_who {
	MS_NOTICES_POSTMASTER = 1,
	MS_NOTICES_RECIPIENTS = 2,
	MS_NOTICES_SENDER = 4
};

struct ms_notices_config {
	unsigned who;		/* enum ms_notices_who, or-ed */
	const char *postmaster;	/* an address */
	const char *from;	/* likewise; "": the message's sender, as far
				 * as that is an address that a header can
				 * have */
	const char *template;	/* action/noticetext; NULL: the usual text */
	const char *fields;	/* more of the header, which passed
				 * ms_notices_check_fields(); NULL: none */
	bool headers;		/* the message's header stands below the text,
				 * unless the template has it */
	const char *phishing;	/* whom phishing is forwarded to; NULL:
				 * nobody */
	const char *false_phishing;	/* in place of PHISHING, if TRUSTED, a
					 * server before us, says that it comes
					 * from where it says
					 * (message/authres); NULL: nobody */
	const char *trusted;
	const char *host, *version;	/* ours */
	const char *key;	/* a secret, by which we know our own; NULL:
				 * what looks like one is one */
};

/* What is known of the message. */
struct ms_notices_case {
	const struct ms_outcome *outcome;
	const char *client;	/* address of who sent it; NULL: unknown */
	const char *kept;	/* its id in quarantine; NULL: not there */
	const char *message;	/* it, or the beginning of it */
	size_t size;
	bool whole;		/* that is all of it */
	int64_t time;		/* now, seconds since 1970 */
};

/* Of its header, most bytes in a text. */
#define MS_NOTICES_HEADER_MAX ((size_t)64 << 10)

struct ms_notices_mail {
	char **to;		/* of its envelope, NULL-ended; its sender is
				 * the null one (RFC 5321, 4.5.5) */
	GString *text;		/* as ms_notify_build() makes it */
};

/* Can TEXT be the fields of a header, whole lines? Those that every notice has
 * are not taken, but for Subject, which is then the notice's. Likewise. */
enum ms_status ms_notices_check_fields(const char *text, struct ms_error *err);

/* Is the message that begins with SIZE bytes at TEXT, and has SENDER in its
 * envelope (NULL: unknown), one that nobody must answer by itself (RFC 3834,
 * 2): a notice, a bounce, mail of a list? */
bool ms_notices_is_automatic(const char *sender, const char *text,
    size_t size);

/*
 * Append the mails that are to be sent to MAILS, of struct ms_notices_mail *,
 * for ms_notices_mail_free(). A message without findings needs none.
 *
 * MS_OK
 * MS_E_IO  the system has no random numbers
 */
enum ms_status ms_notices(const struct ms_notices_config *config,
    const struct ms_notices_case *known, GPtrArray *mails,
    struct ms_error *err);

void ms_notices_mail_free(struct ms_notices_mail *mail);

#endif
