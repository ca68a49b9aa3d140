#include "message/base64.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

/* The value of each letter, and one over 63 for what is none. */
#define NO 0x80
#define NO4 NO, NO, NO, NO
#define NO16 NO4, NO4, NO4, NO4
#define NO64 NO16, NO16, NO16, NO16
static const unsigned char values[256] = {
	NO16, NO16, NO4, NO4, NO, NO, NO, 62, NO, NO, NO, 63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, NO, NO, NO4,
	NO, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, NO, NO4,
	NO, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, NO, NO4,
	NO64, NO64,
};

/* One group; false if it is none. Writes a fourth byte. */
static bool
decode_group(const unsigned char *in, unsigned char *out)
{
	guint32 a = values[in[0]], b = values[in[1]];
	guint32 c = values[in[2]], d = values[in[3]];
	guint32 bytes = GUINT32_TO_BE(a << 26 | b << 20 | c << 14 | d << 8);

	if ((a | b | c | d) & NO)
		return false;
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
