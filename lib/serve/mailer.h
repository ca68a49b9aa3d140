#ifndef MS_MAILER_H
#define MS_MAILER_H

#include "action/notices.h"
#include "serve/task.h"

/*
 * The notices of a service (action/notices.h) on their way: each is given to
 * the local sendmail, with the null sender.
 */

struct ms_mailer_config {
	struct ms_notices_config notices;
	const char *sendmail;	/* the whole path; NULL: there are none */
	unsigned minute_max;	/* messages in a minute that are told of */
};

/* How many messages were told of in this minute. All 0: none yet. */
struct ms_mailer_rate {
	int64_t minute;
	unsigned count;
};

/* Is there room for another message at NOW_MS? It is counted. */
bool ms_mailer_may(const struct ms_mailer_config *config,
    struct ms_mailer_rate *rate, int64_t now_ms);

/*
 * Send what there is to be told of TASK, whose note says OUTCOME: *COUNT mails.
 * TIMEOUT_MS is for each.
 *
 * MS_OK
 * MS_E_PEER  sendmail did not take one: ERR has what it said; the others were
 *            sent
 * MS_E_IO    it cannot be run
 */
enum ms_status ms_mailer_send(const struct ms_mailer_config *config,
    const struct ms_task *task, const struct ms_outcome *outcome,
    int64_t timeout_ms, unsigned *count, struct ms_error *err);

#endif
