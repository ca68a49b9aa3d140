#ifndef MS_MARK_H
#define MS_MARK_H

#include <glib.h>

#include <stddef.h>
#include <stdint.h>

/*
 * Recognising bytes that this process has seen before, several times as fast
 * as SHA-256: AES-GMAC (NIST SP 800-38D) under a random key that never leaves
 * the process and its children, and whose values are never shown. Without
 * the key nobody can make two contents with the same mark, so "the same
 * mark" is "the same bytes". Not for reports, files or other processes.
 */

struct ms_mark {
	uint64_t words[2];
};

struct ms_marker;

/* Never NULL: a process without random numbers or AES ends. */
struct ms_marker *ms_mark_start(void);
void ms_mark_stop(struct ms_marker *marker);

/* The mark of SIZE bytes at DATA, different for different KINDs of use. */
struct ms_mark ms_mark_of(struct ms_marker *marker, uint32_t kind,
    const void *data, size_t size);

/* The same of bytes that come in pieces, those of one content at a time. */
void ms_mark_begin(struct ms_marker *marker, uint32_t kind);
void ms_mark_feed(struct ms_marker *marker, const void *data, size_t size);
struct ms_mark ms_mark_end(struct ms_marker *marker);

/* For GHashTable: keys are struct ms_mark *. */
guint ms_mark_hash(gconstpointer mark);
gboolean ms_mark_equal(gconstpointer a, gconstpointer b);

#endif
