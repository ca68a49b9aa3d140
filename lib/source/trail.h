#ifndef MS_TRAIL_H
#define MS_TRAIL_H

#include "source/input.h"
#include "source/memory.h"

/*
 * The digest of what stands in a mailbox before its last message, made while
 * it is read: which message is the last one is not known before the end, and
 * the splitter has read ahead of where a message begins.
 */

/* The splitter reads no further ahead than this. */
#define MS_TRAIL_AHEAD ((size_t)512 << 10)

struct ms_trail;

struct ms_trail *ms_trail_new(void);
void ms_trail_free(struct ms_trail *trail);

/* SIZE further bytes of the mailbox. */
void ms_trail_feed(struct ms_trail *trail, const void *data, size_t size);

/* Message INDEX begins at OFFSET, which is no less than that of the one before
 * and not more than MS_TRAIL_AHEAD before the end of what was fed. */
void ms_trail_mark(struct ms_trail *trail, uint64_t offset, uint64_t index);

/* Of the last one marked. */
struct ms_memory_end ms_trail_end(const struct ms_trail *trail);

/*
 * Feed the beginning of INPUT up to where END says the last message once
 * began. WAIT may be NULL, and is asked now and then.
 *
 * MS_OK        it is what it was, and INPUT at that place
 * MS_END       it is not
 * other        INPUT cannot be read, or is not to be read further
 */
enum ms_status ms_trail_follow(struct ms_trail *trail,
    struct ms_input *input, const struct ms_memory_end *end,
    const struct ms_source_config *config, struct ms_error *err);

#endif
