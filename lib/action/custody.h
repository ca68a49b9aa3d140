#ifndef MS_CUSTODY_H
#define MS_CUSTODY_H

#include "base/error.h"
#include "base/hash.h"
#include "scan/outcome.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * What is known of a message in quarantine: the JSON record beside it. Text
 * from outside is in it as base/quote writes it, so that a record is valid
 * UTF-8 and nothing is lost.
 */

#define MS_CUSTODY_SCHEMA 1

/* Bytes of an id ("YYYYMMDD/NAME") with a final NUL. */
#define MS_QUARANTINE_ID_MAX 64

/* What a record begins with: how the message came here. Strings are loans. */
struct ms_custody_entry {
	const char *id;
	int64_t stored;		/* seconds since 1970 */
	const char *by;		/* "scan --move" */
	uint64_t size;		/* of the message */
	struct ms_digest sha256;
	bool zip;		/* it is in a zip */
	bool quoted;		/* mbox quoting is left as it was */
	const char *from_line;	/* NULL: has none */
};

/* The text of a new record, of *SIZE bytes, for the caller to g_free(). NULL:
 * no memory. */
char *ms_custody_text(const struct ms_custody_entry *entry,
    const struct ms_outcome *outcome, size_t *size, struct ms_error *err);

#endif
