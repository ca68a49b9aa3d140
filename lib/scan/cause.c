#include "scan/cause.h"

#include <string.h>

enum ms_reason
ms_cause_limit(const struct ms_budget *budget)
{
	static const enum ms_reason reasons[] = {
		[MS_BUDGET_NONE] = MS_REASON_LIMIT_SIZE,
		[MS_BUDGET_SIZE] = MS_REASON_LIMIT_SIZE,
		[MS_BUDGET_TIME] = MS_REASON_LIMIT_TIME,
		[MS_BUDGET_MEMORY] = MS_REASON_LIMIT_MEMORY,
		[MS_BUDGET_DEPTH] = MS_REASON_LIMIT_DEPTH,
		[MS_BUDGET_COUNT] = MS_REASON_LIMIT_COUNT,
		[MS_BUDGET_RATIO] = MS_REASON_LIMIT_RATIO,
	};

	return reasons[budget->hit];
}

enum ms_reason
ms_cause_engine(enum ms_engine_gap gap)
{
	static const enum ms_reason reasons[] = {
		[MS_ENGINE_GAP_SIZE] = MS_REASON_LIMIT_SIZE,
		[MS_ENGINE_GAP_TIME] = MS_REASON_LIMIT_TIME,
		[MS_ENGINE_GAP_MEMORY] = MS_REASON_LIMIT_MEMORY,
		[MS_ENGINE_GAP_DEPTH] = MS_REASON_LIMIT_DEPTH,
		[MS_ENGINE_GAP_COUNT] = MS_REASON_LIMIT_COUNT,
		[MS_ENGINE_GAP_ENCRYPTED] = MS_REASON_ENCRYPTED,
	};

	return reasons[gap];
}

enum ms_reason
ms_cause_status(enum ms_status status, const struct ms_error *why,
    const struct ms_budget *budget)
{
	if (status == MS_E_LIMIT)
		return ms_cause_limit(budget);
	if (status == MS_E_ENCRYPTED)
		return MS_REASON_ENCRYPTED;
	if (status == MS_E_UNSUPPORTED)
		return MS_REASON_UNSUPPORTED;
	if (status == MS_E_IO || status == MS_E_ENGINE)
		return MS_REASON_ENGINE_FAILED;
	if (strstr(why->text, "runcated"))
		return MS_REASON_TRUNCATED;
	return MS_REASON_MALFORMED;
}
