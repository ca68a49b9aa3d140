#include "capture/ahead.h"

#include <string.h>

#include "smtp/request.h"

enum ms_status
ms_ahead_look(const struct ms_dialogue *dialogue, size_t turn, uint64_t at,
    struct ms_ahead *ahead, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	ahead->size = 0;
	for (size_t i = turn; i < dialogue->turns->len && status == MS_OK &&
	    ahead->size < MS_AHEAD_BYTES; i++) {
		const struct ms_turn *t = ms_dialogue_turn(dialogue, i);
		size_t got = MS_AHEAD_BYTES - ahead->size;

		if (t->kind == MS_TURN_SECURE ||
		    (t->side == MS_SIDE_CLIENT && t->kind == MS_TURN_GAP))
			break;
		if (t->side != MS_SIDE_CLIENT || t->kind != MS_TURN_BYTES)
			continue;
		status = ms_dialogue_read(dialogue, i, at,
		    ahead->bytes + ahead->size, &got, err);
		if (status == MS_OK)
			ahead->size += got;
		at = 0;
	}
	return status;
}

bool
ms_ahead_is_command(const char *bytes, size_t size, bool strong)
{
	static const unsigned verbs = 1u << MS_VERB_MAIL |
	    1u << MS_VERB_EHLO | 1u << MS_VERB_HELO | 1u << MS_VERB_LHLO |
	    1u << MS_VERB_RSET | 1u << MS_VERB_QUIT;
	const char *feed = memchr(bytes, '\n', size);
	struct ms_request request;
	bool is;

	if (!feed)
		return false;
	size = (size_t)(feed - bytes);
	if (size > 0 && bytes[size - 1] == '\r')
		size--;
	if (memchr(bytes, '\0', size))
		return false;
	ms_request_parse(&request, bytes, size);
	is = request.verb != MS_VERB_UNKNOWN;
	if (strong)
		is = is && request.problem.code == 0 &&
		    (verbs & 1u << request.verb) != 0;
	ms_request_clear(&request);
	return is;
}

bool
ms_ahead_is_tls(const struct ms_ahead *ahead)
{
	const unsigned char *p = (const unsigned char *)ahead->bytes;

	return ahead->size >= 3 && p[0] == 0x16 && p[1] == 3 && p[2] <= 4;
}
