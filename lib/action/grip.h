#ifndef MS_GRIP_H
#define MS_GRIP_H

#include "action/lock.h"
#include "action/mailbox.h"
#include "action/maildrop.h"
#include "action/quarantine.h"
#include "base/error.h"
#include "scan/outcome.h"

#include <stdbool.h>

/*
 * A hold on the message that an outcome is about: its bytes as they are now,
 * which are those that were scanned, and the mailbox, locked, if it is in one
 * that is to be changed.
 */
struct ms_grip {
	struct ms_quarantine_content content;
	/* for those that change it */
	struct ms_mailbox *box;		/* NULL: it is in none */
	struct ms_mailbox_slice slice;	/* of it */
	struct ms_maildrop_message file;	/* path NULL: it is none */
	char *path;	/* of the mailbox or the file, not through a link */
	char *from_line;
	int fd;		/* of the file; -1: none */
	bool refused;	/* the mailbox itself cannot be had, and so will no
			 * message in it */
};

/*
 * Why the message must stay as it is where it is, whoever asks; NULL: it may
 * be changed. MAILDIR: by something that only Maildirs have. Static.
 */
const char *ms_grip_fixed(const struct ms_outcome *outcome, bool maildir);

/*
 * Take hold of it. CHANGE: to change it; LOCKING then says how mailboxes are
 * locked, and NULL that nothing may be opened for writing all the same.
 *
 * MS_OK              GRIP is for ms_grip_give(), as soon as possible
 * MS_END             it is gone, as mail may be at any time
 * MS_E_PEER          it has changed, or others have it locked
 * MS_E_LIMIT         not all of its bytes can be had
 * MS_E_UNSUPPORTED   it has other names, which would keep it
 * MS_E_IO            the system said no
 */
enum ms_status ms_grip_take(const struct ms_outcome *outcome, bool change,
    const struct ms_lock_config *locking, struct ms_grip *grip,
    struct ms_error *err);
void ms_grip_give(struct ms_grip *grip);

#endif
