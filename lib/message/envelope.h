#ifndef MS_ENVELOPE_H
#define MS_ENVELOPE_H

#include <stdint.h>

/* A recipient that the server did not take. */
struct ms_refused {
	char *recipient;
	char *reply;		/* "550 5.1.1 no such user"; NULL: unknown */
};

/*
 * The envelope of a message (RFC 5321, 2.3.1): who gave it to whom, as far as
 * somebody wrote it down. A plain value; the strings belong to it and are
 * bytes as they were found: quote before printing.
 */
struct ms_envelope {
	char *sender;		/* reverse-path without its brackets; "": the
				 * null one; NULL: unknown */
	char **recipients;	/* forward-paths, likewise; NULL-ended */
	unsigned count;		/* of them */
	char *queue_id;		/* by which the mail system knows it, or
				 * NULL, as those below */
	char *client_address;
	char *client_name;
	char *helo;
	char *server_address;
	char *protocol;		/* as in RFC 3848: "ESMTPS" */
	char *reply;		/* of the server, to the message */
	struct ms_refused *refused;	/* NULL: none */
	unsigned refusals;	/* so many */
	uint64_t omitted;	/* recipients of either kind over a limit */
	int64_t received;	/* seconds since 1970; -1: unknown */
};

/* An envelope in which nothing is known but SENDER (NULL: not even that). */
struct ms_envelope *ms_envelope_new(const char *sender);

/* NULL gives NULL. */
struct ms_envelope *ms_envelope_copy(const struct ms_envelope *envelope);
void ms_envelope_free(struct ms_envelope *envelope);

/* One more recipient, which is copied. */
void ms_envelope_add(struct ms_envelope *envelope, const char *recipient);

/* One more that was refused with REPLY (NULL: unknown); both are copied. */
void ms_envelope_refuse(struct ms_envelope *envelope, const char *recipient,
    const char *reply);

#endif
