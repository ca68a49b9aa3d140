#include "smtp/dots.h"

#include "base/vector.h"

static void
put(struct ms_dots *dots, GString *out, const void *data, size_t size)
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
plain(struct ms_dots *dots, const unsigned char *p, const unsigned char *end)
{
	const unsigned char *q = p;

	for (; (size_t)(end - q) >= sizeof(ms_vector); q += sizeof(ms_vector)) {
		const ms_vector v = ms_vector_load(q);

		if (ms_vector_any((v == '\r') | (v == '\n')))
			break;
		if (ms_vector_any((v == 0) | (v > 127))) {
			dots->nul |= ms_vector_any(v == 0);
			dots->eight_bit |= ms_vector_any(v > 127);
		}
	}
	for (; q < end && *q != '\r' && *q != '\n'; q++) {
		dots->nul |= *q == '\0';
		dots->eight_bit |= *q > 127;
	}
	return (size_t)(q - p);
}

/* Bytes of P, which is neither CR nor LF, that stay as they are: lines that
 * end with CR LF, up to one that a dot begins. */
static size_t
lines(struct ms_dots *dots, const unsigned char *p, const unsigned char *end)
{
	const unsigned char *q = p + plain(dots, p, end);

	dots->inside = true;
	while (end - q >= 2 && q[0] == '\r' && q[1] == '\n') {
		size_t n;

		q += 2;
		dots->inside = false;
		if (q < end && *q == '.')
			break;
		n = plain(dots, q, end);
		dots->inside = n > 0;
		q += n;
	}
	return (size_t)(q - p);
}

void
ms_dots_feed(struct ms_dots *dots, const void *data, size_t size,
    GString *out)
{
	const unsigned char *p = data, *end = p + size;

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
		n = lines(dots, p, end);
		put(dots, out, p, n);
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
