#ifndef MS_POLICYMAP_H
#define MS_POLICYMAP_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Policy maps: files in the grammar of simscan's simcontrol, one line for an
 * address, a domain, or ("") everybody:
 *
 *	postmaster@example.com:clam=yes,spam=no,attach=.txt:.com
 *	example.com:spam=no
 *	:clam=yes,spam=yes,spam_hits=6.5
 *
 * Lines that begin with # are comments, and so is what follows a blank and #.
 * Keys are the same in upper and lower case. Of lines with one key the first
 * counts, as it does for simscan. What the second half of a line means is
 * policy/settings'; here it is a text that is stored once however many lines
 * have it. A million lines take some 50 MB; a lookup is one probe of a hash.
 */

struct ms_policymap;

/* Most bytes of a line. */
#define MS_POLICYMAP_LINE_MAX 16384

/* Is the second half of a line, TEXT, a good one? Called once for each that
 * there is. ERR need not name the place. */
typedef enum ms_status ms_policymap_check(void *arg, const char *text,
    struct ms_error *err);

/* Empty. */
struct ms_policymap *ms_policymap_new(ms_policymap_check *check, void *arg);
void ms_policymap_free(struct ms_policymap *map);

/*
 * Add the SIZE bytes at DATA, the lines of a file called NAME in errors, or
 * those of the file at PATH.
 *
 * MS_OK
 * MS_E_IO      the file cannot be read
 * MS_E_FORMAT  a line is wrong: ERR has file and line. What came before it is
 *              in the map.
 * MS_E_LIMIT   there is too much of it
 */
enum ms_status ms_policymap_add(struct ms_policymap *map, const char *name,
    const void *data, size_t size, struct ms_error *err);
enum ms_status ms_policymap_read(struct ms_policymap *map, const char *path,
    struct ms_error *err);

/* The last one was added: give back what will not be needed. */
void ms_policymap_seal(struct ms_policymap *map);

/* Where a line came from. */
struct ms_policymap_place {
	const char *file;
	unsigned line;
};

/* What follows KEY, of SIZE bytes, which are in lower case, or NULL; a loan.
 * PLACE, unless NULL, is where. */
const char *ms_policymap_find(const struct ms_policymap *map,
    const char *key, size_t size, struct ms_policymap_place *place);

/* How many lines have been added, and the bytes of memory for them. */
uint32_t ms_policymap_lines(const struct ms_policymap *map);
size_t ms_policymap_bytes(const struct ms_policymap *map);

#endif
