#ifndef MS_SEEN_TEST_H
#define MS_SEEN_TEST_H

#include "scan/seen.h"

#include <glib.h>

static inline void
seen_test_take(void *arg, const char *data, size_t size)
{
	g_string_append_len(arg, data, (gssize)size);
}

/* All that is seen of the SIZE bytes at DATA, fed in pieces of STEP; to be
 * freed. */
static inline GString *
seen_test_see(unsigned how, const char *data, size_t size, size_t step)
{
	GString *text = g_string_new(NULL);
	struct ms_seen *seen = ms_seen_new(how, seen_test_take, text);

	for (size_t at = 0; at < size; at += step)
		ms_seen_feed(seen, data + at, MIN(step, size - at));
	ms_seen_end(seen);
	ms_seen_free(seen);
	return text;
}

#endif
