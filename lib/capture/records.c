#include "capture/records.h"

#include <glib.h>

#define HEAD 5
/* What ciphers may add to a record of 2^14 bytes, up to TLS 1.2. */
#define RECORD_MAX (16384 + 2048)

/* BYTE is the next one of a head. */
static bool
take_head(struct ms_records *r, unsigned char byte)
{
	switch (r->have++) {
	case 0:
		r->start = r->at;
		r->left = 0;
		return byte >= 20 && byte <= 24;
	case 1:
		return byte == 3;
	case 2:
		return byte <= 4;
	default:
		r->left = r->left << 8 | byte;
		return r->left <= RECORD_MAX;
	}
}

bool
ms_records_feed(struct ms_records *r, const void *data, size_t size)
{
	const unsigned char *p = data, *end = p + size;

	while (p < end && !r->lost) {
		size_t n = 1;

		if (r->have < HEAD) {
			if (!take_head(r, *p))
				return false;
		} else {
			n = (size_t)MIN((uint64_t)(end - p), r->left);
			r->left -= n;
		}
		if (r->have == HEAD && r->left == 0)
			r->have = 0;
		r->at += n;
		p += n;
	}
	return true;
}

void
ms_records_skip(struct ms_records *r, uint64_t size)
{
	if (size == 0 || r->have < HEAD || size > r->left) {
		r->lost = true;
		return;
	}
	r->left -= size;
	if (r->left == 0)
		r->have = 0;
}
