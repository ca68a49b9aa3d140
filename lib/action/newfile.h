#ifndef MS_NEWFILE_H
#define MS_NEWFILE_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * A message as a file of its own, under a name that is known before it is
 * there, so that one can look for it. It appears there as a whole, readable
 * for its owner only, who is the owner of the directory if that can be had;
 * and never in the place of something else.
 */

struct ms_newfile {
	int fd;			/* from its start; its position does not
				 * count */
	uint64_t size;
};

/* Is PATH a Maildir? */
bool ms_newfile_is_maildir(const char *path);

/*
 * Deliver CONTENT into the Maildir PATH by tmp, as UNIQUE in new, or, with
 * FLAGS ("FS", or ""), in cur.
 *
 * MS_OK    it is on disk
 * MS_E_IO  it is not there: the text says why
 */
enum ms_status ms_newfile_deliver(const char *path, const char *unique,
    const char *flags, const struct ms_newfile *content,
    struct ms_error *err);

/* Is UNIQUE in the Maildir PATH, in new or cur, with whatever flags? MS_OK,
 * MS_END (no), or MS_E_IO. */
enum ms_status ms_newfile_look(const char *path, const char *unique,
    struct ms_error *err);

/* Make the file PATH, where something else (MS_END) may be. TEMPORARY is a
 * name for it in the same directory on the way there. */
enum ms_status ms_newfile_put(const char *path, const char *temporary,
    const struct ms_newfile *content, struct ms_error *err);

#endif
