#include "capture/handout.h"

#include "capture/addressed.h"

struct ms_handout {
	const struct ms_dialogue *dialogue;
	const struct ms_hearing_ops *ops;
	void *arg;
	struct ms_hearing_mail mail;
	bool open;
	char *why;		/* it is incomplete; NULL: it is not */
	char *refusal;		/* the reply to its DATA */
	GPtrArray *late;	/* see capture/addressed.h */
	char *helo;		/* of an earlier session */
};

struct ms_handout *
ms_handout_new(const struct ms_dialogue *dialogue,
    const struct ms_hearing_ops *ops, void *arg)
{
	struct ms_handout *handout = g_new0(struct ms_handout, 1);

	handout->dialogue = dialogue;
	handout->ops = ops;
	handout->arg = arg;
	handout->late = g_ptr_array_new_with_free_func(g_free);
	return handout;
}

void
ms_handout_free(struct ms_handout *handout)
{
	if (!handout)
		return;
	g_ptr_array_unref(handout->late);
	g_free(handout->why);
	g_free(handout->refusal);
	g_free(handout->helo);
	g_free(handout);
}

void
ms_handout_helo(struct ms_handout *handout, const char *helo)
{
	if (!helo)
		return;
	g_free(handout->helo);
	handout->helo = g_strdup(helo);
}

enum ms_status
ms_handout_begin(struct ms_handout *handout, enum ms_hearing_kind kind,
    int64_t time_us, struct ms_error *err)
{
	enum ms_status status;

	if (handout->open)
		return MS_OK;
	handout->mail.kind = kind;
	handout->mail.number++;
	handout->mail.time_us = time_us;
	status = handout->ops->begin(handout->arg, &handout->mail, err);
	handout->open = status == MS_OK;
	return status;
}

enum ms_status
ms_handout_bytes(void *arg, const void *data, size_t size,
    struct ms_error *err)
{
	const struct ms_handout *handout = arg;

	return size == 0 ? MS_OK :
	    handout->ops->bytes(handout->arg, data, size, err);
}

bool
ms_handout_is_open(const struct ms_handout *handout)
{
	return handout->open;
}

void
ms_handout_lacks(struct ms_handout *handout, const char *why)
{
	if (!handout->why)
		handout->why = g_strdup(why);
}

void
ms_handout_refused(struct ms_handout *handout, char *reply)
{
	g_free(handout->refusal);
	handout->refusal = reply;
}

void
ms_handout_late(struct ms_handout *handout, unsigned place, char *reply)
{
	GPtrArray *late = handout->late;

	g_ptr_array_set_size(late, (gint)MAX(late->len, place + 1));
	g_free(late->pdata[place]);
	late->pdata[place] = reply;
}

enum ms_status
ms_handout_end(struct ms_handout *handout, const struct ms_session *session,
    const char *reply, const char *why, struct ms_error *err)
{
	const struct ms_addressed_more more = { handout->helo,
		handout->refusal ? handout->refusal : reply, handout->late };
	struct ms_envelope *envelope;
	enum ms_status status;

	if (!handout->open)
		return MS_OK;
	envelope = ms_addressed(handout->dialogue, session, &more);
	status = handout->ops->end(handout->arg, &handout->mail, envelope,
	    handout->why ? handout->why : why, err);
	ms_envelope_free(envelope);
	g_clear_pointer(&handout->why, g_free);
	g_clear_pointer(&handout->refusal, g_free);
	g_ptr_array_set_size(handout->late, 0);
	handout->open = false;
	return status;
}
