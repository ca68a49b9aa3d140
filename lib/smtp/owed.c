#include "smtp/owed.h"

struct ms_owed *
ms_owed_new(enum ms_asked asked, uint64_t offset)
{
	struct ms_owed *pending = g_new0(struct ms_owed, 1);

	pending->asked = asked;
	pending->offset = offset;
	return pending;
}

void
ms_owed_free(struct ms_owed *pending)
{
	if (!pending)
		return;
	ms_request_clear(&pending->request);
	g_free(pending);
}

/* Does it end a message that may be taken? */
static bool
is_end(const struct ms_owed *pending, const struct ms_session_state *state)
{
	if (pending->asked == MS_ASKED_CONTENT)
		return true;
	return pending->asked == MS_ASKED_COMMAND &&
	    pending->request.verb == MS_VERB_BDAT && pending->request.last &&
	    pending->problem.code == 0 && !pending->unseen &&
	    !state->chunk_failed;
}

unsigned
ms_owed_replies(const struct ms_owed *pending,
    const struct ms_session_state *state)
{
	if (state->hello != MS_VERB_LHLO || !is_end(pending, state))
		return 1;
	return MAX(1, state->accepted + state->lost);
}

bool
ms_owed_answer(struct ms_owed *pending,
    const struct ms_session_state *state, struct ms_answered *answered)
{
	const GArray *recipients = state->recipients;
	const unsigned all = ms_owed_replies(pending, state);

	pending->got++;
	answered->more = pending->got < all;
	if (state->hello != MS_VERB_LHLO || !is_end(pending, state))
		return true;
	while (pending->next < recipients->len && answered->recipient < 0) {
		const unsigned i = pending->next++;

		if (g_array_index(recipients, struct ms_recipient, i).code /
		    100 == 2)
			answered->recipient = (int)i;
	}
	return !answered->more;
}
