#ifndef MS_AUTHRES_H
#define MS_AUTHRES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What a mail server before us has found out about a sender, as it says in
 * Authentication-Results (RFC 8601).
 */

/*
 * Does the topmost such field of AUTHSERV, in the message that begins with the
 * SIZE bytes at DATA, say that the domain in From is the sender's: spf=pass for
 * it in smtp.mailfrom, or dmarc=pass for it in header.from? Whoever may write
 * such a field in that name can say so. No, if there is not one From with one
 * address.
 */
bool ms_authres(const unsigned char *data, size_t size, const char *authserv);

#endif
