#ifndef MS_LEARN_H
#define MS_LEARN_H

#include "replay/role.h"

/*
 * Learn a role from what was recorded: lib/smtp's session listens to both
 * sides and tells commands from content and what was the reply to what; what
 * had been answered when the client spoke is what it is going to wait for
 * when it is played. Without the server's side it waits for every reply.
 */

/*
 * What the client of DIALOGUE said.
 *
 * MS_OK       *ROLE is the caller's, and DIALOGUE the role's. (It may be
 *             cut: then it is to be played as far as it goes.)
 * MS_E_LIMIT  it has too many steps. *ROLE is NULL, and DIALOGUE was freed,
 *             as in all other cases
 * MS_E_IO     its bytes could not be read
 */
enum ms_status ms_learn(struct ms_dialogue *dialogue, struct ms_role **role,
    struct ms_error *err);

#endif
