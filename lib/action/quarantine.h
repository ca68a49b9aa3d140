#ifndef MS_QUARANTINE_H
#define MS_QUARANTINE_H

#include "action/custody.h"
#include "base/error.h"
#include "base/hash.h"
#include "scan/outcome.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * A directory of messages that were taken out of circulation. Each is two
 * files in the directory of its day: YYYYMMDD/NAME.eml, the bytes as they
 * were found (or NAME.zip, see action/defang.h), and YYYYMMDD/NAME.json, what
 * is known of it (action/custody.h). "YYYYMMDD/NAME" is the id; nothing that
 * a sender chose is in it. A file appears under its name when all of it is on
 * disk, the record last, so that after whatever happened there is a message
 * without a record at worst.
 */

struct ms_quarantine;

/*
 * Open the quarantine in the directory PATH; MAKE: which is made if there is
 * none.
 *
 * MS_OK       *Q is for ms_quarantine_close()
 * MS_E_USAGE  it is a symbolic link, belongs to somebody else or is open to
 *             others: the text says what to do
 * MS_E_IO     it could not be made or opened
 */
enum ms_status ms_quarantine_open(const char *path, bool make,
    struct ms_quarantine **q, struct ms_error *err);
void ms_quarantine_close(struct ms_quarantine *q);

/* The directory, and its name for what is told: loans. */
int ms_quarantine_fd(const struct ms_quarantine *q);
const char *ms_quarantine_path(const struct ms_quarantine *q);

/* Have on disk what was removed, too (action/holding.h): one call for
 * thousands of messages. */
enum ms_status ms_quarantine_sync(struct ms_quarantine *q,
    struct ms_error *err);

/* Store messages as zips from now on, which other scanners leave alone. */
void ms_quarantine_defang(struct ms_quarantine *q, bool zip);

/* The bytes of a message. */
struct ms_quarantine_content {
	int fd;			/* its position does not count */
	uint64_t offset;
	uint64_t size;
	struct ms_digest sha256;	/* of these bytes */
	const char *from_line;	/* of the mbox it was in, without its end;
				 * NULL: none */
	bool quoted;		/* ">From " as in the mailbox */
};

/*
 * Store a message, and OUTCOME and BY ("scan --move") in its record, at the
 * time that is now. When it returns MS_OK, both are on disk, and the message
 * was read back from there and is what the digest says; ID is by what it is
 * found. Otherwise nothing is left of it, and it must not be removed from
 * where it is.
 *
 * MS_E_PEER   the bytes are not those of the digest (any more)
 * MS_E_USAGE  the directory of the day is not ours alone: see above
 * MS_E_IO     the disk is full, or anything else that the system said
 */
enum ms_status ms_quarantine_put(struct ms_quarantine *q,
    const struct ms_quarantine_content *content,
    const struct ms_outcome *outcome, const char *by,
    char id[MS_QUARANTINE_ID_MAX], struct ms_error *err);

#endif
