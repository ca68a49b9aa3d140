#include "milter/clauses.h"

#include <glib.h>

struct ms_clauses *
ms_clauses_new(const struct ms_milter_terms *is)
{
	struct ms_clauses *terms = g_new(struct ms_clauses, 1);

	*terms = (struct ms_clauses){ *is, 1 };
	terms->is.service = g_strdup(is->service);
	terms->is.spool.dir = g_strdup(is->spool.dir);
	return terms;
}

void
ms_clauses_drop(struct ms_clauses *terms)
{
	if (!terms || --terms->users > 0)
		return;
	g_free((char *)(uintptr_t)terms->is.service);
	g_free((char *)(uintptr_t)terms->is.spool.dir);
	g_free(terms);
}
