#include "capture/tally.h"

#include "capture/hearing.h"

static enum ms_status
begin(void *arg, const struct ms_hearing_mail *mail, struct ms_error *err)
{
	struct ms_tally *tally = arg;

	(void)err;
	tally->messages += mail->kind == MS_HEARING_MESSAGE;
	tally->tls = tally->tls || mail->kind == MS_HEARING_SEALED;
	return MS_OK;
}

static enum ms_status
bytes(void *arg, const void *data, size_t size, struct ms_error *err)
{
	(void)arg;
	(void)data;
	(void)size;
	(void)err;
	return MS_OK;
}

static enum ms_status
end(void *arg, const struct ms_hearing_mail *mail,
    const struct ms_envelope *envelope, const char *why,
    struct ms_error *err)
{
	(void)arg;
	(void)mail;
	(void)envelope;
	(void)why;
	(void)err;
	return MS_OK;
}

static void
count_turn(const struct ms_turn *turn, struct ms_tally *tally,
    bool over[MS_SIDES])
{
	if (turn->time_us >= 0 && tally->first_us < 0)
		tally->first_us = turn->time_us;
	if (turn->time_us > tally->last_us)
		tally->last_us = turn->time_us;
	switch (turn->kind) {
	case MS_TURN_BYTES:
		tally->bytes[turn->side] += turn->size;
		break;
	case MS_TURN_GAP:
		tally->gaps++;
		tally->missing += MIN(turn->size,
		    G_MAXUINT64 - tally->missing);
		break;
	case MS_TURN_RESET:
		tally->reset = tally->ended = true;
		break;
	case MS_TURN_END:
		over[turn->side] = true;
		break;
	case MS_TURN_SECURE:
		tally->tls = true;
		break;
	case MS_TURN_NOTE:
		break;
	}
}

enum ms_status
ms_tally(const struct ms_dialogue *dialogue, struct ms_tally *tally,
    struct ms_error *err)
{
	static const struct ms_hearing_ops ops = { begin, bytes, end };
	bool over[MS_SIDES] = { false };

	*tally = (struct ms_tally){ .first_us = -1, .last_us = -1 };
	for (size_t i = 0; i < dialogue->turns->len; i++)
		count_turn(ms_dialogue_turn(dialogue, i), tally, over);
	tally->ended = tally->ended || (over[0] && over[1]);
	return ms_hearing(dialogue, &ops, tally, err);
}
