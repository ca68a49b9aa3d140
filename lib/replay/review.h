#ifndef MS_REVIEW_H
#define MS_REVIEW_H

#include "replay/acted.h"
#include "replay/telling.h"

/* What people, scripts and CI are told about clients to whom a recorded server
 * was played: as replay/telling.h, with a line or object for each client. */

struct ms_review;

struct ms_review_totals {
	uint64_t clients, different, failed;
	uint64_t heard, compared, surprises, messages, bytes;
	uint64_t troubles;
};

struct ms_review *ms_review_new(const struct ms_telling_config *config);
void ms_review_free(struct ms_review *review);

/* MS_E_IO: it could not be written. */
enum ms_status ms_review_acted(struct ms_review *review,
    const struct ms_acted *acted, struct ms_error *err);

/* SOURCE could not be read to its end, or nobody be listened to: WHY. */
enum ms_status ms_review_trouble(struct ms_review *review,
    const char *source, const char *why, struct ms_error *err);

const struct ms_review_totals *ms_review_totals(
    const struct ms_review *review);

/* The end of all, after which only ms_review_free() is called. MS_E_IO. */
enum ms_status ms_review_end(struct ms_review *review, int64_t elapsed_ms,
    struct ms_error *err);

#endif
