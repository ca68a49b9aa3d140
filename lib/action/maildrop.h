#ifndef MS_MAILDROP_H
#define MS_MAILDROP_H

#include "base/error.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Messages that are files: Maildir, MH, EML. Nothing is ever written into one
 * of them, and nothing is renamed over another one. New ones come by
 * action/newfile.h.
 */

/* One, by what the scan has seen. */
struct ms_maildrop_message {
	const char *path;
	uint64_t dev, ino;
	uint64_t size;
	struct ms_digest sha256;	/* of the whole file */
	bool shared;		/* other names of it are fine, as it is only
				 * read: ms_maildrop_check() */
};

/*
 * Is the message still there and the same, perhaps with other flags, or moved
 * from new to cur? *PATH is where it is now, the caller's to free; *FD is it,
 * open for reading, the caller's to close. Both may be NULL.
 *
 * MS_OK             yes
 * MS_END            it is gone, as mail may be at any time
 * MS_E_PEER         there is something else
 * MS_E_UNSUPPORTED  it has other names (hard links), so somebody else holds
 *                   it, too; or it is no regular file: leave it alone
 * MS_E_IO           the system said no
 */
enum ms_status ms_maildrop_check(const struct ms_maildrop_message *message,
    char **path, int *fd, struct ms_error *err);

/* Each of these checks first, with the same statuses; when it returns MS_OK,
 * what it did is on disk. */

/* Remove the file. */
enum ms_status ms_maildrop_remove(const struct ms_maildrop_message *message,
    struct ms_error *err);

/* Add the Maildir flag LETTER, which moves the message to cur. *PATH (may be
 * NULL) as above, with the new name. MS_E_USAGE: it is in no Maildir, or that
 * is no letter. */
enum ms_status ms_maildrop_flag(const struct ms_maildrop_message *message,
    char letter, char **path, struct ms_error *err);

/* Move it to the Maildir++ folder NAME ("Junk", "Mail.Infected") of its
 * Maildir, which is made if there is none. MS_E_USAGE: it is in no Maildir,
 * or NAME cannot be one of a folder. */
enum ms_status ms_maildrop_to_folder(
    const struct ms_maildrop_message *message, const char *name, char **path,
    struct ms_error *err);

#endif
