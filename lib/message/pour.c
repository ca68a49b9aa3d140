#include "message/pour.h"

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
		pour->status = ms_budget_size(pour->budget,
		    ms_spool_size(pour->spool) + pour->used, pour->err);
	if (pour->status == MS_OK)
		pour->status = ms_budget_bytes(pour->budget, pour->used,
		    pour->err);
	if (pour->status == MS_OK && pour->used > 0)
		pour->status = ms_spool_write(pour->spool, pour->bytes,
		    pour->used, pour->err);
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
