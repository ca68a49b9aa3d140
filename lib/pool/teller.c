#include "pool/teller.h"

#include "pool/frame.h"
#include "pool/sealed.h"

static void
tell(void *arg, GByteArray *frame)
{
	const struct ms_teller *teller = arg;

	teller->tell(teller->arg, frame);
}

/* A finding or a gap, of the part that is being looked at. */
static void
tell_there(void *arg, GByteArray *frame)
{
	const struct ms_teller *teller = arg;

	tell(arg, ms_frame_within(frame, teller->within));
}

static void
on_headers(void *arg, const struct ms_headers *headers)
{
	tell(arg, ms_frame_headers(headers));
}

static void
on_finding(void *arg, const char *engine, const char *name,
    const char *part)
{
	tell_there(arg, ms_frame_finding(MS_FINDING_MALWARE, engine, name,
	    part));
}

static void
on_gap(void *arg, enum ms_reason reason, const char *part,
    const char *detail)
{
	tell_there(arg, ms_frame_gap(reason, part, detail));
}

static void
on_ambiguity(void *arg, const char *reason, const char *part,
    const char *detail)
{
	tell(arg, ms_frame_ambiguity(reason, part, detail));
}

static void
on_piece(void *arg, const struct ms_facts_piece *piece)
{
	tell(arg, ms_frame_piece(piece));
}

static void
on_part(void *arg, const struct ms_part *part)
{
	tell(arg, ms_frame_part(part));
}

/* What cannot be handed over is a gap. */
static void
on_blob(void *arg, const struct ms_part *part, const unsigned char *data)
{
	const struct ms_teller *teller = arg;
	const struct ms_blob blob = { part->sha256, part->size,
		part->detected_type };
	struct ms_error err;
	int fd;

	if (ms_sealed_make(data, (size_t)part->size, &fd, &err) != MS_OK ||
	    teller->hand_over(teller->arg, ms_frame_blob(&blob), fd, &err) !=
	    MS_OK)
		on_gap(arg, MS_REASON_LIMIT_MEMORY, part->path, err.text);
}

static void
on_blocked(void *arg, const char *rule, const char *part)
{
	tell_there(arg, ms_frame_finding(MS_FINDING_BLOCKED, "policy", rule,
	    part));
}

static void
on_within(void *arg, uint32_t id)
{
	struct ms_teller *teller = arg;

	teller->within = id;
}

const struct ms_scan_sink *
ms_teller_sink(bool parts)
{
	static const struct ms_scan_sink with_parts = { on_headers,
		on_finding, on_gap, on_ambiguity, on_piece, on_part,
		on_blob, on_blocked, on_within };
	static const struct ms_scan_sink without = { on_headers, on_finding,
		on_gap, on_ambiguity, on_piece, NULL, NULL, on_blocked,
		NULL };

	return parts ? &with_parts : &without;
}
