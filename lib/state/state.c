#include "state/state.h"

#include "base/clock.h"
#include "state/judged.h"

#include <glib.h>
#include <sqlite3.h>
#include <string.h>

/* A kill costs at most what was scanned in this time. */
#define COMMIT_MS 1000

struct ms_state {
	struct ms_store *store;
	struct ms_secret *secret;
	struct ms_runs *runs;
	struct ms_judged *judged;
	struct ms_ledger *ledger;
	uint64_t recalled;
	int64_t committed_ms;
	bool failed;
	struct ms_error why;
	/* of the telling under way */
	ms_state_tell *tell;
	void *tell_arg;
};

/* The secret of the store, made if there is none. */
static enum ms_status
take_secret(struct ms_state *state, struct ms_error *err)
{
	unsigned char bytes[MS_SECRET_SIZE];
	struct sqlite3_stmt *query = ms_store_query(state->store,
	    "SELECT value FROM meta WHERE name = 'secret'");
	enum ms_status status = ms_store_step(state->store, query, err);

	if (status == MS_OK &&
	    sqlite3_column_bytes(query, 0) != MS_SECRET_SIZE)
		status = ms_error_set(err, MS_E_FORMAT, "%s: the state is "
		    "damaged: move it away", ms_store_path(state->store));
	if (status == MS_OK)
		memcpy(bytes, sqlite3_column_blob(query, 0), sizeof bytes);
	if (query)
		(void)sqlite3_reset(query);
	if (status == MS_END) {
		ms_secret_make(bytes);
		query = ms_store_query(state->store,
		    "INSERT INTO meta(name, value) VALUES('secret', ?)");
		if (query)
			(void)sqlite3_bind_blob(query, 1, bytes,
			    sizeof bytes, SQLITE_TRANSIENT);
		status = ms_store_run(state->store, query, err);
	}
	if (status == MS_OK)
		state->secret = ms_secret_new(bytes);
	return status;
}

static enum ms_status
begin(struct ms_state *state, const struct ms_state_config *config,
    struct ms_error *err)
{
	struct ms_ledger_config ledger = { .act_on = config->act_on,
		.policy = config->policy };
	enum ms_status status = ms_store_do(state->store, "BEGIN IMMEDIATE",
	    0, err);

	if (status == MS_OK)
		status = take_secret(state, err);
	if (status == MS_OK)
		status = ms_runs_begin(state->store, &config->runs,
		    &state->runs, err);
	if (status == MS_OK && !ms_runs_ended_well(state->runs))
		status = ms_store_check(state->store, false, err);
	if (status == MS_OK)
		status = ms_judged_new(state->store, state->secret,
		    state->runs, &state->judged, err);
	/* So that what comes of it is known to be of a run. */
	if (status == MS_OK)
		status = ms_store_do(state->store, "COMMIT", 0, err);
	if (status == MS_OK)
		status = ms_store_do(state->store, "BEGIN IMMEDIATE", 0, err);
	if (status != MS_OK)
		return status;
	ledger.store = state->store;
	ledger.secret = state->secret;
	ledger.runs = state->runs;
	state->ledger = ms_ledger_new(&ledger);
	state->committed_ms = ms_clock_ms();
	return MS_OK;
}

enum ms_status
ms_state_open(const struct ms_state_config *config, struct ms_state **result,
    struct ms_error *err)
{
	struct ms_state *state = g_new0(struct ms_state, 1);
	enum ms_status status = ms_store_open(config->path, MS_STORE_MAKE,
	    &state->store, err);

	if (status == MS_OK)
		status = begin(state, config, err);
	if (status != MS_OK) {
		ms_state_close(state);
		return status;
	}
	*result = state;
	return MS_OK;
}

void
ms_state_close(struct ms_state *state)
{
	if (!state)
		return;
	ms_ledger_free(state->ledger);
	ms_judged_free(state->judged);
	ms_runs_free(state->runs);
	ms_secret_free(state->secret);
	ms_store_close(state->store);
	g_free(state);
}

void
ms_state_watch(struct ms_state *state, struct ms_source_config *config)
{
	config->memory = &ms_ledger_memory;
	config->memory_arg = state->ledger;
}

/* Has anything gone wrong, here or there? Then nothing of this transaction is
 * to be kept. */
static bool
is_lost(struct ms_state *state, enum ms_status status)
{
	if (state->failed)
		return true;
	if (status < 0)
		state->failed = true;
	else
		state->failed = ms_ledger_status(state->ledger,
		    &state->why) != MS_OK;
	if (state->failed)
		(void)ms_store_do(state->store, "ROLLBACK", 0, NULL);
	return state->failed;
}

bool
ms_state_knows(struct ms_state *state, const struct ms_message *message,
    struct ms_state_known *known)
{
	struct ms_marks_row one;
	enum ms_status status;

	if (message->cut)
		ms_ledger_spoil(state->ledger, message->origin.ticket, true);
	if (message->cut || is_lost(state, MS_OK))
		return false;
	status = ms_judged_find(state->judged, message, &one, &state->why);
	if (is_lost(state, status) || status != MS_OK)
		return false;
	known->run = one.run;
	known->outcome = one.outcome;
	return true;
}

void
ms_state_see(struct ms_state *state, const struct ms_source_item *item)
{
	/* Of those with a ticket, what was skipped is not complete yet; and a
	 * part of what was read does not tell when the rest changes. */
	if (item->kind == MS_SOURCE_FAILED ||
	    (item->kind == MS_SOURCE_FINISHED && !item->list &&
	    item->partial) ||
	    item->kind == MS_SOURCE_SKIPPED ||
	    item->kind == MS_SOURCE_GONE ||
	    item->kind == MS_SOURCE_UNSELECTED)
		ms_ledger_spoil(state->ledger, item->origin.ticket, false);
}

/* Is what is kept under ID, and was told by the run FIRST, yet to be told by a
 * run that comes to its end? Then it is by this one. */
static bool
is_fresh(struct ms_state *state, int64_t id, int64_t first)
{
	if (first == ms_runs_current(state->runs))
		return true;
	if (ms_runs_whole(state->runs, first))
		return false;
	if (!state->failed && ms_judged_told(state->judged, id,
	    &state->why) != MS_OK)
		(void)is_lost(state, MS_E_IO);
	return true;
}

bool
ms_state_scanned(struct ms_state *state, const struct ms_outcome *outcome)
{
	bool final = !ms_judged_may_differ(outcome) &&
	    !ms_ledger_is_cut(state->ledger, outcome->origin.ticket);
	struct ms_marks_row one;
	enum ms_status status;
	int64_t first;

	if (is_lost(state, MS_OK))
		return true;
	status = ms_judged_put(state->judged, outcome, final, &one, &first,
	    &state->why);
	if (status == MS_OK)
		status = ms_ledger_message(state->ledger, outcome, one.run,
		    one.outcome, &state->why);
	return is_lost(state, status) || one.outcome == 0 ||
	    is_fresh(state, one.outcome, first);
}

/* What is kept under KNOWN, of the message that OUTCOME describes. */
static enum ms_status
tell_recalled(struct ms_state *state, const struct ms_state_known *known,
    struct ms_outcome *outcome, ms_state_tell *tell, void *arg)
{
	struct ms_readback_item item = { 0 };
	int64_t first;
	enum ms_status status = ms_judged_load(state->judged, known->outcome,
	    &item, &first, &state->why);
	struct ms_outcome *full = item.outcome;

	if (status == MS_OK) {
		ms_message_origin_clear(&full->origin);
		ms_message_origin_copy(&full->origin, &outcome->origin);
		ms_envelope_free(full->envelope);
		full->envelope = ms_envelope_copy(outcome->envelope);
		g_ptr_array_set_size(full->deeds, 0);
		tell(arg, full, is_fresh(state, known->outcome, first));
		/* With what was done with it now. */
		status = ms_ledger_message(state->ledger, full, known->run,
		    known->outcome, &state->why);
	} else if (status == MS_END) {
		/* It would pass for clean. */
		status = ms_error_set(&state->why, MS_E_FORMAT, "%s: the "
		    "state is damaged (a message without an outcome): move "
		    "it away", ms_store_path(state->store));
	}
	ms_readback_item_clear(&item);
	return status;
}

void
ms_state_recall(struct ms_state *state, const struct ms_state_known *known,
    struct ms_outcome *outcome, ms_state_tell *tell, void *arg)
{
	enum ms_status status = MS_END;

	state->recalled++;
	/* What is known is told whatever else has failed. */
	(void)is_lost(state, MS_OK);
	if (known->outcome != 0)
		status = tell_recalled(state, known, outcome, tell, arg);
	if (status == MS_END)
		status = ms_ledger_message(state->ledger, outcome,
		    known->run, 0, &state->why);
	(void)is_lost(state, status);
}

static void
tell_found(void *arg, struct ms_outcome *outcome,
    const struct ms_found_kept *kept)
{
	struct ms_state *state = arg;

	state->tell(state->tell_arg, outcome,
	    is_fresh(state, kept->id, kept->first));
}

void
ms_state_item(struct ms_state *state, const struct ms_source_item *item,
    ms_state_tell *tell, void *arg)
{
	enum ms_status status = MS_OK;

	state->tell = tell;
	state->tell_arg = arg;
	(void)is_lost(state, MS_OK);
	/* As above. */
	if (item->kind == MS_SOURCE_KNOWN)
		status = ms_ledger_tell(state->ledger, item, tell_found,
		    state, &state->why);
	else if (item->kind == MS_SOURCE_FINISHED && !state->failed)
		status = ms_ledger_finish(state->ledger, item, &state->why);
	(void)is_lost(state, status);
}

static enum ms_status
commit(struct ms_state *state)
{
	enum ms_status status = ms_store_do(state->store, "COMMIT", 0,
	    &state->why);

	if (status == MS_OK)
		status = ms_store_do(state->store, "BEGIN IMMEDIATE", 0,
		    &state->why);
	state->committed_ms = ms_clock_ms();
	return status;
}

void
ms_state_tick(struct ms_state *state)
{
	if (ms_clock_ms() - state->committed_ms < COMMIT_MS ||
	    is_lost(state, MS_OK))
		return;
	(void)is_lost(state, commit(state));
}

uint64_t
ms_state_passed(const struct ms_state *state)
{
	return state->recalled + ms_ledger_passed(state->ledger);
}

enum ms_status
ms_state_status(const struct ms_state *state, struct ms_error *err)
{
	return state->failed ? ms_error_set(err, MS_E_IO, "%s",
	    state->why.text) : MS_OK;
}

enum ms_status
ms_state_end(struct ms_state *state, bool whole, struct ms_error *err)
{
	enum ms_status status;

	if (!is_lost(state, MS_OK)) {
		status = ms_judged_end(state->judged, &state->why);
		if (status == MS_OK)
			status = ms_runs_end(state->runs, whole, &state->why);
		if (status == MS_OK)
			status = ms_store_do(state->store, "COMMIT", 0,
			    &state->why);
		(void)is_lost(state, status);
	}
	return ms_state_status(state, err);
}
