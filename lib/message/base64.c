#include "message/base64.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

/* For each place in a group, what a letter there adds to its three bytes,
 * which are the upper ones of four; the lowest bit is for what is none. */
#define NO 64
#define AT(shift, v) ((v) == NO ? 1 : (guint32)(v) << (shift))
#define FOUR(s, a, b, c, d) AT(s, a), AT(s, b), AT(s, c), AT(s, d)
#define NO4(s) FOUR(s, NO, NO, NO, NO)
#define NO16(s) NO4(s), NO4(s), NO4(s), NO4(s)
#define NO64(s) NO16(s), NO16(s), NO16(s), NO16(s)
#define TABLE(s) { \
	NO16(s), NO16(s), NO4(s), NO4(s), \
	FOUR(s, NO, NO, NO, 62), FOUR(s, NO, NO, NO, 63), \
	FOUR(s, 52, 53, 54, 55), FOUR(s, 56, 57, 58, 59), \
	FOUR(s, 60, 61, NO, NO), NO4(s), \
	FOUR(s, NO, 0, 1, 2), FOUR(s, 3, 4, 5, 6), \
	FOUR(s, 7, 8, 9, 10), FOUR(s, 11, 12, 13, 14), \
	FOUR(s, 15, 16, 17, 18), FOUR(s, 19, 20, 21, 22), \
	FOUR(s, 23, 24, 25, NO), NO4(s), \
	FOUR(s, NO, 26, 27, 28), FOUR(s, 29, 30, 31, 32), \
	FOUR(s, 33, 34, 35, 36), FOUR(s, 37, 38, 39, 40), \
	FOUR(s, 41, 42, 43, 44), FOUR(s, 45, 46, 47, 48), \
	FOUR(s, 49, 50, 51, NO), NO4(s), \
	NO64(s), NO64(s) }

static const guint32 letters[4][256] = { TABLE(26), TABLE(20), TABLE(14),
	TABLE(8) };

/* One group; false if it is none. Writes a fourth byte. */
static bool
decode_group(const unsigned char *in, unsigned char *out)
{
	guint32 bytes = letters[0][in[0]] | letters[1][in[1]] |
	    letters[2][in[2]] | letters[3][in[3]];

	if (bytes & 1)
		return false;
	bytes = GUINT32_TO_BE(bytes);
	memcpy(out, &bytes, sizeof bytes);
	return true;
}

size_t
ms_base64(const unsigned char *data, size_t size, unsigned char *out,
    size_t *used)
{
	const unsigned char *p = data, *end = data + size;
	unsigned char *start = out;

	for (;;) {
		while (end - p >= 4 && decode_group(p, out)) {
			p += 4;
			out += 3;
		}
		if (p < end && *p == '\n')
			p++;
		else if (end - p >= 2 && p[0] == '\r' && p[1] == '\n')
			p += 2;
		else
			break;
	}
	*used = (size_t)(p - data);
	return (size_t)(out - start);
}
