#include "capture/suspect.h"

#include <glib.h>

#include "capture/ahead.h"

bool
ms_suspect_begin(struct ms_suspect *suspect, const struct ms_stray_place *place)
{
	suspect->place = *place;
	suspect->brings = false;
	ms_lookout_init(&suspect->lookout,
	    1u << MS_VERB_DATA | 1u << MS_VERB_BDAT);
	return place->client >= suspect->twice;
}

void
ms_suspect_bytes(struct ms_suspect *suspect, const void *data, size_t size)
{
	if (!suspect->brings)
		suspect->brings = ms_lookout_feed(&suspect->lookout, data,
		    size);
}

enum ms_status
ms_suspect_end(struct ms_suspect *suspect, const struct ms_dialogue *dialogue,
    size_t turn, uint64_t at, struct ms_error *err)
{
	const uint64_t line = suspect->lookout.line;
	enum ms_status status;
	struct ms_ahead ahead;

	/* Its last line may go on behind it. */
	if (suspect->brings || !ms_lookout_hopes(&suspect->lookout))
		return MS_OK;
	status = ms_ahead_look(dialogue, turn, at, &ahead, err);
	suspect->brings = status == MS_OK &&
	    ms_lookout_feed(&suspect->lookout, ahead.bytes, ahead.size) &&
	    suspect->lookout.line == line;
	return status;
}

void
ms_suspect_judge(struct ms_suspect *suspect, const struct ms_answer *answer)
{
	/* Other failures are those of servers that know BDAT (RFC 5321,
	 * 4.2.4: what a server says to a command that it does not know). */
	const bool known = answer->text &&
	    (answer->code < 500 || answer->code > 504);

	if (suspect->brings && !suspect->again && !known) {
		suspect->again = true;
		suspect->back = suspect->place;
	}
	suspect->brings = false;
}

enum ms_status
ms_suspect_cut(struct ms_suspect *suspect, struct ms_answers *answers,
    struct ms_error *err)
{
	const struct ms_asking asking = { .turn = suspect->place.turn,
		.at = suspect->place.at, .event = MS_EVENT_CHUNK_END,
		.verb = MS_VERB_BDAT };
	struct ms_answer answer;
	enum ms_status status;

	if (!suspect->brings)
		return MS_OK;
	status = ms_answers_next(answers, &asking, &answer, err);
	if (status != MS_OK)
		return status;
	ms_suspect_judge(suspect, &answer);
	g_free(answer.text);
	return MS_OK;
}

struct ms_stray_place
ms_suspect_back(struct ms_suspect *suspect, uint64_t so_far)
{
	suspect->again = false;
	suspect->twice = so_far;
	return suspect->back;
}
