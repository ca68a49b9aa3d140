#include "base/budget.h"

#include "base/clock.h"

#include <inttypes.h>

void
ms_budget_init(struct ms_budget *budget,
    const struct ms_budget_limits *limits)
{
	*budget = (struct ms_budget){
		.limits = *limits,
		.deadline_ms = ms_clock_ms() + limits->time_ms,
	};
}

enum ms_status
ms_budget_bytes(struct ms_budget *budget, uint64_t size,
    struct ms_error *err)
{
	if (size > budget->limits.total_bytes - budget->bytes) {
		budget->hit = MS_BUDGET_SIZE;
		return ms_error_set(err, MS_E_LIMIT,
		    "more than %" PRIu64 " bytes in all (max-scansize)",
		    budget->limits.total_bytes);
	}
	budget->bytes += size;
	return MS_OK;
}

static enum ms_status
charge_parts(struct ms_budget *budget, uint64_t parts, struct ms_error *err)
{
	if (parts > budget->limits.parts - budget->parts) {
		budget->hit = MS_BUDGET_COUNT;
		return ms_error_set(err, MS_E_LIMIT,
		    "more than %" PRIu64 " parts (max-files)",
		    budget->limits.parts);
	}
	budget->parts += parts;
	return MS_OK;
}

enum ms_status
ms_budget_repeat(struct ms_budget *budget, uint64_t parts, uint64_t size,
    struct ms_error *err)
{
	enum ms_status status = charge_parts(budget, parts, err);

	return status == MS_OK ? ms_budget_bytes(budget, size, err) : status;
}

enum ms_status
ms_budget_part(struct ms_budget *budget, struct ms_error *err)
{
	enum ms_status status = charge_parts(budget, 1, err);

	return status == MS_OK ? ms_budget_time(budget, err) : status;
}

enum ms_status
ms_budget_time(struct ms_budget *budget, struct ms_error *err)
{
	if (ms_clock_ms() < budget->deadline_ms)
		return MS_OK;
	budget->hit = MS_BUDGET_TIME;
	return ms_error_set(err, MS_E_LIMIT,
	    "took more than %" PRId64 " ms (max-scantime)",
	    budget->limits.time_ms);
}

enum ms_status
ms_budget_size(struct ms_budget *budget, uint64_t size,
    struct ms_error *err)
{
	if (size <= budget->limits.part_bytes)
		return MS_OK;
	budget->hit = MS_BUDGET_SIZE;
	return ms_error_set(err, MS_E_LIMIT,
	    "larger than %" PRIu64 " bytes (max-filesize)",
	    budget->limits.part_bytes);
}

enum ms_status
ms_budget_ratio(struct ms_budget *budget, uint64_t stored, uint64_t decoded,
    struct ms_error *err)
{
	if (decoded < MS_BUDGET_RATIO_FROM ||
	    decoded / (stored + 1) < budget->limits.ratio)
		return MS_OK;
	budget->hit = MS_BUDGET_RATIO;
	return ms_error_set(err, MS_E_LIMIT,
	    "unpacks to more than %" PRIu64 " times its size (max-ratio)",
	    budget->limits.ratio);
}

enum ms_status
ms_budget_depth(struct ms_budget *budget, unsigned depth, unsigned max,
    struct ms_error *err)
{
	if (depth <= max)
		return MS_OK;
	budget->hit = MS_BUDGET_DEPTH;
	return ms_error_set(err, MS_E_LIMIT,
	    "nested more than %u levels deep", max);
}
