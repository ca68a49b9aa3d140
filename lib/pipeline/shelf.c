#include "pipeline/shelf.h"

#include "base/spool.h"
#include "pool/frame.h"

#include <string.h>

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
	size_t parts_bytes;	/* of PART frames among them */
	uint64_t parts_omitted;
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

void
ms_shelf_put(struct ms_shelf *shelf, struct ms_shelf_item *item,
    const unsigned char *frame, size_t size)
{
	guint32 length = (guint32)size;

	if (ms_frame_type(frame, size) == MS_FRAME_PART) {
		item->parts_bytes += size;
		if (item->parts_bytes > MS_FACTS_PARTS_BYTES_MAX) {
			item->parts_omitted++;
			return;
		}
	}
	g_byte_array_append(item->frames, (const guint8 *)&length,
	    sizeof length);
	g_byte_array_append(item->frames, frame, length);
	shelf->bytes += sizeof length + size;
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

enum ms_status
ms_shelf_take(struct ms_shelf *shelf, struct ms_shelf_item *item,
    struct ms_facts *facts, struct ms_error *err)
{
	enum ms_status status = fetch(shelf, item, err);
	guint32 length;

	for (guint at = 0; status == MS_OK && at < item->frames->len;
	    at += length) {
		memcpy(&length, item->frames->data + at, sizeof length);
		at += sizeof length;
		/* Every frame was checked when it came. */
		(void)ms_frame_read_fact(item->frames->data + at, length,
		    facts);
	}
	facts->parts_omitted += item->parts_omitted;
	ms_shelf_drop(shelf, item);
	return status;
}
