#include "serve/witness.h"

#include "serve/chronicle.h"

struct ms_witness {
	struct ms_metrics *metrics;
	struct ms_recorder *recorder;
	const char *name;
	bool ended[MS_SIDES];
};

struct ms_witness *
ms_witness_new(const struct ms_witness_config *config, const char *name,
    const char *client, const char *server)
{
	struct ms_witness *witness = g_new0(struct ms_witness, 1);
	const struct ms_recorder_config recorder = { config->record,
		config->room, name, client, server };

	witness->metrics = config->metrics;
	witness->name = name;
	if (config->record >= 0)
		witness->recorder = ms_recorder_new(&recorder);
	ms_metrics_add(config->metrics, MS_METRICS_SESSIONS, 1);
	ms_metrics_add(config->metrics, MS_METRICS_OPEN_SESSIONS, 1);
	ms_chronicle_tell(MS_LOGENTRY_DEBUG, name, "client %s connects",
	    client);
	return witness;
}

void
ms_witness_free(struct ms_witness *witness)
{
	if (!witness)
		return;
	ms_metrics_less(witness->metrics, MS_METRICS_OPEN_SESSIONS, 1);
	ms_chronicle_tell(MS_LOGENTRY_DEBUG, witness->name, "over");
	ms_recorder_free(witness->recorder);
	g_free(witness);
}

void
ms_witness_said(struct ms_witness *witness,
    const struct ms_witness_words *words)
{
	static const char *const names[2][2] = {
		{ "from-client", "to-client" },
		{ "from-next-hop", "to-next-hop" },
	};

	if (!words->content)
		ms_chronicle_heard(witness->name,
		    names[words->side == MS_PROXY_HOP][words->sent],
		    words->data, words->size);
	if (words->side == MS_PROXY_CLIENT)
		ms_recorder_said(witness->recorder, words->sent ?
		    MS_SIDE_SERVER : MS_SIDE_CLIENT, words->data,
		    words->size);
}

void
ms_witness_secured(struct ms_witness *witness, enum ms_proxy_side side)
{
	ms_chronicle_tell(MS_LOGENTRY_DEBUG, witness->name, "TLS with %s",
	    side == MS_PROXY_CLIENT ? "the client" : "the next hop");
	if (side == MS_PROXY_CLIENT)
		ms_recorder_secured(witness->recorder);
}

void
ms_witness_ended(struct ms_witness *witness, bool ours)
{
	const enum ms_side side = ours ? MS_SIDE_SERVER : MS_SIDE_CLIENT;

	if (!witness->ended[side])
		ms_recorder_ended(witness->recorder, side);
	witness->ended[side] = true;
}

void
ms_witness_count(struct ms_witness *witness, enum ms_metrics_count count)
{
	ms_metrics_add(witness->metrics, count, 1);
}
