#ifndef MS_LISTING_H
#define MS_LISTING_H

#include "base/budget.h"
#include "unpack/sniff.h"

#include <stddef.h>

/*
 * The names of files in containers that only the engine opens: it says what is
 * in them, and not what that is called.
 */

struct ms_listing_input {
	const struct ms_sniff_type *type;	/* of kind MS_SNIFF_ENGINE */
	const unsigned char *data;
	size_t size;
	struct ms_budget *budget;
};

/*
 * Call NAME with the names, on loan and without directories, of what is in a
 * CAB (MS-CAB), an ARJ, or an image by ISO 9660, Joliet (both ECMA-119), Rock
 * Ridge (IEEE P1282) or UDF (ECMA-167). Links and deleted files are among them.
 *
 * MS_OK             those that could be read were told
 * MS_E_UNSUPPORTED  nothing here knows the names in this type
 * MS_E_LIMIT        there are more than there may be parts, or no time
 */
enum ms_status ms_listing(const struct ms_listing_input *input,
    void (*name)(void *arg, const char *name), void *arg,
    struct ms_error *err);

#endif
