#ifndef MS_LEDGER_H
#define MS_LEDGER_H

#include "source/source.h"
#include "state/found.h"
#include "state/runs.h"
#include "state/secret.h"

/*
 * Which folders and files were read to their end, and what they were then:
 * the memory that lib/source asks. What is being read is on its way through
 * the pipeline; only when all that came of a file is in, and nothing of it may
 * come out otherwise the next time, the file counts as known.
 */

struct ms_ledger_config {
	struct ms_store *store;
	struct ms_secret *secret;
	struct ms_runs *runs;
	unsigned act_on;	/* verdicts (1 << enum ms_verdict, or-ed): what
				 * has them is read, to be acted on, */
	int64_t policy;		/* unless that was done by this one */
};

struct ms_ledger;

struct ms_ledger *ms_ledger_new(const struct ms_ledger_config *config);
void ms_ledger_free(struct ms_ledger *ledger);

/* For struct ms_source_config, with the ledger as memory_arg. */
extern const struct ms_memory ms_ledger_memory;

/* The first failure, if there was one: then nothing is known any more, nothing
 * is kept, and MS_OK no longer returned. */
enum ms_status ms_ledger_status(const struct ms_ledger *ledger,
    struct ms_error *err);

/* Messages that were known without being read. */
uint64_t ms_ledger_passed(const struct ms_ledger *ledger);

/* Not all of the file with TICKET is handed out: it does not count as known.
 * What is CUT is not even what it seems to be. */
void ms_ledger_spoil(struct ms_ledger *ledger, uint64_t ticket, bool cut);

/* Was the message that is now out of the pipeline cut? */
bool ms_ledger_is_cut(const struct ms_ledger *ledger, uint64_t ticket);

/* OUTCOME is of the next message in its file, judged by RUN (0: that does not
 * count), and kept as number ID (0: it is clean). */
enum ms_status ms_ledger_message(struct ms_ledger *ledger,
    const struct ms_outcome *outcome, int64_t run, int64_t id,
    struct ms_error *err);

/* ITEM, a KNOWN one: tell what is known of it. */
enum ms_status ms_ledger_tell(struct ms_ledger *ledger,
    const struct ms_source_item *item, ms_found_tell *tell, void *arg,
    struct ms_error *err);

/* ITEM, a FINISHED one: keep that. */
enum ms_status ms_ledger_finish(struct ms_ledger *ledger,
    const struct ms_source_item *item, struct ms_error *err);

#endif
