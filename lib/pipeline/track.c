#include "pipeline/track.h"

#include <unistd.h>

struct ms_track *
ms_track_new(struct ms_pipeline *pipeline, const struct ms_message *message)
{
	struct ms_track *entry = g_new0(struct ms_track, 1);

	entry->id = pipeline->next_id++;
	entry->outcome = ms_outcome_new(message);
	entry->facts = ms_shelf_add(pipeline->shelf);
	entry->job = (struct ms_pool_job){
		.id = entry->id,
		.fd = -1,
		.omitted = message->omitted,
	};
	g_hash_table_insert(pipeline->by_id, &entry->id, entry);
	return entry;
}

void
ms_track_free(struct ms_pipeline *pipeline, struct ms_track *entry)
{
	if (entry->job.fd >= 0)
		(void)close(entry->job.fd);
	if (entry->kept)
		ms_keep_give(&pipeline->keep, entry->job.size,
		    entry->piece.id != NULL);
	ms_shelf_drop(pipeline->shelf, entry->facts);
	ms_outcome_free(entry->outcome);
	if (entry->wishes)
		g_ptr_array_unref(entry->wishes);
	g_free(entry->piece.id);
	g_free(entry);
}

enum ms_status
ms_track_begin(struct ms_pipeline *pipeline, struct ms_track *entry,
    struct ms_spool *body, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	entry->job.size = ms_spool_size(body);
	if (entry->job.size > 0)
		status = ms_spool_seal(body, &entry->job.fd, err);
	if (status == MS_OK && pipeline->pool)
		ms_pool_submit(pipeline->pool, &entry->job);
	else if (status == MS_OK)
		status = ms_local_scan(pipeline->local, &entry->job, err);
	return status;
}

void
ms_track_fact(struct ms_pipeline *pipeline, struct ms_track *entry,
    const unsigned char *frame, size_t size)
{
	(void)ms_shelf_put(pipeline->shelf, entry->facts, frame, size);
	if (!entry->job.joined && !entry->piece.id)
		ms_pieces_note(frame, size, &entry->piece);
}

void
ms_track_frame(struct ms_pipeline *pipeline, struct ms_track *entry,
    GByteArray *frame)
{
	ms_track_fact(pipeline, entry, frame->data, frame->len);
	g_byte_array_unref(frame);
}

bool
ms_track_wants_body(struct ms_pipeline *pipeline, const struct ms_track *entry)
{
	return entry->outcome->origin.ino == 0 && ms_keep_wants(
	    &pipeline->keep, entry->facts, entry->piece.id != NULL);
}

void
ms_track_rest(struct ms_pipeline *pipeline, struct ms_track *entry)
{
	if (entry->job.fd < 0)
		return;
	entry->kept = ms_track_wants_body(pipeline, entry) && ms_keep_take(
	    &pipeline->keep, entry->job.size, entry->piece.id != NULL);
	if (entry->kept)
		return;
	(void)close(entry->job.fd);
	entry->job.fd = -1;
}
