#include "message/pour.h"

enum ms_status
ms_pour_keep(struct ms_spool *spool, struct ms_budget *budget,
    const void *data, size_t size, struct ms_error *err)
{
	enum ms_status status = ms_budget_size(budget,
	    ms_spool_size(spool) + size, err);

	if (status == MS_OK)
		status = ms_budget_bytes(budget, size, err);
	if (status == MS_OK && data)
		return ms_spool_write(spool, data, size, err);
	if (status == MS_OK)
		ms_spool_filled(spool, size);
	return status;
}

void
ms_pour_start(struct ms_pour *pour, struct ms_spool *spool,
    struct ms_budget *budget, struct ms_error *err)
{
	pour->spool = spool;
	pour->budget = budget;
	pour->err = err;
	pour->status = MS_OK;
	pour->used = 0;
	ms_spool_clear(spool);
}

void
ms_pour_flush(struct ms_pour *pour)
{
	if (pour->status == MS_OK)
		pour->status = ms_pour_keep(pour->spool, pour->budget,
		    pour->bytes, pour->used, pour->err);
	pour->used = 0;
}

enum ms_status
ms_pour_end(struct ms_pour *pour, const unsigned char **data, size_t *size)
{
	ms_pour_flush(pour);
	if (pour->status != MS_OK)
		return pour->status;
	*size = ms_spool_size(pour->spool);
	return ms_spool_map(pour->spool, data, pour->err);
}
