#ifndef MS_WORDING_H
#define MS_WORDING_H

#include "base/error.h"

#include <glib.h>

/*
 * Texts of the administrator's with places for what is known of a message:
 * header fields that are added, replies, notices. %i is the client's address,
 * %l our own, %d the date (RFC 5322), %v what was found, %f the part it was
 * found in, %q the number in quarantine, %a the action, %h our name, %V our
 * version, %% a percent sign; \r \n \t \\ are what they are in C. Whatever
 * comes from outside becomes printable ASCII without line ends, and short.
 */
struct ms_wording {
	const char *client;	/* NULL, as all below: "unknown" */
	const char *local;
	const char *date;
	const char *virus;
	const char *part;
	const char *quarantine;
	const char *action;
	const char *host;
	const char *version;
};

/* Bytes of one value; what is longer ends with "...". */
#define MS_WORDING_VALUE_MAX 200

/* Is TEXT one that can be expanded? MS_OK, or MS_E_USAGE: ERR names the
 * place. */
enum ms_status ms_wording_check(const char *text, struct ms_error *err);

/* Append TEXT, which passed the check, with VALUES in its places. */
void ms_wording_expand(const char *text, const struct ms_wording *values,
    GString *out);

/* Append VALUE as it stands in the place of a letter. */
void ms_wording_value(const char *value, GString *out);

#endif
