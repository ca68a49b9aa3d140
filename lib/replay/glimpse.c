#include "replay/glimpse.h"

/* What the first two bytes of TLS say: a handshake, and its version. */
#define TLS_RECORD 0x16
#define TLS_VERSION 0x03

/* CR, LF, dot, CR, LF */
#define DOT_MAX 5

bool
ms_glimpse_lmtp(const struct ms_dialogue *dialogue)
{
	struct ms_error err;
	char begin[4];
	size_t got = sizeof begin;

	for (size_t i = 0; i < dialogue->turns->len; i++) {
		const struct ms_turn *turn = ms_dialogue_turn(dialogue, i);

		if (turn->side == MS_SIDE_CLIENT &&
		    turn->kind == MS_TURN_BYTES)
			return ms_dialogue_read(dialogue, i, 0, begin,
			    &got, &err) == MS_OK &&
			    got == sizeof begin &&
			    g_ascii_strncasecmp(begin, "LHLO", 4) == 0;
	}
	return false;
}

bool
ms_glimpse_tls(const struct ms_role *role)
{
	unsigned char begin[2];
	size_t got = sizeof begin;

	return ms_role_client(role, 0, begin, &got, NULL) == MS_OK &&
	    got == sizeof begin && begin[0] == TLS_RECORD &&
	    begin[1] == TLS_VERSION;
}

static bool
ends_line(char c)
{
	return c == '\r' || c == '\n';
}

bool
ms_glimpse_dot(const struct ms_role *role, uint64_t start, uint64_t end)
{
	char tail[DOT_MAX];
	const uint64_t begin = start;
	size_t have = 0, dot;

	/* A turn at a time. */
	start = MAX(start, end - MIN(end, sizeof tail));
	while (start + have < end) {
		size_t got = (size_t)(end - start) - have;

		if (ms_role_client(role, start + have, tail + have, &got,
		    NULL) != MS_OK || got == 0)
			return false;
		have += got;
	}
	for (dot = have; dot > 0 && ends_line(tail[dot - 1]); dot--)
		continue;
	return dot > 0 && dot < have && tail[dot - 1] == '.' &&
	    (dot > 1 ? ends_line(tail[dot - 2]) : start == begin);
}
