#ifndef MS_CHUNKS_H
#define MS_CHUNKS_H

#include "replay/role.h"

/* Messages after DATA as one chunk of BDAT (RFC 3030), and the other way. The
 * bytes of messages go to the role's spool, which is made as SPOOL says if
 * there is none. MS_OK, or MS_E_IO: they could not be read or stored. What has
 * no end was cut, and stays as it is. */

enum ms_status ms_chunks_make(struct ms_role *role,
    const struct ms_spool_config *spool, struct ms_error *err);

/* What DATA cannot carry, line feeds alone, becomes a line end. */
enum ms_status ms_chunks_undo(struct ms_role *role,
    const struct ms_spool_config *spool, struct ms_error *err);

#endif
