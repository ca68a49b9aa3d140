#ifndef MS_ADDRESS_H
#define MS_ADDRESS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Paths of RFC 5321 (4.1.2): what stands behind "MAIL FROM:" and "RCPT TO:".
 * Source routes, quoted local parts, address literals, "<postmaster>" and the
 * null sender are known, and UTF-8 as RFC 6531 has it. What servers of the
 * world accept beyond that is kept and flagged, and what nobody could send
 * again is kept, too, but is an error.
 */

/* Most bytes of an address of ours; RFC 5321 has 256 (4.5.3.1.3), and longer
 * ones are in use. */
#define MS_ADDRESS_MAX 400

enum ms_address_flaw {
	MS_ADDRESS_BARE = 1 << 0,	/* no < and > around it */
	MS_ADDRESS_BLANK = 1 << 1,	/* blanks before or in < and > */
	MS_ADDRESS_ROUTE = 1 << 2,	/* it had a source route */
	MS_ADDRESS_LITERAL = 1 << 3,	/* the domain is [an address] */
	MS_ADDRESS_UTF8 = 1 << 4,	/* not ASCII: needs SMTPUTF8 */
	MS_ADDRESS_LONG = 1 << 5,	/* local part over 64 bytes, domain
					 * over 255 */
	MS_ADDRESS_ODD = 1 << 6,	/* not in the grammar, and harmless:
					 * a..b@c_d */
	MS_ADDRESS_NO_DOMAIN = 1 << 7	/* and not empty: <postmaster> */
};

struct ms_address {
	char *text;		/* without < > and route, as it was written:
				 * "a@b", "postmaster", "" the null sender;
				 * NULL: there was none. Not quoted. */
	char *route;		/* "@one,@two", or NULL */
	char *domain;		/* in TEXT, behind its @; NULL: none */
	unsigned flaws;		/* bits of enum ms_address_flaw */
};

/*
 * Read the path that the SIZE bytes at TEXT, which hold no NUL, begin with.
 * *USED of them were it, with blanks before it. ADDRESS is the caller's to
 * clear whatever is answered.
 *
 * MS_OK        it can stand in an envelope; FLAWS says with what reserve
 * MS_E_FORMAT  it cannot: control characters, < > or blanks outside quotes, a
 *              quote or bracket without its end, bytes that are not UTF-8, no
 *              local part, over MS_ADDRESS_MAX bytes. What there was is in
 *              ADDRESS all the same.
 */
enum ms_status ms_address_parse(const char *text, size_t size,
    struct ms_address *address, size_t *used);

/* Free what ADDRESS holds; it is as zeros then. */
void ms_address_clear(struct ms_address *address);

/* A copy, for the caller to clear. */
void ms_address_copy(struct ms_address *to, const struct ms_address *from);

/* May ADDRESS stand in an envelope, so that nothing in it could end the
 * command? EMPTY: so may "". MS_OK or MS_E_USAGE. */
enum ms_status ms_address_check(const char *address, bool empty,
    struct ms_error *err);

#endif
