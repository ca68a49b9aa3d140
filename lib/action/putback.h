#ifndef MS_PUTBACK_H
#define MS_PUTBACK_H

#include "action/custody.h"
#include "action/lock.h"
#include "action/release.h"

/*
 * Ways (action/release.h) back into a mailbox: into the Maildir where the
 * message was, with its flags; to the end of its mbox, under the locks that
 * mail programs take; or, if it was a file of its own, to where that was,
 * unless there is something by now.
 */

struct ms_putback;

/*
 * A way back to where the message of CUSTODY was, or, if that is not NULL,
 * into the Maildir or mbox at INTO. LOCKING is for an mbox, a loan.
 *
 * MS_OK             *PUTBACK is for ms_putback_close()
 * MS_E_UNSUPPORTED  it was in no mailbox that can be written to
 */
enum ms_status ms_putback_open(const struct ms_custody *custody,
    const char *into, const struct ms_lock_config *locking,
    struct ms_putback **putback, struct ms_error *err);
void ms_putback_close(struct ms_putback *putback);

/* The way, a loan. */
const struct ms_release_way *ms_putback_way(const struct ms_putback *putback);

#endif
