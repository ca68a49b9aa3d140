#ifndef MS_SHELF_H
#define MS_SHELF_H

#include "base/error.h"
#include "scan/facts.h"

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * Facts of messages that are not their turn yet, kept as the checked frames
 * that they came in: in memory while there is little, on disk beyond.
 */

struct ms_shelf;
struct ms_shelf_item;

/* Spills to an unlinked file in DIR, which must outlive the shelf, when more
 * than MAX bytes are in memory. Items must be taken or dropped first. */
struct ms_shelf *ms_shelf_new(const char *dir, size_t max);
void ms_shelf_free(struct ms_shelf *shelf);

/* A place for the facts of one message. */
struct ms_shelf_item *ms_shelf_add(struct ms_shelf *shelf);
void ms_shelf_drop(struct ms_shelf *shelf, struct ms_shelf_item *item);

/* Keep FRAME, which passed ms_frame_read_fact(). Of parts and blobs, only as
 * many as a report may list, and other parts are counted; of the
 * rest, no more than fits some MB, but the first gap of each reason always.
 * Returns whether it was kept. */
bool ms_shelf_put(struct ms_shelf *shelf, struct ms_shelf_item *item,
    const unsigned char *frame, size_t size);

/* Add what FROM has kept to ITEM. MS_E_IO: it could not be read back. */
enum ms_status ms_shelf_add_all(struct ms_shelf *shelf,
    struct ms_shelf_item *item, struct ms_shelf_item *from,
    struct ms_error *err);

/*
 * Keep a BLOB frame, as long as those of ITEM stand for MAX bytes in all: more
 * an honest worker has not to hand over, and another must not fill the disk.
 *
 * MS_OK      *BLOB is what it says
 * MS_END     there is no room for it; if it is for its bytes, a gap says so
 * MS_E_PEER  it is no BLOB frame
 */
enum ms_status ms_shelf_put_blob(struct ms_shelf *shelf,
    struct ms_shelf_item *item, const unsigned char *frame, size_t size,
    uint64_t max, struct ms_blob *blob);

/* All frames of ITEM, each behind its size (32 bits, the machine's order): a
 * loan until the next call with ITEM; NULL: it is on disk, or some were left
 * out. And such frames put into another. */
const GByteArray *ms_shelf_frames(const struct ms_shelf_item *item);
void ms_shelf_put_all(struct ms_shelf *shelf, struct ms_shelf_item *item,
    const GByteArray *frames);

/* What kinds of frames were put into ITEM, kept or not: 1 << enum
 * ms_frame_type, or-ed. */
unsigned ms_shelf_types(const struct ms_shelf_item *item);

/* The kinds of the findings in ITEM: 1 << enum ms_finding_kind, or-ed. */
unsigned ms_shelf_kinds(const struct ms_shelf_item *item);

/* The reasons of the gaps in ITEM: 1 << enum ms_reason, or-ed. */
unsigned ms_shelf_reasons(const struct ms_shelf_item *item);

/* No more will come, and ITEM has to wait: it may go to disk. */
void ms_shelf_rest(struct ms_shelf *shelf, struct ms_shelf_item *item);

/* Add all that was kept to FACTS, and drop ITEM. MS_E_IO: it was on disk and
 * could not be read back. */
enum ms_status ms_shelf_take(struct ms_shelf *shelf,
    struct ms_shelf_item *item, struct ms_facts *facts,
    struct ms_error *err);

#endif
