#ifndef MS_LINEAGE_H
#define MS_LINEAGE_H

#include "scan/facts.h"

/*
 * Which part is in which, by what they are numbered. Paths tell people where
 * a part is; whoever sends a message chooses the names that they are made of,
 * so that nothing may be decided by them.
 */

struct ms_lineage;

/* Of the parts of FACTS, on loan. */
struct ms_lineage *ms_lineage_new(const struct ms_facts *facts);
void ms_lineage_free(struct ms_lineage *lineage);

/* The part that is numbered ID; NULL: none is, or more than one. */
const struct ms_part *ms_lineage_part(const struct ms_lineage *lineage,
    uint32_t id);

/* What it is in; NULL: only in the message, or nobody knows. */
const struct ms_part *ms_lineage_above(const struct ms_lineage *lineage,
    const struct ms_part *part);

/* Is INNER the number of OUTER, or of something in it? */
bool ms_lineage_is_in(const struct ms_lineage *lineage, uint32_t inner,
    const struct ms_part *outer);

#endif
