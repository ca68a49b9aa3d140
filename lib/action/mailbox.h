#ifndef MS_MAILBOX_H
#define MS_MAILBOX_H

#include "action/lock.h"
#include "base/error.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * An mbox, changed one message at a time and in place: same inode, owner,
 * mode and extended attributes, and no byte of another message is touched.
 * Every change is written down in a journal beside the mailbox, and that is on
 * disk, before the mailbox is written to: whenever the process
 * is killed, the next one that opens the mailbox here gives it its old or its
 * new content, and whatever was appended since stays. Nothing changes while
 * others have it locked.
 */

/* A message in it, by what the scan has seen. */
struct ms_mailbox_slice {
	uint64_t offset, length;	/* in the mailbox, From_ line and all */
	uint64_t size;		/* of the message as found: struct ms_message */
	struct ms_digest sha256;	/* likewise */
};

/* Where that message stands now. */
struct ms_mailbox_place {
	uint64_t offset;	/* of the first byte after the From_ line */
	char *from_line;	/* without its end, cut after some hundred
				 * bytes or at a NUL; NULL: has none. The
				 * caller's to free (g_free) */
};

struct ms_mailbox;

/*
 * Open PATH, which is not to be a symbolic link, lock it, and finish or undo
 * what a journal says is pending. DEV and INO are the file that the scan has
 * read; INO 0: any. LOCKING is a loan (&ms_lock_default); NULL: open it for
 * reading only, lock nothing, change nothing.
 *
 * MS_OK              *BOX is for ms_mailbox_close(): as soon as possible
 * MS_END             there is no such file any more
 * MS_E_PEER          it is another file now, or locked by others for too
 *                    long, or a journal is pending that does not fit it
 *                    (LOCKING NULL: any journal): left alone
 * MS_E_UNSUPPORTED   no regular file, or one with several names
 * MS_E_IO            the system said no
 */
enum ms_status ms_mailbox_open(const char *path, uint64_t dev, uint64_t ino,
    const struct ms_lock_config *locking, struct ms_mailbox **box,
    struct ms_error *err);
void ms_mailbox_close(struct ms_mailbox *box);

/* What ms_mailbox_open() found pending and did about it, a sentence for
 * people; NULL: nothing was. */
const char *ms_mailbox_recovered(const struct ms_mailbox *box);

/* The mailbox, a loan: for pread() only. */
int ms_mailbox_fd(const struct ms_mailbox *box);

/*
 * Is SLICE still that message? PLACE may be NULL.
 *
 * MS_OK      byte for byte
 * MS_E_PEER  no: the mailbox was changed by others
 * MS_E_IO    cannot be read
 */
enum ms_status ms_mailbox_find(struct ms_mailbox *box,
    const struct ms_mailbox_slice *slice, struct ms_mailbox_place *place,
    struct ms_error *err);

/*
 * Overwrite the message by a notice of the same size, so that every offset
 * stays what it was: SUBJECT, then LINES, which end with NULL: header lines
 * ("X-Mailscan-Quarantine: ID"), "", lines of text. What there is no room for
 * is left out, whole lines from the end; blanks fill the rest.
 *
 * MS_OK      it is on disk
 * MS_E_PEER  this is not that message any more: nothing was changed
 * MS_E_IO    the system said no; the mailbox has its old content, or ERR says
 *            that a journal is pending
 */
enum ms_status ms_mailbox_stub(struct ms_mailbox *box,
    const struct ms_mailbox_slice *slice, const char *subject,
    const char *const *lines, struct ms_error *err);

/*
 * Remove COUNT messages and close the gaps. All offsets behind the first one
 * change: what is to be removed is named in one call, in any order. Statuses
 * as ms_mailbox_stub(); if one of them is not that message any more, none is
 * removed (so ask ms_mailbox_find() first, and leave those out).
 */
enum ms_status ms_mailbox_expunge(struct ms_mailbox *box,
    const struct ms_mailbox_slice *slices, size_t count,
    struct ms_error *err);

/* SIZE bytes from OFFSET of FD: a message. */
struct ms_mailbox_message {
	const char *from_line;	/* without its end */
	int fd;
	uint64_t offset, size;
	bool quote;		/* write "From " as ">From ", and ">From " as
				 * ">>From ": it is not quoted already */
};

/* Append a message, with an empty line before it if that is missing, and one
 * after it; a last line without an end gets one. MS_OK: it is on disk. Else
 * the mailbox is as it was, or (MS_E_IO) ERR says that a journal is pending:
 * then the message may still be appended by the next one who opens it. */
enum ms_status ms_mailbox_append(struct ms_mailbox *box,
    const struct ms_mailbox_message *message, struct ms_error *err);

/*
 * Open PATH, which does all there is to do, and close it. *WHAT, the caller's
 * to free, is what that was; NULL: nothing was pending. Statuses as
 * ms_mailbox_open().
 */
enum ms_status ms_mailbox_recover(const char *path,
    const struct ms_lock_config *locking, char **what, struct ms_error *err);

/*
 * Is there a journal beside PATH? Takes no lock and changes nothing, so that
 * the answer may be of a moment ago, or of a mailscan at work.
 *
 * MS_OK      yes; *WHAT, the caller's to free, says what is pending
 * MS_END     no
 * MS_E_PEER  yes, but it is not of this mailbox, or not to be trusted
 * MS_E_IO    the mailbox or the journal cannot be opened or read
 */
enum ms_status ms_mailbox_pending(const char *path, char **what,
    struct ms_error *err);

#endif
