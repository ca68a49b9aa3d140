#ifndef MS_ACCOUNT_H
#define MS_ACCOUNT_H

#include "scan/outcome.h"
#include "serve/inquiry.h"
#include "serve/task.h"
#include "smtp/session.h"

/*
 * A message on its way through a service, in the words that reports have for
 * it: what is kept with it in quarantine, and told to programs. Pure.
 */

/* Who is talked to. NULL: unknown. */
struct ms_account_ends {
	const char *client;	/* addresses: of whoever connected */
	const char *server;	/* the next hop's address */
	const char *protocol;	/* as in RFC 3848 */
};

/* What STATE says of the transaction, known as ID, for ms_envelope_free().
 * Whom XFORWARD and XCLIENT have named is the client. */
struct ms_envelope *ms_account_envelope(const struct ms_session_state *state,
    const struct ms_account_ends *ends, const char *id);

/* Likewise the words for a program, for ms_task_words_clear(). */
void ms_account_words(const struct ms_session_state *state,
    const struct ms_account_ends *ends, struct ms_task_words *words);

/* What ANSWER, which is no failure, says of the message of SIZE bytes that came
 * by DOOR ("smtp"), for ms_outcome_free(). ENVELOPE, which may be NULL, is then
 * the outcome's. */
struct ms_outcome *ms_account(const struct ms_answer *answer,
    const char *door, uint64_t size, struct ms_envelope *envelope);

/* What people know the message in FD by, as it stands there, into HEADERS,
 * which are empty: for when a worker has died over it. Nothing is decoded, and
 * no more is read than the first 64 KiB. */
void ms_account_headers(int fd, struct ms_headers *headers);

/* OUTCOME as the note of a task that has its id and body, and whose note is the
 * callee's to close. MS_E_IO: no memory or no descriptor. */
enum ms_status ms_account_note(const struct ms_outcome *outcome,
    struct ms_task *task, struct ms_error *err);

#endif
