#ifndef MS_GLIMPSE_H
#define MS_GLIMPSE_H

#include "replay/role.h"

/* What a few bytes tell of a dialogue, before anybody listens to it. What
 * cannot be read tells nothing: whoever listens will be told why. */

/* Is it one of LMTP (RFC 2033)? It begins with LHLO. */
bool ms_glimpse_lmtp(const struct ms_dialogue *dialogue);

/* Is a record of TLS (RFC 8446, 5.1) the first thing that the client of ROLE
 * says? */
bool ms_glimpse_tls(const struct ms_role *role);

/* Is the last line of what the client of ROLE says from START to END a dot,
 * whatever its line ends are? Some servers take that for the end of a
 * message. */
bool ms_glimpse_dot(const struct ms_role *role, uint64_t start, uint64_t end);

#endif
