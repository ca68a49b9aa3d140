#include "scan/outcome.h"

#include <unistd.h>

static void
free_deed(gpointer data)
{
	struct ms_deed *deed = data;

	g_free(deed->detail);
	g_free(deed);
}

struct ms_outcome *
ms_outcome_new(const struct ms_message *message)
{
	struct ms_outcome *outcome = g_new0(struct ms_outcome, 1);

	ms_message_origin_copy(&outcome->origin, &message->origin);
	outcome->size = message->size;
	outcome->omitted = message->omitted;
	outcome->sha256 = message->sha256;
	outcome->sha256_canonical = message->sha256_canonical;
	ms_facts_init(&outcome->facts);
	outcome->envelope = ms_envelope_copy(message->envelope);
	outcome->deeds = g_ptr_array_new_with_free_func(free_deed);
	outcome->verdict = MS_VERDICT_CLEAN;
	return outcome;
}

static void
free_body(struct ms_body *body)
{
	if (body && body->fd >= 0)
		(void)close(body->fd);
	g_free(body);
}

void
ms_outcome_free(struct ms_outcome *outcome)
{
	if (!outcome)
		return;
	ms_message_origin_clear(&outcome->origin);
	ms_facts_clear(&outcome->facts);
	ms_envelope_free(outcome->envelope);
	g_ptr_array_unref(outcome->deeds);
	free_body(outcome->body);
	free_body(outcome->rewritten);
	g_free(outcome);
}

static struct ms_body *
new_body(int fd, uint64_t size)
{
	struct ms_body *body = g_new0(struct ms_body, 1);

	body->fd = fd;
	body->size = size;
	return body;
}

void
ms_outcome_body(struct ms_outcome *outcome, int fd, uint64_t size)
{
	outcome->body = new_body(fd, size);
}

void
ms_outcome_rewrite(struct ms_outcome *outcome, int fd, uint64_t size)
{
	free_body(outcome->rewritten);
	outcome->rewritten = new_body(fd, size);
}

void
ms_outcome_deed(struct ms_outcome *outcome, const char *action,
    enum ms_deed_state state, const char *detail)
{
	struct ms_deed *deed = g_new0(struct ms_deed, 1);

	deed->action = action;
	deed->state = state;
	deed->detail = g_strdup(detail);
	g_ptr_array_add(outcome->deeds, deed);
}

const char *
ms_outcome_deed_name(enum ms_deed_state state)
{
	static const char *const names[MS_DEED_STATES] = {
		[MS_DEED_DONE] = "done",
		[MS_DEED_PENDING] = "pending",
		[MS_DEED_WOULD] = "would",
		[MS_DEED_FAILED] = "failed",
	};

	return names[state];
}
