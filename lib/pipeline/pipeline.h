#ifndef MS_PIPELINE_H
#define MS_PIPELINE_H

#include "base/budget.h"
#include "engine/engine.h"
#include "message/message.h"
#include "pipeline/check.h"
#include "scan/outcome.h"
#include "scan/pick.h"
#include "scan/rulebook.h"
#include "source/source.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The one way from message to outcome, for every door: messages go in, in
 * any number, outcomes come out in the same order. In between they are
 * scanned in boxed workers, several at once, behind a bounded window.
 */

struct ms_pipeline_config {
	const struct ms_engine_ops *ops;	/* NULL: libclamav */
	struct ms_engine_config engine;
	struct ms_budget_limits limits;
	unsigned workers;
	bool in_process;	/* no workers, no box: for debuggers */
	bool require_sandbox;	/* rather fail than run without a box */
	bool parts;		/* list parts in outcomes */
	bool tree;		/* and the multiparts and messages around
				 * them */
	struct ms_pick pick;	/* whose bytes go to BLOB, if parts are
				 * listed */
	/* Gets picked bytes as soon as they are there, whatever message they
	 * are of; FD, which is a loan, has as many as BLOB says and cannot be
	 * changed, but that they are what it says is for BLOB to find out:
	 * MS_E_PEER if they are not; another failure ends the pipeline. */
	enum ms_status (*blob)(void *arg, const struct ms_blob *blob, int fd,
	    struct ms_error *err);
	void *blob_arg;
	bool parts_only;	/* less than parity: see scan/scan.h */
	const struct ms_rulebook *rules;	/* what must not be in mail;
						 * NULL: nothing */
	const struct ms_check *checks;	/* scanners besides the engine, in
					 * whose order they are asked, */
	size_t check_count;		/* so many */
	bool all_matches;	/* more than one finding per part */
	bool doubt;		/* ambiguous messages are incomplete */
	bool keep_found;	/* outcomes of messages with findings have */
	bool keep_gaps;		/* their body, or with gaps, unless it stands
				 * in a file as it is (see origin.ino) */
	bool join;		/* pieces of messages wait for one another */
	bool unordered;		/* outcomes come as they are made, and none
				 * waits for another: see origin.ticket for
				 * whose it is. Not with JOIN */
	const char *const *passwords;	/* NULL, or with NULL behind them */
	bool passwords_from_body;	/* and words of the message */
	uint64_t worker_memory;	/* bytes over the loaded engine */
	const char *tempdir;	/* parent of our own directory for spools */
	const char *workdir;	/* parent of that for what the engine unpacks;
				 * the same one, or one in memory */
};

/* What is in force; strings are loans for the life of the pipeline. A blind
 * engine has neither version nor database: these are NULL. */
struct ms_pipeline_about {
	const char *engine;
	const char *version;
	const char *database;
	uint64_t signatures;
	int64_t database_time;	/* seconds since 1970; -1: unknown */
	const char *sandbox;
	bool blind;		/* the engine looks for nothing */
};

struct ms_pipeline;

/*
 * MS_OK        *PIPELINE is ready; CONFIG is copied, what it points to must
 *              outlive it
 * MS_E_ENGINE  no database, or a broken one: ERR says what to do
 * MS_E_USAGE   require_sandbox, and there is none
 * MS_E_IO      no processes, no temporary directory
 */
enum ms_status ms_pipeline_open(const struct ms_pipeline_config *config,
    struct ms_pipeline **pipeline, struct ms_error *err);

/* Ends all processes and removes all temporary files; what was not done
 * stays undone. */
void ms_pipeline_close(struct ms_pipeline *pipeline);

void ms_pipeline_about(const struct ms_pipeline *pipeline,
    struct ms_pipeline_about *about);

/* Where spools of messages may go: a loan for the life of the pipeline. */
const char *ms_pipeline_dir(const struct ms_pipeline *pipeline);

/* Is there room for another message or note? */
bool ms_pipeline_wants(const struct ms_pipeline *pipeline);

/*
 * Hand over MESSAGE, which is then the pipeline's.
 *
 * MS_OK    its outcome will come
 * MS_E_IO  temporary storage is full: none will
 */
enum ms_status ms_pipeline_submit(struct ms_pipeline *pipeline,
    struct ms_message *message, struct ms_error *err);

/* No more messages will come: what waits for others need not any longer. */
void ms_pipeline_end(struct ms_pipeline *pipeline);

/* Put NOTE, anything of the caller's, in line with the messages: it comes
 * out of ms_pipeline_next() when all before it have. */
void ms_pipeline_note(struct ms_pipeline *pipeline, void *note);

/*
 * The next thing in line, if it is done; TIMEOUT_MS is how long to wait for
 * it.
 *
 * MS_OK      exactly one of *OUTCOME (for ms_outcome_free()) and *NOTE is set;
 *            neither, if nothing is done yet or a signal came
 * MS_END     nothing is in line
 * MS_E_PEER  the engine died: nothing more will be done
 * MS_E_IO    temporary storage is full
 */
enum ms_status ms_pipeline_next(struct ms_pipeline *pipeline,
    int timeout_ms, struct ms_outcome **outcome, void **note,
    struct ms_error *err);

/* A descriptor, on loan, that can be read from when ms_pipeline_next() has
 * something to do; but for deadlines, for which it is to be called now and
 * then. -1: in process there is none, and all is done on submission. */
int ms_pipeline_fd(const struct ms_pipeline *pipeline);

/* For struct ms_source_config, with the pipeline as its reader_arg: archives
 * of mail and captures are read in a boxed process of their own. */
enum ms_status ms_pipeline_start_reader(void *arg,
    enum ms_source_reader reader, int fd, int *stream, struct ms_error *err);

#endif
