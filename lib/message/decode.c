#include "message/decode.h"

#include <gmime/gmime.h>

#include "message/base64.h"
#include "message/pour.h"

/* Bytes decoded at once. */
#define AT_ONCE 32768

/* Decode the next of SIZE bytes at DATA into OUT; *USED is how many. Of
 * base64, GMime gets what is not as encoders write it. */
static size_t
decode_next(GMimeEncoding *state, const unsigned char *data, size_t size,
    unsigned char *out, size_t *used)
{
	bool base64 = state->encoding == GMIME_CONTENT_ENCODING_BASE64;
	size_t n;

	if (base64 && state->state == 0) {
		n = ms_base64(data, size, out, used);
		if (*used > 0)
			return n;
	}
	/* Its state counts the letters of a group, and is -1 at the end. */
	if (base64 && state->state >= 0)
		size = MIN(size, (size_t)(4 - state->state));
	*used = size;
	return g_mime_encoding_step(state, (const char *)data, size,
	    (char *)out);
}

enum ms_status
ms_decode(const struct ms_decode_input *input, struct ms_error *err)
{
	/* Without its padding GMime drops the end; more of it is ignored. */
	static const char padding[] = "==";
	enum ms_status status = MS_OK;
	unsigned char own[AT_ONCE * 2 + 64];
	GMimeEncoding state;
	size_t n, used;

	ms_spool_clear(input->spool);
	g_mime_encoding_init_decode(&state, input->base64 ?
	    GMIME_CONTENT_ENCODING_BASE64 :
	    GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
	for (size_t at = 0; status == MS_OK && at < input->size;) {
		size_t end = at + MIN(input->size - at, (size_t)AT_ONCE);
		unsigned char *room = ms_spool_room(input->spool, sizeof own);
		unsigned char *out = room ? room : own;

		for (n = 0; at < end; at += used)
			n += decode_next(&state, input->data + at, end - at,
			    out + n, &used);
		status = ms_pour_keep(input->spool, input->budget,
		    room ? NULL : out, n, err);
	}
	if (status != MS_OK)
		return status;
	n = g_mime_encoding_flush(&state, padding, input->base64 ? 2 : 0,
	    (char *)own);
	return ms_pour_keep(input->spool, input->budget, own, n, err);
}
