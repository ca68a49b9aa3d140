#ifndef MS_STRAY_H
#define MS_STRAY_H

#include "base/error.h"
#include "capture/dialogue.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Bytes of a client that are neither command nor content, one run of them
 * after the other: they are remembered by their place, and read again.
 */

struct ms_stray;

/* DIALOGUE is a loan for the life of the stray. */
struct ms_stray *ms_stray_new(const struct ms_dialogue *dialogue);
void ms_stray_free(struct ms_stray *stray);

/* A line, from START to END of all bytes of the client, begins a run or
 * continues the one that is open, which ends before START. */
void ms_stray_add(struct ms_stray *stray, uint64_t start, uint64_t end);

/* The run that is open, or an empty one at AT, lacks bytes: WHY, which is
 * copied, unless there is a reason already. */
void ms_stray_lacks_at(struct ms_stray *stray, uint64_t at, const char *why);
void ms_stray_lacks(struct ms_stray *stray, const char *why);

bool ms_stray_is_open(const struct ms_stray *stray);

/* Is it more than a command that somebody mistyped? */
bool ms_stray_matters(const struct ms_stray *stray);

/* A loan; NULL: nothing is missing. */
const char *ms_stray_why(const struct ms_stray *stray);

typedef enum ms_status ms_stray_bytes(void *arg, const void *data,
    size_t size, struct ms_error *err);

/* Give the bytes of the run to BYTES, without the dots that content would
 * have; LOOSE: line feeds alone end its lines. Once for each run. Fails as
 * BYTES does, or with MS_E_IO. */
enum ms_status ms_stray_give(struct ms_stray *stray, bool loose,
    ms_stray_bytes *bytes, void *arg, struct ms_error *err);

/* Where the client is: a turn, a place in it, and how much it said before. */
struct ms_stray_place {
	size_t turn;
	uint64_t at, client;
};

/* Give BYTES all that the client says from PLACE on, which is behind that
 * then, up to where it has said END in all, or where somebody says what was
 * inside TLS. Fails as above. */
enum ms_status ms_stray_rest(struct ms_stray *stray,
    struct ms_stray_place *place, uint64_t end, ms_stray_bytes *bytes,
    void *arg, struct ms_error *err);

/* Runs that begin later may lie before those that were given, but not before
 * PLACE. None is open. */
void ms_stray_back(struct ms_stray *stray,
    const struct ms_stray_place *place);

/* "5 bytes were not captured at byte 50 of stream 7", for the caller to free:
 * SIZE is 0 if nobody knows how many. CLIENT is how much it said before. */
char *ms_stray_gap(uint64_t size, uint64_t client, uint64_t stream);

/* The run is over. */
void ms_stray_close(struct ms_stray *stray);

#endif
