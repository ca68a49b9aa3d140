#include "capture/floor.h"

struct ms_speech *
ms_floor_speech(struct ms_floor *floor)
{
	if (!floor->speech)
		floor->speech = ms_speech_new(floor->desk, floor->blind);
	return floor->speech;
}

enum ms_status
ms_floor_say(struct ms_floor *floor, const struct ms_said *said,
    struct ms_error *err)
{
	enum ms_status status;

	if (floor->speech && ms_speech_is_new(floor->speech, said->side,
	    said->data, said->size)) {
		status = ms_floor_done(floor, NULL, err);
		if (status != MS_OK)
			return status;
	}
	floor->speaking = !said->piece->last;
	return ms_speech_say(ms_floor_speech(floor), said, err);
}

enum ms_status
ms_floor_more(struct ms_floor *floor, const struct ms_piece *piece,
    struct ms_error *err)
{
	if (!floor->speaking)
		return MS_OK;
	floor->speaking = !piece->last;
	return ms_speech_more(floor->speech, piece, err);
}

enum ms_status
ms_floor_skip(struct ms_floor *floor, struct ms_error *err)
{
	floor->speaking = false;
	return floor->speech ? ms_speech_skip(floor->speech, err) : MS_OK;
}

enum ms_status
ms_floor_done(struct ms_floor *floor, const char *cut, struct ms_error *err)
{
	struct ms_speech *speech = floor->speech;

	floor->speech = NULL;
	floor->speaking = false;
	return speech ? ms_speech_done(speech, cut, err) : MS_OK;
}
