#include "replay/acted.h"

static void
clear_surprise(void *data)
{
	struct ms_surprise *surprise = data;

	g_free(surprise->recorded);
	g_free(surprise->received);
	g_free(surprise->reply);
}

struct ms_acted *
ms_acted_new(const struct ms_role *role, uint64_t run, const char *client)
{
	struct ms_acted *acted = g_new0(struct ms_acted, 1);

	acted->role = role;
	acted->run = run;
	acted->client = g_strdup(client);
	acted->surprises = g_array_new(FALSE, TRUE,
	    sizeof(struct ms_surprise));
	g_array_set_clear_func(acted->surprises, clear_surprise);
	return acted;
}

void
ms_acted_free(struct ms_acted *acted)
{
	if (!acted)
		return;
	g_array_unref(acted->surprises);
	g_free(acted->client);
	g_free(acted->failed);
	g_free(acted);
}

void
ms_acted_surprise(struct ms_acted *acted, enum ms_surprise_kind kind,
    char *recorded, char *received, const char *reply)
{
	struct ms_surprise surprise = { kind, recorded, received, NULL };

	if (++acted->count > MS_ACTED_KEPT) {
		clear_surprise(&surprise);
		return;
	}
	surprise.reply = g_strdup(reply);
	g_array_append_val(acted->surprises, surprise);
}
