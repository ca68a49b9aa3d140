#include "serve/mailer.h"

#include "action/posting.h"
#include "base/at.h"
#include "base/clock.h"

#include <unistd.h>

/* A message that is forwarded is no larger. */
#define WHOLE_MAX ((uint64_t)32 << 20)

bool
ms_mailer_may(const struct ms_mailer_config *config,
    struct ms_mailer_rate *rate, int64_t now_ms)
{
	const int64_t minute = now_ms / 60000;

	if (rate->minute != minute)
		*rate = (struct ms_mailer_rate){ .minute = minute };
	if (rate->count >= config->minute_max)
		return false;
	rate->count++;
	return true;
}

/* The message of TASK, or its beginning. */
static void
read_message(const struct ms_mailer_config *config, const struct ms_task *task,
    struct ms_notices_case *known, char **text)
{
	const bool forwards = (config->notices.phishing ||
	    config->notices.false_phishing) &&
	    task->body_size <= WHOLE_MAX;
	const size_t want = task->body < 0 ? 0 : forwards ?
	    (size_t)task->body_size :
	    (size_t)MIN(task->body_size, MS_NOTICES_HEADER_MAX);
	size_t got = 0, at = 0;

	*text = g_malloc(want + 1);
	while (at < want && ms_at_read(task->body, at, *text + at, want - at,
	    &got) == MS_OK && got > 0)
		at += got;
	(*text)[at] = '\0';
	known->message = *text;
	known->size = at;
	known->whole = task->body >= 0 && at == task->body_size;
}

enum ms_status
ms_mailer_send(const struct ms_mailer_config *config,
    const struct ms_task *task, const struct ms_outcome *outcome,
    int64_t timeout_ms, unsigned *count, struct ms_error *err)
{
	struct ms_notices_case known = {
		.outcome = outcome,
		.client = task->words.client,
		.kept = task->words.kept,
		.time = ms_clock_wall(),
	};
	GPtrArray *mails = g_ptr_array_new_with_free_func(
	    (GDestroyNotify)ms_notices_mail_free);
	enum ms_status status, one;
	char *text;

	*count = 0;
	read_message(config, task, &known, &text);
	status = ms_notices(&config->notices, &known, mails, err);
	for (guint i = 0; i < mails->len; i++) {
		const struct ms_notices_mail *mail = mails->pdata[i];

		one = ms_posting(&(struct ms_posting){ config->sendmail,
		    (const char *const *)mail->to, timeout_ms }, mail->text,
		    err);
		if (one == MS_OK)
			++*count;
		else
			status = one;
	}
	g_ptr_array_unref(mails);
	g_free(text);
	return status;
}
