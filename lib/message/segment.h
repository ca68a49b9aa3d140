#ifndef MS_SEGMENT_H
#define MS_SEGMENT_H

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * Where parts of a message may begin and end, whatever its header says:
 * every line that starts with two hyphens may be a delimiter (RFC 2046,
 * 5.1.1), and a header may end in more ways than with an empty line.
 */

/* Bytes FROM to TO of a message, between two delimiters. */
struct ms_segment {
	size_t from;
	size_t to;
};

/*
 * The segments of the SIZE bytes at DATA in an array of struct ms_segment,
 * which the caller frees with g_array_unref(): first those between every two
 * lines that may be delimiters, then, for each declared boundary with other
 * such lines between its own, those between its own. *ALL is false if there
 * were more than can be told. Linear in SIZE.
 */
GArray *ms_segment_find(const unsigned char *data, size_t size, bool *all);

#define MS_SEGMENT_STARTS 10

/*
 * Where the body may begin in SEGMENT of the message at DATA: at its first
 * byte if there is no header, behind its first empty line, behind a line of
 * blanks, behind or at a line that is no field, and so on as long as fields
 * follow. Returns how many offsets are in STARTS, in rising order.
 */
size_t ms_segment_starts(const unsigned char *data,
    const struct ms_segment *segment, size_t starts[MS_SEGMENT_STARTS]);

#endif
