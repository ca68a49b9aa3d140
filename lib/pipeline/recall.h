#ifndef MS_RECALL_H
#define MS_RECALL_H

#include "base/mark.h"
#include "message/message.h"
#include "pipeline/shelf.h"

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * What came of messages that were scanned before in this run, so that the
 * same message in a thousand mailboxes is scanned once. A message is the same
 * if its digests, as found and canonical, and its sizes are; the rest of what
 * a result depends on (database, options, limits) is the same for the run.
 *
 * The latest MS_RECALL_MAX results are kept at least, and at most twice as
 * many: 80 bytes each in memory, and their frames in 2 MB of memory, then
 * in a temporary file.
 */

#define MS_RECALL_MAX 50000

/* Results larger than this are not kept, and no more than that in all. */
#define MS_RECALL_RESULT_BYTES ((size_t)128 << 10)
#define MS_RECALL_BYTES ((uint64_t)64 << 20)

struct ms_recall;

/* DIR is for the temporary file, and must outlive it. */
struct ms_recall *ms_recall_new(const char *dir);
void ms_recall_free(struct ms_recall *recall);

/* The mark of MESSAGE, scanned as mail or RAW. */
struct ms_mark ms_recall_mark(struct ms_recall *recall,
    const struct ms_message *message, bool raw);

/* Keep SIZE bytes at FRAMES as the result for MARK. What cannot be written is
 * not kept. */
void ms_recall_put(struct ms_recall *recall, const struct ms_mark *mark,
    const void *frames, size_t size);

/* Append the result for MARK to FRAMES; false: there is none. */
bool ms_recall_get(struct ms_recall *recall, const struct ms_mark *mark,
    GByteArray *frames);

/* Keep what ITEM has as what came of MARK, unless that may be another thing
 * the next time: after deaths, failures, and lack of time or memory. */
void ms_recall_keep(struct ms_recall *recall, const struct ms_mark *mark,
    const struct ms_shelf_item *item);

/* Give ITEM, which is empty, what came of MARK; false: that is not known. */
bool ms_recall_give(struct ms_recall *recall, const struct ms_mark *mark,
    struct ms_shelf *shelf, struct ms_shelf_item *item);

#endif
