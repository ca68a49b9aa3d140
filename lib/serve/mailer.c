#include "serve/mailer.h"

#include "action/hook.h"
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

static enum ms_status
hand_over(const struct ms_mailer_config *config,
    const struct ms_notices_mail *mail, int64_t timeout_ms,
    struct ms_error *err)
{
	static const char *const before[] = { "-oi", "-f", "<>", "--" };
	GPtrArray *argv = g_ptr_array_new();
	struct ms_hook hook = { .timeout_ms = timeout_ms, .input = -1 };
	struct ms_hook_result result;
	enum ms_status status = ms_hook_input(mail->text->str,
	    mail->text->len, &hook.input, err);

	g_ptr_array_add(argv, (char *)(uintptr_t)config->sendmail);
	for (size_t i = 0; i < G_N_ELEMENTS(before); i++)
		g_ptr_array_add(argv, (char *)(uintptr_t)before[i]);
	for (char **to = mail->to; *to; to++)
		g_ptr_array_add(argv, *to);
	g_ptr_array_add(argv, NULL);
	hook.argv = (const char *const *)argv->pdata;
	if (status == MS_OK) {
		status = ms_hook_run(&hook, &result, err);
		(void)close(hook.input);
	}
	if (status == MS_OK) {
		status = ms_hook_succeeded(&hook, &result, err);
		ms_hook_result_clear(&result);
	}
	g_ptr_array_unref(argv);
	return status;
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
		one = hand_over(config, mails->pdata[i], timeout_ms, err);
		if (one == MS_OK)
			++*count;
		else
			status = one;
	}
	g_ptr_array_unref(mails);
	g_free(text);
	return status;
}
