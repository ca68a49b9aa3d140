#include "smtp/dots.h"

#include <string.h>

static void
put(struct ms_dots *dots, GString *out, const char *data, size_t size)
{
	dots->size += size;
	if (out)
		g_string_append_len(out, data, (gssize)size);
}

/* The CRs that wait are line ends, and what comes next is no line feed. */
static void
end_lines(struct ms_dots *dots, GString *out)
{
	for (; dots->crs > 0; dots->crs--) {
		put(dots, out, "\r\n", 2);
		dots->inside = false;
	}
}

/* Bytes of P that are neither CR nor LF. */
static size_t
plain(struct ms_dots *dots, const char *p, const char *end)
{
	const char *q = p;

	while (q < end && *q != '\r' && *q != '\n') {
		dots->nul |= *q == '\0';
		dots->eight_bit |= (unsigned char)*q > 127;
		q++;
	}
	return (size_t)(q - p);
}

void
ms_dots_feed(struct ms_dots *dots, const void *data, size_t size,
    GString *out)
{
	const char *p = data, *end = p + size;

	while (p < end) {
		size_t n;

		if (*p == '\r') {
			dots->crs++;
			p++;
			continue;
		}
		if (*p == '\n') {
			dots->crs = 0;
			put(dots, out, "\r\n", 2);
			dots->inside = false;
			p++;
			continue;
		}
		end_lines(dots, out);
		if (!dots->inside && *p == '.' && out)
			g_string_append_c(out, '.');
		n = plain(dots, p, end);
		put(dots, out, p, n);
		dots->inside = true;
		p += n;
	}
}

void
ms_dots_end(struct ms_dots *dots, GString *out)
{
	end_lines(dots, out);
	if (dots->inside)
		put(dots, out, "\r\n", 2);
	dots->inside = false;
	if (out)
		g_string_append(out, ".\r\n");
}
