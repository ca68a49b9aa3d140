#ifndef MS_MEMBERS_H
#define MS_MEMBERS_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The members of an archive of mail, as its boxed reader (compressed.h) sends
 * them. The records are checked and made plain bytes of again, for the same
 * splitters that plain files get. A small archive can unpack to anything: of
 * what is of no use, only so much is taken.
 */

struct ms_members_config {
	int stream;		/* from the reader; stays the caller's */
	uint64_t size;		/* of the archive */
	unsigned ratio;		/* of no use are at most this many times as
				 * many bytes, or MS_MEMBERS_SPARE */
};

#define MS_MEMBERS_SPARE ((uint64_t)64 << 20)

struct ms_members;
struct ms_members *ms_members_new(const struct ms_members_config *config);
void ms_members_free(struct ms_members *members);

/*
 * The next member. What was not read of the one before is of no use.
 *
 * MS_OK        NAME (a loan until the next call; "" for a bare compressed
 *              file) and MTIME (-1: unknown) are set
 * MS_END       no more members
 * MS_E_FORMAT  damaged, truncated or encrypted from here on: ERR says which
 * MS_E_LIMIT   too much was of no use; there are no more members
 * MS_E_PEER    the reader died, sent nonsense, or sends nothing
 */
enum ms_status ms_members_next(struct ms_members *members,
    const char **name, int64_t *mtime, struct ms_error *err);

/* Up to SIZE bytes of the current member; *GOT 0 is its end. Failures as
 * above. */
enum ms_status ms_members_read(struct ms_members *members,
    void *data, size_t size, size_t *got, struct ms_error *err);

/* SIZE bytes of those read were of no use. MS_E_LIMIT: as above. */
enum ms_status ms_members_charge(struct ms_members *members, uint64_t size,
    struct ms_error *err);

#endif
