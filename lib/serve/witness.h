#ifndef MS_WITNESS_H
#define MS_WITNESS_H

#include "serve/metrics.h"
#include "serve/recorder.h"
#include "smtp/proxy.h"

/*
 * Who stands by a visit: what is said on both sides goes into the log, if that
 * is for debugging, and what client and service say into a transcript
 * (serve/recorder.h), if one is wanted; what goes wrong is counted.
 */

struct ms_witness;

struct ms_witness_config {
	struct ms_metrics *metrics;	/* may be NULL */
	int record;		/* directory for transcripts; -1: none */
	struct ms_recorder_room *room;	/* in it */
};

/* NAME is that of the visit, CLIENT and SERVER as in struct ms_dialogue; all
 * but NAME, which outlives the witness, are copied. The session is counted. */
struct ms_witness *ms_witness_new(const struct ms_witness_config *config,
    const char *name, const char *client, const char *server);
void ms_witness_free(struct ms_witness *witness);

/* What came from SIDE, or, SENT, went to it. CONTENT: of a message, which is
 * not for the log. */
struct ms_witness_words {
	enum ms_proxy_side side;
	bool sent, content;
	const void *data;
	size_t size;
};
void ms_witness_said(struct ms_witness *witness,
    const struct ms_witness_words *words);

/* TLS stands on SIDE. */
void ms_witness_secured(struct ms_witness *witness, enum ms_proxy_side side);

/* The client, or, OURS, we, will say no more to the other. */
void ms_witness_ended(struct ms_witness *witness, bool ours);

/* COUNT is something that went wrong. */
void ms_witness_count(struct ms_witness *witness,
    enum ms_metrics_count count);

#endif
