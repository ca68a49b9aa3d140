#ifndef MS_FIELDS_H
#define MS_FIELDS_H

#include "base/error.h"
#include "base/hash.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * The fields of a JSON object that was written by report/jsonl.h, by name.
 * The first thing that is wrong with one of them stays, so that nobody has to
 * check them one by one; what is asked for after it is still of some use.
 */

struct json_t;
struct ms_readback_item;

struct ms_fields {
	const struct json_t *object;	/* NULL: has no fields */
	GPtrArray *strings;		/* who owns what is lent */
	struct ms_readback_item *item;	/* the reader's */
	struct ms_error *err;
	enum ms_status status;		/* MS_OK, or MS_E_FORMAT with ERR
					 * filled */
};

/* What such an object has for the bytes of TEXT, a new string; for NULL, null.
 * NULL: no memory. */
struct json_t *ms_fields_quoted(const char *text);

/* Write OBJECT, which is then gone, to STREAM as a line. MS_E_IO: it could not
 * be written, or is NULL for lack of memory. */
enum ms_status ms_fields_write(FILE *stream, struct json_t *object,
    struct ms_error *err);

/* "KEY" is WHAT: wrong. */
void ms_fields_fail(struct ms_fields *fields, const char *key,
    const char *what);

/* The value of KEY, or NULL for null and nothing; MUST: that is wrong. */
const struct json_t *ms_fields_get(struct ms_fields *fields, const char *key,
    bool must);

/* The bytes that the string VALUE was quoted from, to be freed with g_free();
 * NULL: it is no string. KEY is for errors. */
char *ms_fields_unquote(struct ms_fields *fields, const char *key,
    const struct json_t *value);

/* The bytes of the string KEY, to be freed with g_free(); NULL: null, or
 * absent, which for _need is wrong: it never gives NULL. */
char *ms_fields_text(struct ms_fields *fields, const char *key);
char *ms_fields_need(struct ms_fields *fields, const char *key);

/* The same, but STRINGS owns them. */
const char *ms_fields_lend(struct ms_fields *fields, const char *key);
const char *ms_fields_lend_needed(struct ms_fields *fields, const char *key);

/* An integer not below MIN; OTHERWISE: null or absent. A count is 0 then, and
 * not below it. */
int64_t ms_fields_number(struct ms_fields *fields, const char *key,
    int64_t min, int64_t otherwise);
uint64_t ms_fields_count(struct ms_fields *fields, const char *key);

/* False: that, null or absent. */
bool ms_fields_flag(struct ms_fields *fields, const char *key);

/* Zeros: null or absent, which is wrong if it MUST be there. */
struct ms_digest ms_fields_digest(struct ms_fields *fields, const char *key,
    bool must);

/* The fields of the object KEY; none if there is no such object. Its STATUS is
 * to be handed back to FIELDS. */
struct ms_fields ms_fields_inside(struct ms_fields *fields, const char *key);

#endif
