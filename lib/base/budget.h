#ifndef MS_BUDGET_H
#define MS_BUDGET_H

#include "base/error.h"

#include <stdint.h>

/*
 * What one message may cost, over all nesting: MIME in zip in MIME draws on
 * the same account. Every charge that fails says which limit it was and
 * takes nothing, so that something smaller may still fit.
 */

enum ms_budget_limit {
	MS_BUDGET_NONE,
	MS_BUDGET_SIZE,		/* decoded bytes of one part, or in all */
	MS_BUDGET_TIME,
	MS_BUDGET_MEMORY,	/* set by those who could not get any */
	MS_BUDGET_DEPTH,	/* nesting */
	MS_BUDGET_COUNT,	/* parts */
	MS_BUDGET_RATIO		/* decoded bytes per stored byte */
};

struct ms_budget_limits {
	uint64_t part_bytes;	/* of one part, decoded */
	uint64_t total_bytes;	/* of all parts together */
	uint64_t ratio;		/* decoded to stored, in one container */
	uint64_t parts;
	unsigned mime_depth;
	unsigned archive_depth;
	int64_t time_ms;
};

struct ms_budget {
	struct ms_budget_limits limits;
	uint64_t bytes;		/* charged so far */
	uint64_t parts;
	int64_t deadline_ms;	/* on base/clock's clock */
	enum ms_budget_limit hit;	/* by the latest charge that failed */
};

/* Ratios say nothing about little data, so they count from here on. */
#define MS_BUDGET_RATIO_FROM (8u << 20)

/* A full account whose time starts now. */
void ms_budget_init(struct ms_budget *budget,
    const struct ms_budget_limits *limits);

/* Each: MS_OK, or MS_E_LIMIT with the limit and its value in ERR and
 * BUDGET->hit. Charge before the thing is kept. */

/* SIZE more bytes. */
enum ms_status ms_budget_bytes(struct ms_budget *budget, uint64_t size,
    struct ms_error *err);

/* PARTS more parts of SIZE bytes together, seen before and not looked at
 * again, but there all the same. */
enum ms_status ms_budget_repeat(struct ms_budget *budget, uint64_t parts,
    uint64_t size, struct ms_error *err);

/* One more part; also looks at the clock. */
enum ms_status ms_budget_part(struct ms_budget *budget,
    struct ms_error *err);

/* Is there time left? */
enum ms_status ms_budget_time(struct ms_budget *budget,
    struct ms_error *err);

/* May one part have SIZE bytes? */
enum ms_status ms_budget_size(struct ms_budget *budget, uint64_t size,
    struct ms_error *err);

/* May STORED bytes become DECODED? */
enum ms_status ms_budget_ratio(struct ms_budget *budget, uint64_t stored,
    uint64_t decoded, struct ms_error *err);

/* May something lie DEPTH levels deep, where MAX are allowed? */
enum ms_status ms_budget_depth(struct ms_budget *budget, unsigned depth,
    unsigned max, struct ms_error *err);

#endif
