#ifndef MS_SCAN_H
#define MS_SCAN_H

#include "base/budget.h"
#include "base/spool.h"
#include "engine/engine.h"
#include "scan/facts.h"
#include "scan/layers.h"
#include "scan/pick.h"
#include "scan/rulebook.h"

#include <stdbool.h>

/*
 * One message, looked at in full: the raw bytes exactly as clamscan looks at
 * them, then every content inside that was found here and that the engine
 * did not open by itself. Facts come out as they are made, so that one made
 * before a crash is not lost with it.
 *
 * Or, for less: only what is inside, each content by itself (parts_only).
 * Then nothing matches what spans contents, or asks what is around them.
 */

/* Where facts go. Strings are loans. */
struct ms_scan_sink {
	void (*headers)(void *arg, const struct ms_headers *headers);
	void (*finding)(void *arg, const char *engine, const char *name,
	    const char *part);
	void (*gap)(void *arg, enum ms_reason reason, const char *part,
	    const char *detail);
	/* Readers may disagree about the message at PART ("": all of it). */
	void (*ambiguity)(void *arg, const char *reason, const char *part,
	    const char *detail);
	/* It is a piece of a message that others have the rest of. */
	void (*piece)(void *arg, const struct ms_facts_piece *piece);
	/* NULL: parts are not listed. */
	void (*part)(void *arg, const struct ms_part *part);
	/* PART, which has been told, is the first that has these bytes and
	 * was picked; DATA is a loan. NULL: bytes are for nobody. */
	void (*blob)(void *arg, const struct ms_part *part,
	    const unsigned char *data);
	/* RULE (scan/rulebook.h) forbids what is at PART. NULL: no rules. */
	void (*blocked)(void *arg, const char *rule, const char *part);
	/* What is told from now on is in the part with this number, as the
	 * innermost that is listed; 0: in none. NULL: nobody asks. */
	void (*within)(void *arg, uint32_t id);
};

struct ms_scan_config {
	struct ms_engine *engine;
	struct ms_layers *layers;	/* what this process has seen */
	struct ms_budget_limits limits;
	struct ms_spool_config spool;	/* for decoded parts and members */
	bool parts_only;	/* the engine sees no message as a whole */
	/* To open encrypted members of zips with: NULL, or with NULL behind
	 * them; and then, if so, words of the message. */
	const char *const *passwords;
	bool passwords_from_body;
	bool tree;	/* list multiparts and embedded messages among the
			 * parts */
	bool forget;	/* the engine may know more of the next message: what
			 * is clean in this one is looked at again */
	const struct ms_rulebook *rules;	/* NULL: none */
	struct ms_pick pick;	/* whose bytes to tell, if parts are listed */
};

struct ms_scan_input {
	const unsigned char *data;
	size_t size;
	uint64_t omitted;	/* bytes of the message that are not in data */
	bool raw;		/* a file, not a message: no header, no MIME */
	bool joined;		/* put together from pieces: its paths say so,
				 * and its header is nobody's */
	bool reduced;		/* second try after a death: the engine's look
				 * at the raw bytes only, and a gap says so */
};

/* Once per process: whatever must be opened before the box closes. */
void ms_scan_start(void);

/* Never fails: what goes wrong is a gap. */
void ms_scan(const struct ms_scan_config *config,
    const struct ms_scan_input *input, const struct ms_scan_sink *sink,
    void *arg);

#endif
