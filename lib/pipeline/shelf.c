#include "pipeline/shelf.h"

#include "base/spool.h"
#include "pool/frame.h"

#include <string.h>

/* Findings, gaps and headers of one message, in bytes of frames: more than
 * an honest worker ever has to say. */
#define OTHER_BYTES_MAX ((size_t)4 << 20)

struct ms_shelf {
	struct ms_spool_config config;
	size_t max;
	size_t bytes;		/* in memory */
	struct ms_spool *disk;	/* NULL: never needed yet */
	unsigned on_disk;	/* items there */
};

struct ms_shelf_item {
	GByteArray *frames;	/* each behind its size; NULL: on disk */
	uint64_t disk_at;
	guint disk_size;
	size_t parts_bytes;	/* of PART and BLOB frames among them */
	size_t other_bytes;	/* of all others */
	unsigned types;		/* of all frames, a bit each */
	unsigned reasons;	/* of GAP frames, a bit each */
	unsigned kinds;		/* of FINDING frames, likewise */
	unsigned more;		/* of those that were dropped */
	uint64_t blob_bytes;	/* that BLOB frames stand for */
	uint64_t parts_omitted;
	bool dropped;		/* others than parts were, too */
};

struct ms_shelf *
ms_shelf_new(const char *dir, size_t max)
{
	struct ms_shelf *shelf = g_new0(struct ms_shelf, 1);

	shelf->config.dir = dir;
	shelf->max = max;
	return shelf;
}

void
ms_shelf_free(struct ms_shelf *shelf)
{
	if (!shelf)
		return;
	ms_spool_free(shelf->disk);
	g_free(shelf);
}

struct ms_shelf_item *
ms_shelf_add(struct ms_shelf *shelf)
{
	struct ms_shelf_item *item = g_new0(struct ms_shelf_item, 1);

	(void)shelf;
	item->frames = g_byte_array_new();
	return item;
}

void
ms_shelf_drop(struct ms_shelf *shelf, struct ms_shelf_item *item)
{
	if (!item)
		return;
	if (item->frames) {
		shelf->bytes -= item->frames->len;
		g_byte_array_unref(item->frames);
	} else if (--shelf->on_disk == 0) {
		ms_spool_clear(shelf->disk);
	}
	g_free(item);
}

/* The bit of a GAP frame's reason, or, if it is one, a FINDING frame's kind; 0
 * for other frames. */
static unsigned
bit_of(const unsigned char *frame, size_t size, enum ms_frame_type type)
{
	struct ms_facts facts;
	unsigned bit = 0;

	if (ms_frame_type(frame, size) != type)
		return 0;
	ms_facts_init(&facts);
	(void)ms_frame_read_fact(frame, size, &facts);
	if (type == MS_FRAME_GAP && facts.gaps->len > 0) {
		const struct ms_gap *gap = facts.gaps->pdata[0];

		bit = 1u << gap->reason;
	} else if (facts.findings->len > 0) {
		const struct ms_finding *finding = facts.findings->pdata[0];

		bit = 1u << finding->kind;
	}
	ms_facts_clear(&facts);
	return bit;
}

/* Is there room for FRAME? The first gap of each reason always has, because
 * it may decide the verdict. */
static bool
has_room(struct ms_shelf_item *item, const unsigned char *frame, size_t size)
{
	const unsigned bit = bit_of(frame, size, MS_FRAME_GAP);
	bool first = (bit & ~item->reasons) != 0;

	if (ms_frame_type(frame, size) == MS_FRAME_PART ||
	    ms_frame_type(frame, size) == MS_FRAME_BLOB) {
		item->parts_bytes += size;
		if (item->parts_bytes <= MS_FACTS_PARTS_BYTES_MAX)
			return true;
		item->parts_omitted +=
		    ms_frame_type(frame, size) == MS_FRAME_PART;
		return false;
	}
	item->reasons |= bit;
	item->other_bytes += size;
	if (first || item->other_bytes <= OTHER_BYTES_MAX)
		return true;
	item->dropped = true;
	item->more |= bit_of(frame, size, MS_FRAME_FINDING);
	return false;
}

/* That findings were dropped is one, too. */
static void
tell_more(const struct ms_shelf_item *item, struct ms_facts *facts)
{
	for (int kind = 0; kind < MS_FINDING_KINDS; kind++)
		if (item->more & 1u << kind)
			ms_facts_found(facts, (enum ms_finding_kind)kind,
			    "mailscan", MS_FACTS_MORE, "");
}

bool
ms_shelf_put(struct ms_shelf *shelf, struct ms_shelf_item *item,
    const unsigned char *frame, size_t size)
{
	guint32 length = (guint32)size;

	item->types |= 1u << ms_frame_type(frame, size);
	item->kinds |= bit_of(frame, size, MS_FRAME_FINDING);
	if (!has_room(item, frame, size))
		return false;
	g_byte_array_append(item->frames, (const guint8 *)&length,
	    sizeof length);
	g_byte_array_append(item->frames, frame, length);
	shelf->bytes += sizeof length + size;
	return true;
}

enum ms_status
ms_shelf_put_blob(struct ms_shelf *shelf, struct ms_shelf_item *item,
    const unsigned char *frame, size_t size, uint64_t max,
    struct ms_blob *blob)
{
	GByteArray *gap;

	if (ms_frame_read_blob(frame, size, blob) != MS_OK)
		return MS_E_PEER;
	if (blob->size > max - MIN(max, item->blob_bytes)) {
		gap = ms_frame_gap(MS_REASON_LIMIT_SIZE, "",
		    "contents of more than max-scansize bytes: "
		    "not all were handed over");
		(void)ms_shelf_put(shelf, item, gap->data, gap->len);
		g_byte_array_unref(gap);
		return MS_END;
	}
	item->blob_bytes += blob->size;
	return ms_shelf_put(shelf, item, frame, size) ? MS_OK : MS_END;
}

void
ms_shelf_rest(struct ms_shelf *shelf, struct ms_shelf_item *item)
{
	if (shelf->bytes <= shelf->max || !item->frames)
		return;
	if (!shelf->disk)
		shelf->disk = ms_spool_new(&shelf->config);
	item->disk_at = ms_spool_size(shelf->disk);
	item->disk_size = item->frames->len;
	/* If even the disk is full, memory has to do. */
	if (ms_spool_write(shelf->disk, item->frames->data,
	    item->frames->len, NULL) != MS_OK)
		return;
	shelf->bytes -= item->frames->len;
	shelf->on_disk++;
	g_byte_array_unref(item->frames);
	item->frames = NULL;
}

static enum ms_status
fetch(struct ms_shelf *shelf, struct ms_shelf_item *item,
    struct ms_error *err)
{
	GByteArray *frames;
	enum ms_status status;
	size_t got;

	if (item->frames)
		return MS_OK;
	frames = g_byte_array_new();
	g_byte_array_set_size(frames, item->disk_size);
	status = ms_spool_read(shelf->disk, item->disk_at, frames->data,
	    frames->len, &got, err);
	if (status != MS_OK) {
		g_byte_array_unref(frames);
		return status;
	}
	if (--shelf->on_disk == 0)
		ms_spool_clear(shelf->disk);
	shelf->bytes += frames->len;
	item->frames = frames;
	return MS_OK;
}

/* The frame at *AT in FRAMES, of *LENGTH bytes, and *AT is then behind it;
 * NULL at the end. */
static const unsigned char *
next_frame(const GByteArray *frames, guint *at, guint32 *length)
{
	const unsigned char *frame;

	if (*at >= frames->len)
		return NULL;
	memcpy(length, frames->data + *at, sizeof *length);
	frame = frames->data + *at + sizeof *length;
	*at += (guint)sizeof *length + *length;
	return frame;
}

void
ms_shelf_put_all(struct ms_shelf *shelf, struct ms_shelf_item *item,
    const GByteArray *frames)
{
	const unsigned char *frame;
	guint32 length;
	guint at = 0;

	while ((frame = next_frame(frames, &at, &length)))
		ms_shelf_put(shelf, item, frame, length);
}

enum ms_status
ms_shelf_add_all(struct ms_shelf *shelf, struct ms_shelf_item *item,
    struct ms_shelf_item *from, struct ms_error *err)
{
	enum ms_status status = fetch(shelf, item, err);

	if (status == MS_OK)
		status = fetch(shelf, from, err);
	if (status == MS_OK)
		ms_shelf_put_all(shelf, item, from->frames);
	return status;
}

const GByteArray *
ms_shelf_frames(const struct ms_shelf_item *item)
{
	return item->dropped || item->parts_omitted > 0 ? NULL :
	    item->frames;
}

unsigned
ms_shelf_types(const struct ms_shelf_item *item)
{
	return item->types;
}

unsigned
ms_shelf_kinds(const struct ms_shelf_item *item)
{
	return item->kinds;
}

unsigned
ms_shelf_reasons(const struct ms_shelf_item *item)
{
	return item->reasons;
}

enum ms_status
ms_shelf_take(struct ms_shelf *shelf, struct ms_shelf_item *item,
    struct ms_facts *facts, struct ms_error *err)
{
	enum ms_status status = fetch(shelf, item, err);
	const unsigned char *frame;
	guint32 length;
	guint at = 0;

	/* Every frame was checked when it came. */
	while (status == MS_OK &&
	    (frame = next_frame(item->frames, &at, &length)))
		(void)ms_frame_read_fact(frame, length, facts);
	if (status == MS_OK)
		tell_more(item, facts);
	facts->parts_omitted += item->parts_omitted;
	ms_shelf_drop(shelf, item);
	return status;
}
