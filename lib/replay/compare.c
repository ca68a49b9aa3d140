#include "replay/compare.h"

#include <string.h>

/* The enhanced status code of RECORDED. */
static bool
enhanced(const struct ms_recorded *recorded, unsigned status[3])
{
	struct ms_reply reply;
	bool found;

	ms_reply_init(&reply);
	reply.code = recorded->code;
	g_string_assign(reply.text, recorded->text ? recorded->text : "");
	found = ms_reply_enhanced(&reply, status);
	ms_reply_clear(&reply);
	return found;
}

static bool
same_enhanced(const struct ms_recorded *recorded,
    const struct ms_reply *reply)
{
	unsigned a[3], b[3];
	const bool had = enhanced(recorded, a);
	const bool has = ms_reply_enhanced(reply, b);

	return had == has && (!had || memcmp(a, b, sizeof a) == 0);
}

bool
ms_compare(enum ms_expect expect, const struct ms_recorded *recorded,
    bool made, const struct ms_reply *reply)
{
	if (expect == MS_EXPECT_NONE)
		return true;
	if (made)
		return reply->code / 100 == recorded->code / 100;
	if (reply->code != recorded->code)
		return false;
	if (expect == MS_EXPECT_ENHANCED)
		return same_enhanced(recorded, reply);
	return expect == MS_EXPECT_CODES ||
	    strcmp(recorded->text ? recorded->text : "", reply->text->str) ==
	    0;
}
