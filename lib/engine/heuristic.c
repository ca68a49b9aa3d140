#include "engine/heuristic.h"

#include <glib.h>

static const struct {
	const char *prefix;
	enum ms_engine_gap gap;
	unsigned alerts;	/* that make it a finding, too */
} names[] = {
	{ "Heuristics.Limits.Exceeded.MaxFileSize", MS_ENGINE_GAP_SIZE,
	  MS_ENGINE_ALERT_EXCEEDS_MAX },
	{ "Heuristics.Limits.Exceeded.MaxScanSize", MS_ENGINE_GAP_SIZE,
	  MS_ENGINE_ALERT_EXCEEDS_MAX },
	{ "Heuristics.Limits.Exceeded.MaxScanTime", MS_ENGINE_GAP_TIME,
	  MS_ENGINE_ALERT_EXCEEDS_MAX },
	{ "Heuristics.Limits.Exceeded.MaxRecursion", MS_ENGINE_GAP_DEPTH,
	  MS_ENGINE_ALERT_EXCEEDS_MAX },
	{ "Heuristics.Limits.Exceeded.EmailHeaderBytes", MS_ENGINE_GAP_SIZE,
	  MS_ENGINE_ALERT_EXCEEDS_MAX },
	{ "Heuristics.Limits.Exceeded.", MS_ENGINE_GAP_COUNT,
	  MS_ENGINE_ALERT_EXCEEDS_MAX },
	{ "Heuristics.Encrypted.PDF", MS_ENGINE_GAP_ENCRYPTED,
	  MS_ENGINE_ALERT_ENCRYPTED_DOC },
	{ "Heuristics.Encrypted.", MS_ENGINE_GAP_ENCRYPTED,
	  MS_ENGINE_ALERT_ENCRYPTED_ARCHIVE },
};

bool
ms_heuristic_gap(const char *name, enum ms_engine_gap *gap, unsigned *alerts)
{
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (g_str_has_prefix(name, names[i].prefix)) {
			*gap = names[i].gap;
			*alerts = names[i].alerts;
			return true;
		}
	return false;
}
