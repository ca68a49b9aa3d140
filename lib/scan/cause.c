#include "scan/cause.h"

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
