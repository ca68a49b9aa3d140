#ifndef SCAN_ROWS_H
#define SCAN_ROWS_H

#include "scan_options.h"

/* In rows, where the value goes in struct scan_options: any value, one in a
 * range, or one of some choices. */
#define TO(field) offsetof(struct scan_options, field), 0, 0, NULL
#define WITHIN(field, min, max) \
	offsetof(struct scan_options, field), min, max, NULL
#define ONE_OF(field, choices) \
	offsetof(struct scan_options, field), 0, 0, choices

#endif
