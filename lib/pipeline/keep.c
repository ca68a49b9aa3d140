#include "pipeline/keep.h"

#include "pool/frame.h"

#include <sys/resource.h>

/* Descriptors that are worth asking for. */
#define DESCRIPTORS 4096

/* One in so many is for bodies. */
#define SHARE 4

void
ms_keep_init(struct ms_keep *keep, bool found, bool gaps)
{
	struct rlimit limit = { .rlim_cur = 256, .rlim_max = 256 };

	*keep = (struct ms_keep){ .types = 0 };
	if (found)
		keep->types |= 1u << MS_FRAME_FINDING;
	if (gaps)
		keep->types |= 1u << MS_FRAME_GAP | 1u << MS_FRAME_AMBIGUITY;
	if (keep->types == 0)
		return;
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < DESCRIPTORS) {
		const struct rlimit more = {
			.rlim_cur = MIN(limit.rlim_max, DESCRIPTORS),
			.rlim_max = limit.rlim_max,
		};

		if (setrlimit(RLIMIT_NOFILE, &more) == 0)
			limit = more;
	}
	keep->max = (unsigned)(MIN(limit.rlim_cur, DESCRIPTORS) / SHARE);
}

bool
ms_keep_is_full(const struct ms_keep *keep)
{
	return keep->types != 0 && (keep->line.count >= keep->max ||
	    keep->line.bytes >= MS_KEEP_BYTES);
}

bool
ms_keep_wants(const struct ms_keep *keep, const struct ms_shelf_item *item,
    bool piece)
{
	return keep->types != 0 &&
	    (piece || (ms_shelf_types(item) & keep->types) != 0);
}

bool
ms_keep_take(struct ms_keep *keep, uint64_t size, bool piece)
{
	struct ms_keep_room *room = piece ? &keep->pieces : &keep->line;

	if (piece && (room->count >= keep->max ||
	    room->bytes + size > MS_KEEP_BYTES))
		return false;
	room->count++;
	room->bytes += size;
	return true;
}

void
ms_keep_give(struct ms_keep *keep, uint64_t size, bool piece)
{
	struct ms_keep_room *room = piece ? &keep->pieces : &keep->line;

	room->count--;
	room->bytes -= size;
}
