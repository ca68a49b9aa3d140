#include "capture/choir.h"

struct ms_choir {
	struct ms_desk *desk;
	GHashTable *by_name;	/* of struct ms_speech *, not owned, */
	GQueue order;		/* but by this: struct voice *, as begun */
	struct ms_speech *speaking;
};

struct voice {
	char *name;
	struct ms_speech *speech;
	GList *link;
};

struct ms_choir *
ms_choir_new(struct ms_desk *desk)
{
	struct ms_choir *choir = g_new0(struct ms_choir, 1);

	choir->desk = desk;
	choir->by_name = g_hash_table_new(g_str_hash, g_str_equal);
	g_queue_init(&choir->order);
	return choir;
}

/* Take VOICE out; its speech is the caller's. */
static struct ms_speech *
take_out(struct ms_choir *choir, struct voice *voice)
{
	struct ms_speech *speech = voice->speech;

	(void)g_hash_table_remove(choir->by_name, voice->name);
	g_queue_delete_link(&choir->order, voice->link);
	g_free(voice->name);
	g_free(voice);
	if (choir->speaking == speech)
		choir->speaking = NULL;
	return speech;
}

void
ms_choir_free(struct ms_choir *choir)
{
	if (!choir)
		return;
	while (choir->order.head)
		ms_speech_free(take_out(choir, choir->order.head->data));
	g_hash_table_unref(choir->by_name);
	g_free(choir);
}

struct ms_speech *
ms_choir_find(struct ms_choir *choir, const char *name)
{
	struct voice *voice = g_hash_table_lookup(choir->by_name, name);

	return voice ? voice->speech : NULL;
}

enum ms_status
ms_choir_start(struct ms_choir *choir, const char *name,
    struct ms_speech **speech, struct ms_error *err)
{
	enum ms_status status = ms_choir_done(choir, name, err);
	struct voice *voice;

	if (status == MS_OK && choir->order.length >= MS_CHOIR_MAX)
		status = ms_choir_all_done(choir,
		    "too many dialogues go on at once in this log", err);
	if (status != MS_OK)
		return status;
	voice = g_new(struct voice, 1);
	voice->name = g_strdup(name);
	voice->speech = *speech = ms_speech_new(choir->desk, true);
	g_queue_push_tail(&choir->order, voice);
	voice->link = choir->order.tail;
	(void)g_hash_table_insert(choir->by_name, voice->name, voice);
	return MS_OK;
}

enum ms_status
ms_choir_say(struct ms_choir *choir, const char *name,
    const struct ms_said *said, struct ms_error *err)
{
	struct ms_speech *speech = ms_choir_find(choir, name);
	enum ms_status status;

	if (!speech || ms_speech_is_new(speech, said->side, said->data,
	    said->size)) {
		status = ms_choir_start(choir, name, &speech, err);
		if (status != MS_OK)
			return status;
	}
	choir->speaking = said->piece->last ? NULL : speech;
	return ms_speech_say(speech, said, err);
}

enum ms_status
ms_choir_more(struct ms_choir *choir, const struct ms_piece *piece,
    struct ms_error *err)
{
	struct ms_speech *speech = choir->speaking;

	if (!speech)
		return MS_OK;
	if (piece->last)
		choir->speaking = NULL;
	return ms_speech_more(speech, piece, err);
}

enum ms_status
ms_choir_done(struct ms_choir *choir, const char *name, struct ms_error *err)
{
	struct voice *voice = g_hash_table_lookup(choir->by_name, name);

	return voice ? ms_speech_done(take_out(choir, voice), NULL, err) :
	    MS_OK;
}

enum ms_status
ms_choir_all_done(struct ms_choir *choir, const char *cut,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;

	while (choir->order.head && status == MS_OK)
		status = ms_speech_done(take_out(choir,
		    choir->order.head->data), cut, err);
	return status;
}
