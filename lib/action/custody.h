#ifndef MS_CUSTODY_H
#define MS_CUSTODY_H

#include "base/error.h"
#include "base/hash.h"
#include "report/readback.h"
#include "scan/outcome.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What is known of a message in quarantine: the JSON record beside it. Text
 * from outside is in it as base/quote writes it, so that a record is valid
 * UTF-8 and nothing is lost. What a newer version puts into a record stays in
 * it when it is written again.
 */

#define MS_CUSTODY_SCHEMA 1

/* Bytes of an id ("YYYYMMDD/NAME") with a final NUL. */
#define MS_QUARANTINE_ID_MAX 64

/* Most bytes of a record, and most releases in it; of more, the first go. */
#define MS_CUSTODY_BYTES_MAX ((size_t)64 << 20)
#define MS_CUSTODY_RELEASES_MAX 1000

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

/* One try to give the message back. */
enum ms_custody_state {
	MS_CUSTODY_RELEASING,	/* begun; nobody knows how it ended */
	MS_CUSTODY_RELEASED,
	MS_CUSTODY_FAILED,	/* and it did not arrive */
	MS_CUSTODY_STATES
};
struct ms_custody_release {
	char *to;		/* "mbox:/var/mail/anna" */
	enum ms_custody_state state;
	int64_t at;		/* seconds since 1970, of the latest change */
	int64_t mark;		/* by which to find it there; -1: none */
	char *detail;		/* why it failed, or what was answered; or
				 * NULL */
};

struct json_t;

/* A record that was read. All in it belongs to it. */
struct ms_custody {
	struct json_t *object;
	char *id;
	int64_t stored;
	char *by;
	uint64_t size;
	struct ms_digest sha256;
	bool zip;
	bool quoted;
	char *from_line;	/* NULL: has none */
	char *place;		/* the file in which the message was, from
				 * the root; NULL: no such file */
	GPtrArray *releases;	/* of struct ms_custody_release * */
	const struct ms_outcome *outcome;
	struct ms_readback_item item;	/* OUTCOME is in it */
};

/*
 * Read the SIZE bytes at TEXT, from wherever they come.
 *
 * MS_OK             *CUSTODY is for ms_custody_free()
 * MS_E_FORMAT       no record, or a damaged one
 * MS_E_LIMIT        larger than any record
 * MS_E_UNSUPPORTED  written by a newer version
 */
enum ms_status ms_custody_parse(const char *text, size_t size,
    struct ms_custody **custody, struct ms_error *err);
void ms_custody_free(struct ms_custody *custody);

/* Add a try to release it, which has begun at AT, and return it, a loan. */
struct ms_custody_release *ms_custody_begin(struct ms_custody *custody,
    const char *to, int64_t at, int64_t mark);

/* The text of the record, of *SIZE bytes, with its releases as they are now;
 * ONE_LINE: without line feeds. For the caller to g_free(); NULL: no
 * memory. */
char *ms_custody_dump(struct ms_custody *custody, bool one_line, size_t *size,
    struct ms_error *err);

/* "releasing", "released", "failed". */
const char *ms_custody_state_name(enum ms_custody_state state);

/* Is TEXT an id, and nothing but? */
bool ms_custody_is_id(const char *text);

/* When what has this id was stored, in seconds since 1970; -1: no id. */
int64_t ms_custody_time(const char *id);

#endif
