#ifndef MS_DECODE_H
#define MS_DECODE_H

#include "base/budget.h"
#include "base/spool.h"

#include <stdbool.h>
#include <stddef.h>

/* Content transfer encodings (RFC 2045, 6.7 and 6.8), undone through GMime,
 * or faster where they are as encoders write them. */
struct ms_decode_input {
	const unsigned char *data;
	size_t size;
	bool base64;		/* else quoted-printable */
	struct ms_spool *spool;	/* emptied, then gets the decoded bytes */
	struct ms_budget *budget;
};

/*
 * MS_OK       all of it is in the spool
 * MS_E_LIMIT  as much of it as one part, or the message, may have
 * other       the spool's own failure
 */
enum ms_status ms_decode(const struct ms_decode_input *input,
    struct ms_error *err);

#endif
