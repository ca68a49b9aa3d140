#ifndef MS_SUBMIT_H
#define MS_SUBMIT_H

#include "base/error.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Sending one message by SMTP (RFC 5321): to all recipients or to none; or by
 * LMTP (RFC 2033), whose server may take it for some of them. The
 * message is sent as smtp/dots.h makes it. 8BITMIME (RFC 6152), SIZE (RFC
 * 1870) and SMTPUTF8 (RFC 6531) are used where they are offered and needed.
 * Without the first, bytes over 127 are sent all the same; without the last,
 * addresses that need it are not.
 */

struct ms_submit_config {
	const char *address;	/* as net/dial.h has it */
	const char *helo;	/* the name of this host */
	int64_t timeout_ms;	/* most time for each reply; 0: as RFC 5321,
				 * 4.5.3.2 has it */
	bool lmtp;
	GPtrArray *failed;	/* LMTP: who did not get it though others did
				 * is added, struct ms_submit_failure *; NULL:
				 * that is a refusal */
	int *code;		/* that of the last reply, 0: there was none;
				 * or NULL */
};

struct ms_submit_failure {
	char *recipient;
	int code;
	char *reply;		/* "550 5.1.1 Who?", a line; not quoted */
};
void ms_submit_failure_free(struct ms_submit_failure *failure);

struct ms_submit_mail {
	const char *sender;	/* "": the null one */
	const char *const *recipients;	/* NULL-ended, at least one */
	int fd;			/* the message, from its start */
	uint64_t size;
};

/*
 * *ANSWER, the caller's to free, is what the server said to the message as a
 * whole, the worst of it; NULL if it came not so far.
 *
 * MS_OK       the server has taken it; for all but those who have FAILED, for
 *             ever or not. Otherwise FAILED says nothing, and, in LMTP, nobody
 *             has it, unless it is UNCERTAIN
 * MS_E_USAGE  an address is none, or the message holds NUL bytes, which SMTP
 *             does not carry
 * MS_E_PEER   the server refused (LMTP without FAILED: for one at least), or
 *             is none.
 *             *UNCERTAIN: the connection was lost between the end of the
 *             message and the answer to it, so that it may have been taken
 * MS_E_IO     the message cannot be read
 */
enum ms_status ms_submit(const struct ms_submit_config *config,
    const struct ms_submit_mail *mail, char **answer, bool *uncertain,
    struct ms_error *err);

#endif
