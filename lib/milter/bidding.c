#include "milter/bidding.h"

#include "pool/wire.h"

GByteArray *
ms_bidding(enum ms_bidding what, const struct ms_milter_terms *terms)
{
	GByteArray *frame = ms_wire_new((unsigned)what);

	if (!terms)
		return frame;
	ms_wire_put_string(frame, terms->service);
	ms_wire_put_u32(frame, terms->at_once);
	ms_wire_put_u64(frame, (uint64_t)terms->wait_ms);
	ms_wire_put_u64(frame, (uint64_t)terms->answer_ms);
	ms_wire_put_u32(frame, (uint32_t)terms->on_error);
	return frame;
}

static bool
is_sound(const struct ms_milter_terms *terms)
{
	return terms->wait_ms >= 0 && terms->answer_ms >= 0 &&
	    (terms->on_error == MS_ACTION_DEFER ||
	    terms->on_error == MS_ACTION_REJECT ||
	    terms->on_error == MS_ACTION_PASS);
}

static void
read_terms(struct ms_wire *wire, struct ms_milter_terms *terms)
{
	terms->service = ms_wire_text(wire);
	terms->at_once = ms_wire_u32(wire);
	terms->wait_ms = (int64_t)ms_wire_u64(wire);
	terms->answer_ms = (int64_t)ms_wire_u64(wire);
	terms->on_error = (enum ms_action)ms_wire_u32(wire);
}

enum ms_status
ms_bidding_read(const unsigned char *data, size_t size, enum ms_bidding *what,
    struct ms_milter_terms *terms)
{
	struct ms_wire wire;

	*terms = (struct ms_milter_terms){ .on_error = MS_ACTION_DEFER };
	if (size == 0 || data[0] < MS_BIDDING_TERMS ||
	    data[0] > MS_BIDDING_END)
		return MS_E_PEER;
	*what = (enum ms_bidding)data[0];
	wire = ms_wire_open(data, size, data[0]);
	if (*what == MS_BIDDING_TERMS)
		read_terms(&wire, terms);
	if (ms_wire_close(&wire) == MS_OK && is_sound(terms))
		return MS_OK;
	ms_bidding_clear(terms);
	return MS_E_PEER;
}

void
ms_bidding_clear(struct ms_milter_terms *terms)
{
	g_free((char *)(uintptr_t)terms->service);
	terms->service = NULL;
}
