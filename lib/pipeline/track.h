#ifndef MS_TRACK_H
#define MS_TRACK_H

#include "pipeline/checking.h"
#include "pipeline/keep.h"
#include "pipeline/pieces.h"
#include "pipeline/pipeline.h"
#include "pipeline/readers.h"
#include "pipeline/recall.h"
#include "pipeline/shelf.h"
#include "pool/local.h"
#include "pool/pool.h"

/*
 * What is in line in a pipeline, for pipeline.c alone: messages on their way
 * through it, and notes.
 */

/* One thing in line. */
struct ms_track {
	uint64_t id;
	void *note;		/* then nothing below is used */
	struct ms_outcome *outcome;
	struct ms_shelf_item *facts;
	struct ms_pool_job job;
	struct ms_mark mark;	/* to recall it by, unless it is to be */
	bool forget;		/* forgotten */
	bool done, retried;
	bool kept;		/* the body is, and counts */
	bool checked;		/* it is or was at other scanners, */
	GPtrArray *wishes;	/* at these; NULL: at all */
	/* of a message that is a piece of another */
	struct ms_facts_piece piece;
	struct ms_track *whole;	/* that is being put together, or NULL */
	bool joined;		/* it was, */
	bool doubtful;		/* but others claim its place */
};

struct ms_pipeline {
	struct ms_pipeline_config config;
	char *dir;
	char *work_dir;
	char *sandbox;
	struct ms_pool *pool;		/* NULL: in process */
	struct ms_local *local;		/* NULL: in workers */
	GQueue line;			/* of struct ms_track *, as they came */
	GHashTable *by_id;		/* those not done */
	uint64_t next_id;
	struct ms_shelf *shelf;		/* facts of entries in line */
	struct ms_recall *recall;	/* of those that were */
	struct ms_pieces *pieces;	/* NULL: none came yet */
	bool ended;			/* no more messages will come */
	struct ms_readers *readers;
	struct ms_checking *checking;	/* NULL: there are no others */
	int epoll;			/* of what is waited for, with them */
	struct ms_keep keep;
};

/* One more that is not done, of MESSAGE. It is not in line yet. */
struct ms_track *ms_track_new(struct ms_pipeline *pipeline,
    const struct ms_message *message);
void ms_track_free(struct ms_pipeline *pipeline, struct ms_track *entry);

/* Scan BODY as that of ENTRY, here or in a worker. */
enum ms_status ms_track_begin(struct ms_pipeline *pipeline,
    struct ms_track *entry, struct ms_spool *body, struct ms_error *err);

/* Keep the fact in a checked FRAME of SIZE bytes; the second takes it. */
void ms_track_fact(struct ms_pipeline *pipeline, struct ms_track *entry,
    const unsigned char *frame, size_t size);
void ms_track_frame(struct ms_pipeline *pipeline, struct ms_track *entry,
    GByteArray *frame);

/* Is ENTRY, which is done, to keep its body? And keep it then, or give it
 * back. */
bool ms_track_wants_body(struct ms_pipeline *pipeline,
    const struct ms_track *entry);
void ms_track_rest(struct ms_pipeline *pipeline, struct ms_track *entry);

#endif
