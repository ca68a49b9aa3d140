#ifndef MS_INVENTORY_H
#define MS_INVENTORY_H

#include "action/quarantine.h"

/* What lies in a quarantine (action/quarantine.h), by name. */

/* What there is under one name. */
struct ms_inventory_name {
	const char *id;		/* of the message; of what is not one of ours:
				 * where it is, below the quarantine */
	bool message, record;
	bool leftover;		/* a temporary file of a store that did not
				 * come to its end */
	bool foreign;		/* nothing that we put there */
};

/* MS_OK: go on; MS_END: stop; else stop with it. */
typedef enum ms_status ms_inventory_visit(void *arg,
    const struct ms_inventory_name *name, struct ms_error *err);

/*
 * Visit all names of the days FROM to TO (YYYYMMDD as a number), the oldest
 * first; what is foreign when its day is visited, or before all days. What
 * VISIT removes and what others add meanwhile does not matter.
 *
 * MS_OK    all were visited, or the visitor stopped
 * MS_E_IO  a directory could not be read
 * other    what the visitor said
 */
enum ms_status ms_inventory_each(struct ms_quarantine *q, unsigned from,
    unsigned to, ms_inventory_visit *visit, void *arg, struct ms_error *err);

/* Remove the leftover with this id, as ms_inventory_each() gave it. */
enum ms_status ms_inventory_sweep(struct ms_quarantine *q, const char *id,
    struct ms_error *err);

#endif
