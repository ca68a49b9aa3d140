#ifndef MS_POUR_H
#define MS_POUR_H

#include "base/budget.h"
#include "base/spool.h"

#include <stddef.h>

/*
 * Decoded bytes on their way into a spool, a block at a time, each block
 * charged to the budget before it is kept. The first failure stays; what is
 * poured after it is dropped.
 */
struct ms_pour {
	struct ms_spool *spool;
	struct ms_budget *budget;
	struct ms_error *err;
	enum ms_status status;
	size_t used;
	unsigned char bytes[16384];
};

/* Charge SIZE more bytes for SPOOL to BUDGET, then append those at DATA;
 * DATA is NULL if they are in the spool's room already. MS_E_LIMIT: one part
 * may not be as large as that, or the budget is used up; nothing was kept. */
enum ms_status ms_pour_keep(struct ms_spool *spool, struct ms_budget *budget,
    const void *data, size_t size, struct ms_error *err);

/* Empty SPOOL and begin to fill it. ERR is filled on a failure. */
void ms_pour_start(struct ms_pour *pour, struct ms_spool *spool,
    struct ms_budget *budget, struct ms_error *err);

/* Write what is in the block. */
void ms_pour_flush(struct ms_pour *pour);

static inline void
ms_pour_byte(struct ms_pour *pour, unsigned char byte)
{
	if (pour->used == sizeof pour->bytes)
		ms_pour_flush(pour);
	pour->bytes[pour->used++] = byte;
}

/*
 * Everything is poured: *DATA is a loan of it, until the spool is written to
 * again.
 *
 * MS_OK       all of it is there
 * MS_E_LIMIT  larger than one part may be, or the budget is used up
 * MS_E_IO     the spool's failure
 */
enum ms_status ms_pour_end(struct ms_pour *pour, const unsigned char **data,
    size_t *size);

#endif
