#include "milter/porter.h"

#include "base/clock.h"
#include "pool/counter.h"

#include <glib.h>

/* An answer needs no time, and a server is not to lose its patience. */
#define ANSWER_MS 5000

/* A service that is started again wants other things soon. */
#define KNOWN_MS 1000

struct ms_porter {
	GMutex mutex;
	struct ms_porter_wants wants;
	int64_t until_ms;	/* they are known so long */
};

struct ms_porter *
ms_porter_new(void)
{
	struct ms_porter *porter = g_new0(struct ms_porter, 1);

	g_mutex_init(&porter->mutex);
	return porter;
}

void
ms_porter_free(struct ms_porter *porter)
{
	if (!porter)
		return;
	g_mutex_clear(&porter->mutex);
	g_free(porter);
}

static enum ms_status
ask(const char *service, enum ms_errand_whom whom,
    const struct ms_counter_question *question, struct ms_errand_gated *gated)
{
	struct ms_error err;

	return ms_counter_gate(service, question, whom, gated, &err);
}

struct ms_porter_wants
ms_porter_wants(struct ms_porter *porter, const char *service)
{
	struct ms_porter_wants wants = { true, true };
	struct ms_envelope *nobody;
	struct ms_errand_gated gated;
	struct ms_counter_question question = { .fd = -1, .door = "milter" };
	bool known;

	g_mutex_lock(&porter->mutex);
	known = ms_clock_ms() < porter->until_ms;
	if (known)
		wants = porter->wants;
	g_mutex_unlock(&porter->mutex);
	if (known)
		return wants;
	question.envelope = nobody = ms_envelope_new(NULL);
	question.deadline_ms = ms_clock_ms() + ANSWER_MS;
	if (ask(service, MS_ERRAND_NOBODY, &question, &gated) == MS_OK) {
		wants.senders = gated.senders;
		wants.recipients = gated.recipients;
		g_free(gated.reply);
	}
	ms_envelope_free(nobody);
	g_mutex_lock(&porter->mutex);
	porter->wants = wants;
	porter->until_ms = ms_clock_ms() + KNOWN_MS;
	g_mutex_unlock(&porter->mutex);
	return wants;
}

char *
ms_porter_ask(const char *service, enum ms_errand_whom whom,
    const struct ms_envelope *envelope, bool authenticated)
{
	const struct ms_counter_question question = { .fd = -1,
		.door = "milter", .authenticated = authenticated,
		.envelope = envelope,
		.deadline_ms = ms_clock_ms() + ANSWER_MS };
	struct ms_errand_gated gated;

	if (ask(service, whom, &question, &gated) != MS_OK)
		return NULL;
	return gated.reply;
}
